/**
 * `npm run eval`: folders of recordings through the fleet on this machine, every call and every answer compared. Exits 0
 * only when nothing was stuck, lost, run twice or answered otherwise than recorded.
 */
import { writeFile } from 'node:fs/promises';
import { formatLogLine, type LogLine } from '@toolfleet/fleetctl/local';
import { chainOf, faultOf, invalid } from '@toolfleet/kernel';
import colors from 'picocolors';
import { evaluate } from './evaluate.js';
import { evalOptionsOf, usage, type EvalOptions } from './options.js';
import { figureLines, problemLines, tableOf, type EvalReport } from './report.js';
import { Screen } from './screen.js';

/** The last log lines are shown when the fleet does not come up. */
const keptLines = 30;
const screen = new Screen(process.stderr);

try {
  const options = evalOptionsOf(process.argv.slice(2));
  if (options.help) process.stdout.write(usage);
  else await run(options);
} catch (error) {
  const { kind, reason, message, hint } = faultOf(error);
  screen.problem(`eval: ${message} (${reason})${hint === undefined ? '' : `\n${hint}`}`);
  if (kind === 'broken') screen.problem(chainOf(error).join('\n  caused by '));
  process.exitCode = 1;
}

async function run(options: EvalOptions): Promise<void> {
  const interrupted = new AbortController();
  const onSignal = (): void => interrupted.abort(invalid('INTERRUPTED', 'Interrupted.'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, onSignal);
  const recent: string[] = [];
  const log = (line: LogLine): void => {
    const text = formatLogLine(line, colors.isColorSupported);
    if (options.verbose) return screen.say(text);
    recent.push(text);
    if (recent.length > keptLines) recent.shift();
  };
  let report: EvalReport;
  try {
    report = await evaluate({
      ...{ folders: options.folders, limit: options.limit, log, signal: interrupted.signal },
      say: (text) => screen.note(text),
      onProgress: (done, all) => screen.progress(done, all),
    });
  } catch (error) {
    for (const text of recent) screen.say(text);
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
