/**
 * Runs simulated worlds from the command line: `npm run simulate -- --seed 1234 --trace` replays one,
 * `npm run simulate -- --seeds 20000 --from 1` looks for a new failing one. Exits 1 when a rule is broken.
 */
import { argv, exit, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import type { Mutant } from './mutants.js';
import { mutantNames, mutants } from './mutants.js';
import { replayCommand, simulate } from './world.js';

const usage = `npm run simulate -- [--seed N] [--trace] [--seeds COUNT] [--from N] [--mutant NAME]
mutants:\n${mutantNames.map((name) => `  ${name}: ${mutants[name]}`).join('\n')}\n`;

function main(): number {
  const { values } = parseArgs({
    args: argv.slice(2),
    options: {
      seed: { type: 'string' },
      seeds: { type: 'string', default: '2000' },
      from: { type: 'string', default: '1' },
      trace: { type: 'boolean', default: false },
      mutant: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  });
  const unknown = values.mutant.filter((name) => !mutantNames.includes(name as Mutant));
  const first = Number(values.seed ?? values.from);
  const count = values.seed === undefined ? Number(values.seeds) : 1;
  if (values.help || unknown.length > 0 || !Number.isSafeInteger(first) || !Number.isSafeInteger(count)) {
    stdout.write(usage);
    return values.help ? 0 : 2;
  }
  const chosen = values.mutant as Mutant[];
  const totals = { worlds: 0, failed: 0, steps: 0, sessions: 0, calls: 0, effects: 0, indeterminate: 0 };
  for (let seed = first; seed < first + count; seed++) {
    const report = simulate({ seed, mutants: chosen, trace: values.trace });
    if (values.trace) stdout.write(`${report.trace.join('\n')}\n`);
    for (const violation of report.violations) stdout.write(`seed ${seed}: ${violation}\n`);
    if (report.violations.length > 0) stdout.write(`  ${replayCommand(seed, chosen)}\n`);
    totals.worlds++;
    totals.failed += report.violations.length > 0 ? 1 : 0;
    totals.steps += report.steps;
    totals.sessions += report.sessions;
    totals.calls += report.calls;
    totals.effects += report.effects;
    totals.indeterminate += report.indeterminate;
  }
  stdout.write(`${JSON.stringify(totals)}\n`);
  return totals.failed > 0 ? 1 : 0;
}

exit(main());
