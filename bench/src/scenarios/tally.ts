/** What became of the sessions that an open loop offered: every one of them ends in exactly one of the counts. */
import { problemOf } from '../load.js';
import type { EndedFlight } from '../in-flight.js';
import { percentilesOf } from '../percentiles.js';
import type { Plan } from '../plans.js';
import { rounded } from '../report.js';

export class Tally {
  offered = 0;
  /** Milliseconds of each session that did all of its plan. */
  readonly tookMs: number[] = [];
  /** When those ended. */
  readonly doneAtMs: number[] = [];
  readonly #refused = new Map<string, number>();
  readonly #otherwise = new Map<string, number>();

  ended({ outcome, tookMs }: EndedFlight, plan: Plan, nowMs: number): void {
    const { status, refusal } = outcome;
    if (problemOf(outcome, plan) === undefined) {
      this.tookMs.push(tookMs);
      this.doneAtMs.push(nowMs);
    } else if (status === 'rejected') {
      count(this.#refused, refusal?.reason ?? 'WITHOUT_REASON');
    } else {
      count(this.#otherwise, status);
    }
  }

  get done(): number {
    return this.tookMs.length;
  }

  /** By the reason of the refusal. */
  get refused(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#refused);
  }

  /** Sessions that ended without all of their plan, by status. */
  get otherwise(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#otherwise);
  }

  get unanswered(): number {
    return this.offered - this.done - sum(this.#refused) - sum(this.#otherwise);
  }

  /** What was offered and did not do its plan. */
  get lost(): number {
    return this.offered - this.done;
  }

  percentileMs(rank: number): number {
    return rounded(percentilesOf(this.tookMs, [rank])[0] ?? Number.NaN, 1);
  }
}

export interface LoadedTime {
  readonly fromMs: number;
  readonly toMs: number;
  /** Sessions that run at once from the beginning to the end of it. */
  readonly places: number;
}

/**
 * Sessions done within a time in which all places are taken. One that its end cuts counts by the part of its run that lies before,
 * as in the window of a closed loop: what that part costs belongs to the time. How long a session runs follows from the places and
 * the pace (Little's law); when it was asked for would say how long it waited.
 */
export function workDone(doneAtMs: readonly number[], { fromMs, toMs, places }: LoadedTime): number {
  const whole = doneAtMs.filter((atMs) => atMs >= fromMs && atMs <= toMs).length;
  if (whole === 0) return 0;
  const runMs = (places * (toMs - fromMs)) / whole;
  const cut = doneAtMs.filter((atMs) => atMs > toMs && atMs < toMs + runMs);
  return cut.reduce((work, atMs) => work + 1 - (atMs - toMs) / runMs, whole);
}

const count = (counts: Map<string, number>, key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);
const sum = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((total, each) => total + each, 0);
