import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pace } from './pace.js';

/** Of requests that are due at these times, when each goes. */
function goAtMs(load: number, dueAtMs: readonly number[]): number[] {
  const pace = new Pace(() => load);
  return dueAtMs.map((atMs) => atMs + pace.waitMs(atMs));
}

const every = (ms: number, count: number): number[] => Array.from({ length: count }, (_, index) => 1_000 + index * ms);

test('on a loop with time to spare no request waits', () => {
  const due = every(1, 200);
  assert.deepEqual(goAtMs(0.5, due), due);
});

test('on a busy loop a stream of requests keeps a distance of 10 ms, after a burst', () => {
  const went = goAtMs(0.9, every(1, 200));
  assert.deepEqual(went.slice(0, 5), every(1, 5));
  assert.equal(went.at(-1)! - went.at(-101)!, 100 * 10);
});

test('the distance grows with the load', () => {
  const went = goAtMs(0.65, every(1, 200));
  assert.equal(Math.round(went.at(-1)! - went.at(-101)!), 100 * 5);
});

test('on a busy loop a request that comes alone does not wait', () => {
  const due = every(20, 50);
  assert.deepEqual(goAtMs(1, due), due);
});
