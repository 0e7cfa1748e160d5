/** A failure window in virtual time, for the circuit's specs: the calls of the last buckets, older ones fall out one by one. */
import type { HealthWindow } from './circuit.js';

const bucketCount = 5;

interface Bucket {
  readonly index: number;
  up: number;
  down: number;
}

export class BucketWindow implements HealthWindow {
  #buckets: Bucket[] = [];

  readonly #bucketMs: number;

  constructor(windowMs: number) {
    this.#bucketMs = windowMs / bucketCount;
  }

  add(health: 'up' | 'down', nowMs: number): void {
    const index = Math.floor(nowMs / this.#bucketMs);
    let bucket = this.#buckets.at(-1);
    if (bucket === undefined || bucket.index < index) {
      bucket = { index, up: 0, down: 0 };
      this.#buckets = [...this.#buckets.slice(1 - bucketCount), bucket];
    }
    bucket[health] += 1;
  }

  at(nowMs: number): { up: number; down: number } {
    const oldest = Math.floor(nowMs / this.#bucketMs) - bucketCount;
    const sum = { up: 0, down: 0 };
    for (const { index, up, down } of this.#buckets) {
      if (index <= oldest) continue;
      sum.up += up;
      sum.down += down;
    }
    return sum;
  }

  clear(): void {
    this.#buckets = [];
  }
}
