/**
 * Two fleets compared: both are up all the time, and one of them has the load, in turn; who was first is second in the next
 * round. The speed of a shared machine moves by half within minutes, which two runs after one another take for what they
 * differ in.
 */
import type { LoadTarget } from '../load.js';
import { measure } from '../measure.js';
import { plans } from '../plans.js';
import { rounded, type BenchRun } from '../report.js';
import { withLoad, type ScenarioContext, type ScenarioFleet } from './scenario.js';

/** Windows of each: as many as still have ten seconds each of a minute. */
const rounds = 6;

export interface Side {
  readonly fleet: ScenarioFleet;
  readonly target: LoadTarget;
}

export type Runs = readonly BenchRun[];

/** The windows of each, which together last as long as a phase. Both are warm. */
export async function inTurn(
  context: ScenarioContext,
  sides: { readonly one: Side; readonly other: Side },
  concurrency: number,
): Promise<{ readonly one: Runs; readonly other: Runs }> {
  const runs = { one: [] as BenchRun[], other: [] as BenchRun[] };
  const forMs = (context.seconds * 1_000) / rounds;
  for (let round = 0; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? (['one', 'other'] as const) : (['other', 'one'] as const)) {
      const { fleet, target } = sides[name];
      // oxlint-disable-next-line no-await-in-loop -- that is the turn
      const run = await withLoad(fleet, target, (bench) => measure(bench, plans.short, concurrency, forMs));
      runs[name].push(run);
    }
  }
  return runs;
}

type Means = Readonly<Record<'sessionsPerS' | 'p50Ms' | 'p99Ms' | 'cpuSPer1000', number>>;

export function mean(runs: Runs, of: (run: BenchRun) => number, digits: number): number {
  return rounded(runs.reduce((sum, run) => sum + of(run), 0) / runs.length, digits);
}

export const meanOf = (runs: Runs): Means => ({
  sessionsPerS: mean(runs, (run) => run.sessionsPerS, 1),
  p50Ms: mean(runs, (run) => run.p50Ms, 1),
  p99Ms: mean(runs, (run) => run.p99Ms, 1),
  cpuSPer1000: mean(runs, (run) => run.cpuSPer1000, 3),
});

/** By process, so that a dearer part is named. */
export function cpuOf(runs: Runs): Readonly<Record<string, number>> {
  const names = Object.keys(runs[0]?.cpuSPer1000ByProcess ?? {});
  return Object.fromEntries(names.map((name) => [name, mean(runs, (run) => run.cpuSPer1000ByProcess[name] ?? 0, 3)]));
}
