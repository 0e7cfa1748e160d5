import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OperatorPauses } from './operator-pauses.js';

const pausedOf = (pauses: OperatorPauses) => [0, 1, 2].filter((partition) => pauses.has('t', partition));

test('partitions are paused and resumed one by one or all together', () => {
  const pauses = new OperatorPauses();
  assert.deepEqual(pausedOf(pauses), []);
  pauses.pause('t', [1, 2]);
  pauses.resume('t', [2]);
  assert.deepEqual(pausedOf(pauses), [1]);
  pauses.pause('t');
  assert.deepEqual(pausedOf(pauses), [0, 1, 2]);
  pauses.resume('t', [0]);
  assert.deepEqual(pausedOf(pauses), [1, 2]);
  pauses.pause('t', [0]);
  assert.deepEqual(pausedOf(pauses), [0, 1, 2]);
  pauses.resume('t');
  assert.deepEqual(pausedOf(pauses), []);
});

test('a pause of one topic says nothing about another', () => {
  const pauses = new OperatorPauses();
  pauses.pause('other');
  assert.deepEqual(pausedOf(pauses), []);
});
