/**
 * When the sessions of an open loop are due: evenly spaced, whatever becomes of those before. A pacer that was held up
 * catches up at once, so the offered load is what was asked for.
 */
export interface ArrivalPlan {
  readonly perSecond: number;
  readonly forMs: number;
}

/** Sessions of the whole plan. */
export function arrivalsIn({ perSecond, forMs }: ArrivalPlan): number {
  return Math.floor((perSecond * forMs) / 1_000);
}

/** When the session of this index, from 0, is due after the begin. */
export function dueMs({ perSecond }: ArrivalPlan, index: number): number {
  return (index * 1_000) / perSecond;
}

/** How many are due within the first `elapsedMs`; the first one at once, none after the end of the plan. */
export function dueBy(plan: ArrivalPlan, elapsedMs: number): number {
  if (elapsedMs < 0) return 0;
  return Math.min(arrivalsIn(plan), Math.floor((elapsedMs * plan.perSecond) / 1_000) + 1);
}

/**
 * Load that leaves nearly all of the fleet to others: a tenth of what it can do, so that a slow machine is not at its limit
 * before the trouble begins. Twenty a second show a p99 of a minute, more would only cost.
 */
export function quietRate(canPerSecond: number): number {
  return Math.max(1, Math.min(20, Math.floor(canPerSecond / 10)));
}
