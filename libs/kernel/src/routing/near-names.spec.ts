import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nearNames } from './near-names.js';

const names = ['get_order_details', 'cancel_order', 'find_user', 'calculate'];

describe('near names', () => {
  it('see through case, separators and prefixes', () => {
    assert.equal(nearNames('functions.getOrderDetails', names)[0], 'get_order_details');
    assert.equal(nearNames('CANCEL-ORDER', names)[0], 'cancel_order');
  });

  it('see through a typing error', () => {
    assert.equal(nearNames('canceld_order', names)[0], 'cancel_order');
  });

  it('leave out what is far away', () => {
    assert.deepEqual(nearNames('play_some_music_for_me_now', names), []);
  });

  it('are three at most, nearest first, and fast for a name of any length', () => {
    const many = Array.from({ length: 300 }, (_, index) => `tool_${index}`);
    assert.deepEqual(nearNames('tool_1', many), ['tool_1', 'tool_0', 'tool_10']);
    const startedMs = performance.now();
    nearNames('x'.repeat(1_000_000), many);
    assert.ok(performance.now() - startedMs < 2_000);
  });
});
