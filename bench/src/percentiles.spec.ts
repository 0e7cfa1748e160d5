import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { percentilesOf } from './percentiles.js';

describe('percentiles', () => {
  it('are measured values by nearest rank, whatever the order they came in', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    assert.deepEqual(percentilesOf(values, [0, 50, 95, 99, 100]), [1, 50, 95, 99, 100]);
  });

  it('of one value are that value, of none are not a number', () => {
    assert.deepEqual(percentilesOf([7], [50, 99]), [7, 7]);
    assert.deepEqual(percentilesOf([], [50]), [Number.NaN]);
  });

  it('sort by number, not by text', () => {
    assert.deepEqual(percentilesOf([9, 10, 100], [50]), [10]);
  });
});
