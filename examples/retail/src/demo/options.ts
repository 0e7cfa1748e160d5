/** The demo's command line. */
import { parseArgs } from 'node:util';
import { invalid } from '@toolfleet/kernel';

export interface DemoOptions {
  readonly json: boolean;
  /** Every service as its own process, one of them killed every `killEveryMs`. */
  readonly kill: boolean;
  readonly split: boolean;
  readonly verbose: boolean;
  readonly help: boolean;
  readonly deadlineMs: number;
}

export const killEveryMs = 2_000;

export const usage = `Usage: npm run demo -- [options]

Starts the fleet on this machine (Kafka, Postgres, every service), publishes 114 recorded
customers of a shop as session requests, and compares every final state with the recorded one.

  --kill            every service its own process, a random one killed every 2 s
  --split           every service its own process
  --json            last line of stdout is the result as JSON; all else goes to stderr
  --timeout N       seconds until a session counts as lost (300; with --kill 600)
  --verbose         the fleet's own log lines as well
  --help            this text
`;

export function demoOptionsOf(argv: readonly string[]): DemoOptions {
  const { values } = parsed(argv);
  const { json = false, kill = false, split = false, verbose = false, help = false, timeout } = values;
  const seconds = Number(timeout ?? (kill ? 600 : 300));
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 86_400) {
    throw invalid('OPTION_INVALID', '--timeout takes whole seconds from 1 to 86400');
  }
  return { json, kill, split: split || kill, verbose, help, deadlineMs: seconds * 1_000 };
}

function parsed(argv: readonly string[]) {
  const flag = { type: 'boolean' } as const;
  const options = {
    json: flag,
    kill: flag,
    split: flag,
    verbose: flag,
    help: flag,
    timeout: { type: 'string' },
  } as const;
  try {
    return parseArgs({ args: [...argv], options });
  } catch (cause) {
    throw invalid('OPTION_INVALID', 'Unknown or malformed option', { cause, hint: usage });
  }
}
