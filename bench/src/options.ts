/** The benchmark's command line. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { invalid } from '@toolfleet/kernel';
import { planNames, type PlanName } from './plans.js';
import { peerNames, wayNames, type PeerName, type Way } from './systems.js';

export interface BenchOptions {
  readonly help: boolean;
  readonly verbose: boolean;
  /** Every hop's part of a session is shown. */
  readonly budget: boolean;
  readonly concurrency: readonly number[];
  readonly seconds: number;
  readonly warmSeconds: number;
  readonly plans: readonly PlanName[];
  readonly ways: readonly Way[];
  /** Run beside ours in the same run; none unless asked for. */
  readonly peers: readonly PeerName[];
  /** Every system has its turn in every pass; the figures are medians of the passes. */
  readonly passes: number;
  readonly catalogDirectory: string;
  readonly json?: string | undefined;
  readonly modelUrl?: string | undefined;
  /** A CPU profile of every service goes here, one folder for each way. */
  readonly profileDirectory?: string | undefined;
}

export const usage = `Usage: npm run bench -- [options]

Starts the fleet on this machine, keeps N sessions going at a time, and says how many end,
how long they take and what they cost, for each way of running, plan and concurrency.

  --concurrency 1,32,256   sessions at a time
  --seconds 15             length of each measured window
  --warm-seconds 60        load before the first window of each fleet
  --plans short,long       3 model turns and 3 calls; 20 turns and 40 calls
  --ways default,split     one process; every service its own process; also pair: two processes
                           of all services; none: only peers
  --peers [restate,dbos]   peers beside it: ${peerNames.join(', ')}; without names all of them
  --passes 1               every system in turn, so many times; figures are medians of the passes
  --json FILE              the figures as JSON
  --model-url URL          an OpenAI-compatible endpoint instead of the stub model
  --catalog DIR            a catalogue instead of bench/catalog
  --profile DIR            a CPU profile of every service
  --budget                 each hop's part of a session, not only their sums
  --verbose                the fleet's own log lines as well
  --help                   this text
`;

const ownCatalog = fileURLToPath(new URL('../catalog', import.meta.url));
const concurrencyMax = 2_048;
/** A pass of all systems with both plans takes 25 minutes: 99 are two days. */
const passesMax = 99;

export function benchOptionsOf(argv: readonly string[]): BenchOptions {
  const values = parsed(argv);
  const directory = (name: string | undefined): string | undefined => (name === undefined ? undefined : resolve(name));
  return {
    help: values.help ?? false,
    verbose: values.verbose ?? false,
    budget: values.budget ?? false,
    concurrency: listOf(values.concurrency ?? '1,32,256').map((text) =>
      numberOf('--concurrency', text, concurrencyMax),
    ),
    seconds: numberOf('--seconds', values.seconds ?? '15', 3_600),
    warmSeconds: numberOf('--warm-seconds', values['warm-seconds'] ?? '60', 3_600),
    plans: listOf(values.plans ?? 'short,long').map((text) => oneOf('--plans', text, planNames)),
    ...systemsOf(values.ways ?? 'default,split', values.peers),
    passes: numberOf('--passes', values.passes ?? '1', passesMax),
    catalogDirectory: directory(values.catalog) ?? ownCatalog,
    json: directory(values.json),
    modelUrl: values['model-url'],
    profileDirectory: directory(values.profile),
  };
}

function systemsOf(ways: string, peers: string | undefined): Pick<BenchOptions, 'ways' | 'peers'> {
  if (ways === 'none' && peers === undefined) {
    throw invalid('OPTION_INVALID', '--ways none leaves nothing to measure without --peers.');
  }
  return {
    ways: ways === 'none' ? [] : listOf(ways).map((text) => oneOf('--ways', text, wayNames)),
    peers: peers === undefined ? [] : listOf(peers).map((text) => oneOf('--peers', text, peerNames)),
  };
}

function parsed(argv: readonly string[]) {
  const flag = { type: 'boolean' } as const;
  const text = { type: 'string' } as const;
  const options = {
    ...{ help: flag, verbose: flag, budget: flag, concurrency: text, seconds: text, 'warm-seconds': text },
    ...{ plans: text, ways: text, peers: text, passes: text },
    ...{ json: text, 'model-url': text, catalog: text, profile: text },
  };
  try {
    return parseArgs({ args: withAllPeers(argv), options }).values;
  } catch (cause) {
    throw invalid('OPTION_INVALID', 'Unknown or malformed option.', { cause, hint: usage });
  }
}

/** `--peers` may stand alone; an option of `parseArgs` has always a value or never. */
function withAllPeers(argv: readonly string[]): string[] {
  const isAlone = (index: number): boolean => argv[index + 1]?.startsWith('--') ?? true;
  return argv.map((word, index) => (word === '--peers' && isAlone(index) ? `--peers=${peerNames.join(',')}` : word));
}

const listOf = (text: string): readonly string[] => text.split(',').map((item) => item.trim());

function numberOf(option: string, text: string, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw invalid('OPTION_INVALID', `${option} takes whole numbers from 1 to ${max}, not "${text}".`);
}

function oneOf<Name extends string>(option: string, text: string, names: readonly Name[]): Name {
  const name = names.find((each) => each === text);
  if (name !== undefined) return name;
  throw invalid('OPTION_INVALID', `${option} takes ${names.join(' and ')}, not "${text}".`);
}
