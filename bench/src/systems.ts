/**
 * Who is measured: our fleet in its ways of running, and peers that run the same plans against the same model and tools.
 * The bench sees of each of them only what stands in `RunningSystem`.
 */
import type { LogLine } from '@toolfleet/fleetctl/local';
import type { SessionSource } from './load.js';

/** Executors apart from the rest, one process, two of all roles each, one for each service. */
export const wayNames = ['default', 'one', 'pair', 'split'] as const;
export type Way = (typeof wayNames)[number];

export const wayTitles: Readonly<Record<Way, string>> = {
  default: 'Executors in a process of their own',
  one: 'One process',
  pair: 'Two processes of all services',
  split: 'Every service its own process',
};

/** Cheapest first: the two floors, then what they stand for. */
export const peerNames = ['loop', 'postgres-loop', 'restate', 'dbos', 'langgraph'] as const;
export type PeerName = (typeof peerNames)[number];

export type SystemName = 'toolfleet' | 'toolfleet-one' | 'toolfleet-pair' | 'toolfleet-split' | PeerName;

export function isPeer(name: SystemName): name is PeerName {
  return peerNames.some((each) => each === name);
}

export interface RunningSystem {
  readonly name: SystemName;
  readonly load: SessionSource;
  /** The roots of all that belongs to it, its own Kafka and Postgres included; trees of processes, none within another. */
  processes(): readonly SystemProcess[];
}

export interface SystemProcess {
  readonly name: string;
  readonly pid: number;
  /** Absent where there are no histograms of ours. */
  readonly metricsUrl?: string;
}

export interface StartContext {
  /** Its own and empty. */
  readonly directory: string;
  readonly modelUrl: string;
  readonly toolsUrl: string;
  readonly signal: AbortSignal;
  readonly log: (line: LogLine) => void;
  /** Steps that end what has been started, run in reverse order whether or not the start came to its end. */
  readonly undo: (step: () => Promise<unknown>) => void;
}
