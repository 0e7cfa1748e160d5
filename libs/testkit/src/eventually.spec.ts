import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './eventually.js';

test('a wait ends with the first value that is there', async () => {
  let calls = 0;
  const value = await eventually(() => ((calls += 1) < 3 ? undefined : calls), { withinMs: 5_000 });
  assert.equal(value, 3);
});

test('zero and the empty string are values', async () => {
  assert.equal(await eventually(() => 0, { withinMs: 1_000 }), 0);
  assert.equal(await eventually(() => '', { withinMs: 1_000 }), '');
});

test('a check that throws is asked again, and its last error explains the end of the wait', async () => {
  const failure = new Error('still starting');
  const wait = eventually(() => Promise.reject(failure), { withinMs: 60 });
  await assert.rejects(wait, { reason: 'NOT_YET', cause: failure });
});
