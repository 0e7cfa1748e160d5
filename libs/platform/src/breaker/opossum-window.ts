/**
 * The failure window of a breaker, kept by opossum: its rolling status, rotated by the caller's clock instead of a timer,
 * so that it stays exact while the event loop is late and costs nothing while nobody calls.
 */
import { EventEmitter } from 'node:events';
import type { HealthWindow } from '@toolfleet/kernel';
import CircuitBreaker from 'opossum';

const bucketCount = 5;

export class OpossumWindow implements HealthWindow {
  readonly #clock = new EventEmitter();
  readonly #bucketMs: number;
  readonly #windowMs: number;
  #status: ReturnType<OpossumWindow['newStatus']>;
  #bucket = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
    this.#bucketMs = windowMs / bucketCount;
    this.#status = this.newStatus();
  }

  add(health: 'up' | 'down', nowMs: number): void {
    this.#rotateTo(nowMs);
    this.#status.increment(health === 'up' ? 'successes' : 'failures');
  }

  at(nowMs: number): { readonly up: number; readonly down: number } {
    this.#rotateTo(nowMs);
    const { successes, failures } = this.#status.stats;
    return { up: successes, down: failures };
  }

  clear(): void {
    this.#clock.removeAllListeners();
    this.#status = this.newStatus();
  }

  #rotateTo(nowMs: number): void {
    const bucket = Math.floor(nowMs / this.#bucketMs);
    for (let turns = Math.min(bucket - this.#bucket, bucketCount); turns > 0; turns--) this.#clock.emit('rotate');
    this.#bucket = Math.max(bucket, this.#bucket);
  }

  private newStatus() {
    return CircuitBreaker.newStatus({
      rollingCountBuckets: bucketCount,
      rollingCountTimeout: this.#windowMs,
      rollingPercentilesEnabled: false,
      rotateBucketController: this.#clock,
      // Not in the typings: without it each window emits a snapshot of itself on a timer of its own.
      ...{ enableSnapshots: false },
    }) as unknown as {
      readonly stats: { readonly successes: number; readonly failures: number };
      increment(property: 'successes' | 'failures'): void;
    };
  }
}
