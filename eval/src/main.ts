/**
 * `npm run eval`: folders of recordings through the fleet on this machine, every call and every answer compared. Exits 0
 * only when nothing was stuck, lost, run twice or answered otherwise than recorded.
 */
import { writeFile } from 'node:fs/promises';
import { RecentLines, tellFailure } from '@toolfleet/fleetctl/local';
import { invalid } from '@toolfleet/kernel';
import colors from 'picocolors';
import { evaluate } from './evaluate.js';
import { evalOptionsOf, usage, type EvalOptions } from './options.js';
import { figureLines, problemLines, tableOf, type EvalReport } from './report.js';
import { EvalScreen } from './screen.js';

const screen = new EvalScreen(process.stderr);

try {
  const options = evalOptionsOf(process.argv.slice(2));
  if (options.help) process.stdout.write(usage);
  else await run(options);
} catch (error) {
  tellFailure(screen, 'eval', error);
  process.exitCode = 1;
}

async function run(options: EvalOptions): Promise<void> {
  const interrupted = new AbortController();
  const onSignal = (): void => interrupted.abort(invalid('INTERRUPTED', 'Interrupted.'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, onSignal);
  const recent = new RecentLines(screen, options.verbose);
  let report: EvalReport;
  try {
    report = await evaluate({
      ...{ folders: options.folders, limit: options.limit, signal: interrupted.signal },
      log: (line) => recent.add(line),
      say: (text) => screen.note(text),
      onProgress: (done, all) => screen.sessions(done, all),
    });
  } catch (error) {
    recent.show();
    throw error;
  }
  show(report);
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
  if (!report.isRight) process.exitCode = 1;
}

function show({ folders, isRight, seconds }: EvalReport): void {
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  for (const folder of folders) for (const line of figureLines(folder)) say(line);
  say('');
  for (const line of tableOf(folders)) say(line);
  for (const folder of folders) for (const line of problemLines(folder)) say(colors.red(line));
  const skipped = folders.filter(({ status }) => status === 'skipped').length;
  const verdict = isRight
    ? colors.green('Everything ended as recorded.')
    : colors.red('Not everything ended as recorded.');
  say(`${verdict} ${folders.length} folders, ${skipped} skipped, ${seconds} s.`);
}
