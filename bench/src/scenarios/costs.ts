/** What a phase of a scenario cost the fleet, so that a tenant that gets slower finds out what it has lost. */
import { budgetOf, readBudget, type BudgetRow } from '../budget.js';
import { cpuSpent, readCpuSeconds } from '../cpu.js';
import { groupsOf } from '../measure.js';
import { rounded } from '../report.js';
import { restartedSince, type ScenarioFleet } from './scenario.js';

export interface PhaseCosts {
  /** Kept busy, Kafka and Postgres included; NaN when a process was restarted, which took its time with it. */
  readonly cores: number;
  /** Every hop, statement and call, whoever's session it was for. */
  readonly parts: readonly BudgetRow[];
}

const slowedShown = 5;

export async function withCosts<T>(fleet: ScenarioFleet, work: () => Promise<T>): Promise<PhaseCosts & { value: T }> {
  const { system } = fleet;
  const groups = groupsOf(system);
  const budget = await readBudget(system.processes());
  const before = readCpuSeconds(groups);
  const beganAtMs = performance.now();
  const value = await work();
  const seconds = (performance.now() - beganAtMs) / 1_000;
  const isWhole = restartedSince(groups, fleet) === 0;
  const spent = isWhole ? Object.values(cpuSpent(before, readCpuSeconds(groups))) : [Number.NaN];
  const cores = rounded(spent.reduce((sum, each) => sum + each, 0) / seconds, 2);
  return { value, cores, parts: budgetOf(budget, await readBudget(system.processes()), 1) };
}

/** The parts whose p99 rose most, by how many milliseconds; what there was none of before is no part that got slower. */
export function slowedMs(before: readonly BudgetRow[], after: readonly BudgetRow[]): Readonly<Record<string, number>> {
  const nameOf = ({ kind, part }: BudgetRow): string => `${kind} ${part}`;
  const tails = new Map(before.map((row) => [nameOf(row), row.p99Ms]));
  const slowed = after
    .map((row) => [nameOf(row), rounded(row.p99Ms - (tails.get(nameOf(row)) ?? Number.NaN), 1)] as const)
    .filter(([, ms]) => ms > 0)
    .toSorted(([, a], [, b]) => b - a);
  return Object.fromEntries(slowed.slice(0, slowedShown));
}
