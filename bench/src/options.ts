/** The benchmark's command line. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { invalid } from '@toolfleet/kernel';
import { planNames, type PlanName } from './plans.js';
import { scenarioNames, type ScenarioName } from './scenarios/scenario-names.js';
import { peerNames, wayNames, type PeerName, type Way } from './systems.js';

export interface BenchOptions {
  readonly help: boolean;
  readonly verbose: boolean;
  /** Every hop's part of a session is shown. */
  readonly budget: boolean;
  readonly concurrency: readonly number[];
  /** Of each measured window, or of each phase of a scenario that is measured. */
  readonly seconds: number;
  readonly warmSeconds: number;
  readonly plans: readonly PlanName[];
  readonly ways: readonly Way[];
  /** Run beside ours in the same run; none unless asked for. */
  readonly peers: readonly PeerName[];
  /** Every system, or every scenario, has its turn in every pass; the figures are medians of the passes. */
  readonly passes: number;
  /** Run instead of the benchmark's own plans, on the first of the ways; none unless asked for. */
  readonly scenarios: readonly ScenarioName[];
  /** Of each kind in the scenario of that name. */
  readonly cancels: number;
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
  --seconds 15             length of each measured window; of a scenario's measured phases 60
  --warm-seconds 60        load before the first window of each fleet
  --plans short,long       3 model turns and 3 calls; 20 turns and 40 calls
  --ways default,split     executors in a process of their own; every service in one of its own; also
                           one: one process; pair: two of all services; none: only peers
  --peers [restate,dbos]   peers beside it: ${peerNames.join(', ')}; without names all of them
  --scenarios [overload]   pressure instead of the plans: ${scenarioNames.join(', ')}; without names all of them
  --cancels 100            sessions of each kind that the scenario cancel cancels
  --passes 1               every system or scenario in turn, so many times; figures are medians of the passes
  --json FILE              the figures as JSON
  --model-url URL          an OpenAI-compatible endpoint instead of the stub model
  --catalog DIR            a catalogue instead of bench/catalog
  --profile DIR            a CPU profile of every service, and its flame graph
  --budget                 each hop's part of a session, not only their sums
  --verbose                the fleet's own log lines as well
  --help                   this text
`;

const ownCatalog = fileURLToPath(new URL('../catalog', import.meta.url));
/** A minute shows 1,200 sessions of a quiet tenant, whose p99 is then the twelfth slowest. */
const secondsOf = { plans: '15', scenarios: '60' };
const concurrencyMax = 2_048;
/** A pass of all systems with both plans takes 25 minutes: 99 are two days. */
const passesMax = 99;

export function benchOptionsOf(argv: readonly string[]): BenchOptions {
  const values = parsed(argv);
  const scenarios =
    values.scenarios === undefined
      ? []
      : listOf(values.scenarios).map((text) => oneOf('--scenarios', text, scenarioNames));
  const directory = (name: string | undefined): string | undefined => (name === undefined ? undefined : resolve(name));
  return {
    help: values.help ?? false,
    verbose: values.verbose ?? false,
    budget: values.budget ?? false,
    concurrency: listOf(values.concurrency ?? '1,32,256').map((text) =>
      numberOf('--concurrency', text, concurrencyMax),
    ),
    seconds: numberOf('--seconds', values.seconds ?? secondsOf[scenarios.length === 0 ? 'plans' : 'scenarios'], 3_600),
    warmSeconds: numberOf('--warm-seconds', values['warm-seconds'] ?? '60', 3_600),
    plans: listOf(values.plans ?? 'short,long').map((text) => oneOf('--plans', text, planNames)),
    ...systemsOf(values.ways ?? 'default,split', values.peers),
    scenarios,
    cancels: numberOf('--cancels', values.cancels ?? '100', 100_000),
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
    ...{ scenarios: text, cancels: text },
    ...{ json: text, 'model-url': text, catalog: text, profile: text },
  };
  try {
    return parseArgs({ args: withAllNames(argv), options }).values;
  } catch (cause) {
    throw invalid('OPTION_INVALID', 'Unknown or malformed option.', { cause, hint: usage });
  }
}

const allNames: Readonly<Record<string, readonly string[]>> = { '--peers': peerNames, '--scenarios': scenarioNames };

/** Options of names may stand alone for all of them; an option of `parseArgs` has always a value or never. */
function withAllNames(argv: readonly string[]): string[] {
  const isAlone = (index: number): boolean => argv[index + 1]?.startsWith('--') ?? true;
  return argv.map((word, index) => {
    const names = allNames[word];
    return names !== undefined && isAlone(index) ? `${word}=${names.join(',')}` : word;
  });
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
