import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { orderIdChars, orderIdOf, plans } from './plans.js';

describe('plans', () => {
  it('the short plan is two reads at once, one write and an answer: 3 turns and 3 calls', () => {
    const { toolTurns, turns, calls, steps } = plans.short;
    assert.deepEqual(toolTurns, [['get_customer', 'get_order'], ['update_order']]);
    assert.deepEqual({ turns, calls, steps }, { turns: 3, calls: 3, steps: 6 });
  });

  it('the long plan is 20 turns and 40 calls, and a write is always alone in its turn', () => {
    const { toolTurns, turns, calls, steps } = plans.long;
    assert.deepEqual({ turns, calls, steps }, { turns: 20, calls: 40, steps: 60 });
    for (const turn of toolTurns) if (turn.includes('update_order')) assert.equal(turn.length, 1);
    assert.equal(toolTurns.flat().every(Boolean), true);
  });

  it('order ids have one length and differ', () => {
    const ids = [0, 1, 35, 36, 1_000_000_000].map(orderIdOf);
    assert.equal(new Set(ids).size, ids.length);
    for (const id of ids) assert.equal(id.length, orderIdChars);
  });
});
