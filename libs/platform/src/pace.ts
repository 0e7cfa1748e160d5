/**
 * A pace for requests to a broker or a database. On a busy event loop the requests of a stream keep a distance, so that each
 * carries more: a request to a broker costs 0.4 ms of CPU here and as much in the broker, a record in it hardly anything. On a
 * loop with time to spare, and for a request that comes alone, nothing waits. At 256 sessions at once a session costs a
 * quarter less CPU by the pace of Kafka's requests, at one at a time nothing changes (`npm run bench -- --ways default`).
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

const distanceMsMax = 10;
/**
 * Of the event loop's time: below the first nothing waits, from the second on it is the whole distance. What the requests cost
 * is then still free, and after half a second of 60 % every hop of a session that has nothing to do with it would be longer.
 */
const busy = { from: 0.5, to: 0.8 } as const;
/** What a stream has not used of its pace in this time it may use at once. */
const burstMs = 50;
const windowMs = 500;

/** How much of its last half second this thread's event loop was busy, 0 to 1. */
class LoopLoad {
  #since = performance.eventLoopUtilization();
  #sinceMs = performance.now();
  #load = 0;

  at(nowMs: number): number {
    if (nowMs - this.#sinceMs >= windowMs) {
      const now = performance.eventLoopUtilization();
      this.#load = performance.eventLoopUtilization(now, this.#since).utilization;
      this.#since = now;
      this.#sinceMs = nowMs;
    }
    return this.#load;
  }
}

const ownLoop = new LoopLoad();

export class Pace {
  #nextAtMs = 0;

  constructor(private readonly loadAt = (nowMs: number) => ownLoop.at(nowMs)) {}

  /** When the next request may go; undefined: now. */
  turn(): Promise<void> | undefined {
    const waitMs = this.waitMs(performance.now());
    return waitMs < 1 ? undefined : sleep(waitMs);
  }

  /** How long a request that is due at `nowMs` waits; it counts as sent then. */
  waitMs(nowMs: number): number {
    const atMs = Math.max(this.#nextAtMs, nowMs - burstMs);
    this.#nextAtMs = atMs + distanceMs(this.loadAt(nowMs));
    return Math.max(0, atMs - nowMs);
  }
}

function distanceMs(load: number): number {
  const part = (load - busy.from) / (busy.to - busy.from);
  return distanceMsMax * Math.min(1, Math.max(0, part));
}
