import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isFault } from '../fault.js';
import { partOf } from './part.js';

const orders = JSON.stringify({
  orders: [
    { id: 1, total: 5 },
    { id: 2, total: 50 },
  ],
});
const refusedFor = (reason: string) => (error: unknown) => isFault(error) && error.reason === reason;

describe('a part of a kept answer', () => {
  it('is what a JMESPath expression makes of it', () => {
    assert.equal(partOf(orders, { kind: 'jmespath', expression: 'orders[?total > `10`].id' }), '[2]');
    assert.equal(partOf(orders, { kind: 'jmespath', expression: 'nothing' }), 'null');
  });

  it('is the lines that match a pattern, with their numbers and how many there are', () => {
    const log = Array.from({ length: 500 }, (_, index) => (index % 2 ? `error ${index}` : 'fine')).join('\n');
    const lines = partOf(log, { kind: 'grep', expression: '^err.r' }).split('\n');
    assert.deepEqual(lines.slice(0, 2), ['[250 lines match, the first 200 are shown]', '2: error 1']);
    assert.equal(lines.length, 201);
    assert.equal(partOf(log, { kind: 'grep', expression: 'error 7$' }), '[1 line matches]\n8: error 7');
    assert.equal(partOf(log, { kind: 'grep', expression: 'none' }), '[0 lines match]');
  });

  it('is refused for an expression that is none, and for JMESPath on a text', () => {
    assert.throws(() => partOf(orders, { kind: 'jmespath', expression: 'orders[' }), refusedFor('EXPRESSION_INVALID'));
    assert.throws(() => partOf(orders, { kind: 'grep', expression: '(a' }), refusedFor('EXPRESSION_INVALID'));
    assert.throws(() => partOf('text', { kind: 'jmespath', expression: 'a' }), refusedFor('ARTIFACT_NOT_JSON'));
  });
});
