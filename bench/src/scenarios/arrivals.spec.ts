import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { arrivalsIn, dueBy, dueMs, quietRate } from './arrivals.js';

describe('the arrivals of an open loop', () => {
  const plan = { perSecond: 20, forMs: 1_000 };

  it('are as many as rate and length make, evenly spaced from the first moment', () => {
    assert.equal(arrivalsIn(plan), 20);
    assert.deepEqual(
      [0, 1, 19].map((index) => dueMs(plan, index)),
      [0, 50, 950],
    );
    assert.deepEqual(
      [-1, 0, 49, 50].map((elapsedMs) => dueBy(plan, elapsedMs)),
      [0, 1, 1, 2],
    );
  });

  it('wait for nobody: a pacer that was held up finds all that were due meanwhile', () => {
    assert.equal(dueBy(plan, 510), 11);
  });

  it('end with the plan', () => {
    assert.equal(dueBy(plan, 5_000), 20);
    assert.equal(arrivalsIn({ perSecond: 0.5, forMs: 1_000 }), 0);
  });
});

describe('the rate of a quiet tenant', () => {
  it('is a tenth of what the fleet can do, within what a minute needs and a slow machine bears', () => {
    assert.deepEqual([400, 155, 3].map(quietRate), [20, 15, 1]);
  });
});
