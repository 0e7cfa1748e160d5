import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { conflictKeyOf } from './conflict-key.js';

describe('a conflict key', () => {
  it('is the template filled with the arguments', () => {
    assert.equal(conflictKeyOf('order:{id}/{line}', { id: 'W1', line: 2 }, 's'), 'order:W1/2');
  });

  it('is the session’s own where the tool names no resource', () => {
    assert.equal(conflictKeyOf(undefined, { id: 1 }, 's'), 's');
    assert.equal(conflictKeyOf('', { id: 1 }, 's'), 's');
  });

  it('takes an argument that is missing for empty', () => {
    assert.equal(conflictKeyOf('order:{id}', {}, 's'), 'order:');
    assert.equal(conflictKeyOf('order:{constructor}', {}, 's'), 'order:');
  });

  it('takes dollar signs and braces of an argument as they are', () => {
    assert.equal(conflictKeyOf('{a}', { a: '$& {b}', b: 'x' }, 's'), '$& {b}');
  });

  it('is short, and equal for equal arguments, whatever they hold', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (id) => {
        const key = conflictKeyOf('order:{id}', { id }, 's');
        assert.ok(key.length <= 200);
        assert.equal(key, conflictKeyOf('order:{id}', { id: structuredClone(id) }, 's'));
      }),
    );
    assert.match(conflictKeyOf('{id}', { id: 'x'.repeat(201) }, 's'), /^sha256:[0-9a-f]{64}$/);
  });
});
