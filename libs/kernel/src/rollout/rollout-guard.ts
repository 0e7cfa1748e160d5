/**
 * Whether a version is taken back: what was counted of it since its rollout began, against the current version over the same
 * time. Counts only grow, so what was there at the beginning is taken off.
 */
import type { RolloutSpec } from './rollout.js';

/** Of one version, of all tenants and agents. */
export interface VersionCounts {
  /** Let through, or sent to people. */
  readonly calls: number;
  readonly failures: number;
  /** That ended at an executor, however they did, and how long they took together. */
  readonly runs: number;
  readonly latencyMs: number;
}

/** By version. */
export type CountsByVersion = Readonly<Record<string, VersionCounts>>;

const nothing: VersionCounts = { calls: 0, failures: 0, runs: 0, latencyMs: 0 };

/** Of the calls of both versions since the rollout began, how many times the current one's its failures and its time are. */
export interface RolloutFigures {
  readonly calls: number;
  readonly errorTimes: number;
  readonly latencyTimes: number;
}

/** Below it a rate says nothing: without a single failure of the current version, one in a hundred is not too many. */
const errorRateLeast = 0.01;
/** Below it nobody notices how many times longer something takes. */
const latencyMsLeast = 20;

/** Counts of versions at the beginning, and now. */
export interface RolloutCounts {
  readonly before: CountsByVersion;
  readonly now: CountsByVersion;
}

export function rolloutFigures(canary: string, current: string, counts: RolloutCounts): RolloutFigures {
  const [one, other] = [since(canary, counts), since(current, counts)];
  return {
    calls: one.calls,
    errorTimes: rateOf(one) / Math.max(rateOf(other), errorRateLeast),
    latencyTimes: meanOf(one) / Math.max(meanOf(other), latencyMsLeast),
  };
}

function since(version: string, { before, now }: RolloutCounts): VersionCounts {
  const [first, last] = [before[version] ?? nothing, now[version] ?? nothing];
  const grown = (field: keyof VersionCounts) => Math.max(0, last[field] - first[field]);
  return { calls: grown('calls'), failures: grown('failures'), runs: grown('runs'), latencyMs: grown('latencyMs') };
}

const rateOf = ({ calls, failures }: VersionCounts): number => (calls === 0 ? 0 : Math.min(1, failures / calls));
const meanOf = ({ runs, latencyMs }: VersionCounts): number => (runs === 0 ? 0 : latencyMs / runs);

export type GuardBreach = 'errors' | 'latency';

/** What of a guard is broken; absent: nothing, or too little is known. */
export function guardBreach({ guard }: Pick<RolloutSpec, 'guard'>, figures: RolloutFigures): GuardBreach | undefined {
  if (!guard || figures.calls < guard.callsMin) return undefined;
  if (figures.errorTimes > guard.errorTimes) return 'errors';
  return figures.latencyTimes > (guard.latencyTimes ?? Infinity) ? 'latency' : undefined;
}
