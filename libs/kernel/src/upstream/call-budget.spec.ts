import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CallBudget } from './call-budget.js';

describe('CallBudget', () => {
  it('gives at most one extra attempt for ten calls, at every moment', () => {
    const budget = new CallBudget();
    let extras = 0;
    for (let calls = 1; calls <= 1_000; calls += 1) {
      budget.earn();
      while (budget.spend()) extras += 1;
      assert.ok(extras <= calls / 10);
    }
    assert.equal(extras, 100);
  });

  it('saves up no more than its bound in a long calm', () => {
    const budget = new CallBudget(3);
    for (let calls = 0; calls < 1_000; calls += 1) budget.earn();
    const given = Array.from({ length: 10 }, () => budget.spend());
    assert.equal(given.filter(Boolean).length, 3);
  });
});
