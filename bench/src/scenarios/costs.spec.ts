import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BudgetRow } from '../budget.js';
import { slowedMs } from './costs.js';

const bus = (part: string, p99Ms: number): BudgetRow => ({ kind: 'bus', part, perSession: 1, meanMs: 1, p99Ms });

describe('the parts of a session that got slower', () => {
  it('are named with what their slowest hundredth takes more, the worst first', () => {
    const before = [bus('inbox', 2), bus('routing', 3), bus('requests', 4)];
    const after = [bus('inbox', 4), bus('routing', 13.5), bus('requests', 3)];
    assert.deepEqual(Object.entries(slowedMs(before, after)), [
      ['bus routing', 10.5],
      ['bus inbox', 2],
    ]);
  });

  it('are not those that were not there before', () => {
    assert.deepEqual(slowedMs([], [bus('outcomes', 5)]), {});
  });

  it('are told of up to five', () => {
    const parts = Array.from({ length: 8 }, (_, index) => String(index));
    const slowed = slowedMs(
      parts.map((part) => bus(part, 1)),
      parts.map((part, index) => bus(part, 2 + index)),
    );
    assert.deepEqual(Object.keys(slowed), ['bus 7', 'bus 6', 'bus 5', 'bus 4', 'bus 3']);
  });
});
