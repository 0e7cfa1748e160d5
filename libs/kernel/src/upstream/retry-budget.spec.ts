import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CallBudget } from './call-budget.js';
import { RetryBudget } from './retry-budget.js';

describe('RetryBudget', () => {
  it('lets a quiet destination be asked again, a few times a second', () => {
    const budget = new RetryBudget(new CallBudget(), 3);
    const given = (nowMs: number, tries = 10) =>
      Array.from({ length: tries }, () => budget.spend(nowMs)).filter((waitMs) => waitMs === 0).length;
    assert.deepEqual([given(1_000), given(1_000), given(2_000), given(60_000)], [3, 0, 3, 3]);
  });

  it('says when to ask again, and keeps to it', () => {
    const budget = new RetryBudget(new CallBudget(), 4);
    for (let retries = 0; retries < 4; retries += 1) assert.equal(budget.spend(0), 0);
    const waitMs = budget.spend(0);
    assert.deepEqual([waitMs, budget.spend(waitMs - 1) > 0, budget.spend(waitMs)], [250, true, 0]);
  });

  it('in an outage the load stays at a tenth above the traffic and the floor, however many want to try again', () => {
    const budget = new RetryBudget(new CallBudget(10), 5);
    let [retries, wanting] = [0, 0];
    for (let nowMs = 0; nowMs < 60_000; nowMs += 10) {
      budget.earn();
      wanting += 1;
      for (let one = wanting; one > 0 && budget.spend(nowMs) === 0; one -= 1) retries += 1;
    }
    const [firsts, floor] = [6_000, 60 * 5 + 5];
    assert.ok(retries <= firsts / 10 + floor, `${retries} retries of ${firsts} first attempts`);
    assert.ok(retries >= firsts / 10, `${retries} retries`);
  });

  it('does not earn by a clock that is set back', () => {
    const budget = new RetryBudget(new CallBudget(), 1);
    assert.equal(budget.spend(10_000), 0);
    assert.ok(budget.spend(0) > 0);
    assert.ok(budget.spend(10_500) > 0);
  });
});
