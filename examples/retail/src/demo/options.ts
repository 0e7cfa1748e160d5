/** The demo's command line. */
import { parseArgs } from 'node:util';
import { processesMax } from '@toolfleet/fleetctl/local';
import { invalid } from '@toolfleet/kernel';

export interface DemoOptions {
  readonly json: boolean;
  /** One process of the fleet is killed every `killEveryMs`. */
  readonly kill: boolean;
  /** Every service its own process, or so many processes of all roles. */
  readonly layout: 'split' | number;
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
  --processes N     N processes that hold all services each (1); with --kill they are killed
  --json            last line of stdout is the result as JSON; all else goes to stderr
  --timeout N       seconds until a session counts as lost (300; with --kill 600)
  --verbose         the fleet's own log lines as well
  --help            this text
`;

export function demoOptionsOf(argv: readonly string[]): DemoOptions {
  const { values } = parsed(argv);
  const { json = false, kill = false, split = false, verbose = false, help = false } = values;
  const seconds = wholeOf('--timeout', values.timeout ?? (kill ? '600' : '300'), 86_400);
  const processes = values.processes === undefined ? undefined : wholeOf('--processes', values.processes, processesMax);
  const layout = split ? 'split' : (processes ?? (kill ? 'split' : 1));
  return { json, kill, layout, verbose, help, deadlineMs: seconds * 1_000 };
}

function wholeOf(option: string, text: string, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw invalid('OPTION_INVALID', `${option} takes a whole number from 1 to ${max}`);
}

function parsed(argv: readonly string[]) {
  const flag = { type: 'boolean' } as const;
  const options = {
    json: flag,
    kill: flag,
    split: flag,
    verbose: flag,
    help: flag,
    processes: { type: 'string' },
    timeout: { type: 'string' },
  } as const;
  try {
    return parseArgs({ args: [...argv], options });
  } catch (cause) {
    throw invalid('OPTION_INVALID', 'Unknown or malformed option', { cause, hint: usage });
  }
}
