import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backOff, endsWithin } from './waits.js';

test('work that ends in time is told from work that does not, and a failure in time is handed on', async () => {
  assert.equal(await endsWithin(Promise.resolve('done'), 60_000), true);
  assert.equal(await endsWithin(new Promise(() => undefined), 1), false);
  await assert.rejects(endsWithin(Promise.reject(new Error('no')), 60_000), { message: 'no' });
});

test('a pause is over at once when its signal aborts, without a fault', async () => {
  const stopping = new AbortController();
  const pause = backOff(3, { first: 60_000, max: 60_000 }, stopping.signal);
  stopping.abort();
  await pause;
  await backOff(10, { first: 1, max: 2 }, new AbortController().signal);
});
