/**
 * An open loop: sessions come when they are due, whether or not those before have ended, as those of many independent
 * clients do. Each is timed from the moment it was due.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { InFlight } from '../in-flight.js';
import { requestOf } from '../load.js';
import type { Plan } from '../plans.js';
import { dueBy, dueMs, type ArrivalPlan } from './arrivals.js';
import { Tally } from './tally.js';

export interface Stream {
  readonly tenant: string;
  readonly agent: string;
  readonly shop: string;
  readonly plan: Plan;
  readonly perSecond: number;
  /** When the first session is due, after the others' first; default 0: in step with them. */
  readonly firstMs?: number;
  /** What is due within so many milliseconds is published together; at least 1, which is the default. */
  readonly lingerMs?: number;
}

export interface OpenLoopOptions {
  readonly flights: InFlight;
  readonly signal: AbortSignal;
}

/**
 * A twentieth of what a session takes at the very least. Between arrivals that are further apart the pacer sleeps, because what it
 * takes of the machine the fleet lacks.
 */
const lingerMsMin = 1;
/**
 * Whoever publishes beyond what is taken lets its producer linger, and sends many requests at once instead of one after another. The
 * producer is part of the load and runs on the fleet's two cores: without it, publishing costs more of them than refusing. In the
 * overload the load costs 0.11 ms of them for each session that is done with 20 ms, and 0.09 with 50.
 */
export const loudLingerMs = 50;
const answeredPollMs = 20;

export class OpenLoop {
  readonly tally = new Tally();

  constructor(
    private readonly stream: Stream,
    private readonly options: OpenLoopOptions,
  ) {}

  /** Resolves when the last session was due, or the next one after `until`; those under way go on. */
  async offer(forMs: number, until?: AbortSignal): Promise<void> {
    const { signal } = this.options;
    const { perSecond, firstMs = 0, lingerMs = lingerMsMin } = this.stream;
    const plan: ArrivalPlan = { perSecond, forMs };
    const beganAtMs = performance.now() + firstMs;
    const isOver = (): boolean => performance.now() - beganAtMs >= forMs || until?.aborted === true;
    for (let [index, batch] = [0, 0]; !isOver(); batch += 1) {
      for (const due = dueBy(plan, performance.now() - beganAtMs); index < due; index += 1) {
        this.#start(beganAtMs + dueMs(plan, index), batch);
      }
      const nextAtMs = beganAtMs + Math.min(dueMs(plan, index), forMs);
      const atMs = Math.max(performance.now() + lingerMs, nextAtMs);
      // Streams that linger alike send together, as one producer does.
      // oxlint-disable-next-line no-await-in-loop -- the pace
      await sleep(Math.ceil(atMs / lingerMs) * lingerMs - performance.now(), undefined, { signal });
    }
  }

  /** Whether every session was answered within the time. */
  async answered(withinMs: number): Promise<boolean> {
    const deadlineAtMs = performance.now() + withinMs;
    while (this.tally.unanswered > 0 && performance.now() < deadlineAtMs) {
      // oxlint-disable-next-line no-await-in-loop -- a bounded wait
      await sleep(answeredPollMs, undefined, { signal: this.options.signal });
    }
    return this.tally.unanswered === 0;
  }

  #start(dueAtMs: number, batch: number): void {
    const { tally } = this;
    const { flights } = this.options;
    tally.offered += 1;
    // What the bus does not take is never answered, and counts as that.
    flights.start(requestOf({ ...this.stream, count: flights.nextCount() }), dueAtMs, batch).then(
      (end) => tally.ended(end, this.stream.plan, performance.now()),
      () => undefined,
    );
  }
}

/** Several streams at once, each with its own tally. */
export async function offerAll(loops: readonly OpenLoop[], forMs: number): Promise<void> {
  await Promise.all(loops.map((loop) => loop.offer(forMs)));
}
