import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tokensOf } from './o200k.js';

describe('the count of tokens', () => {
  it('is that of o200k', () => {
    assert.equal(tokensOf('hello world'), 2);
    assert.equal(tokensOf(''), 0);
  });

  it('takes the marks of a model for text', () => {
    assert.ok(tokensOf('<|endoftext|><|im_start|>system') > 5);
  });

  it('is never more than the bytes of a text', () => {
    for (const text of ['é€😀', '\u0000\u0001', '\ud800', 'x'.repeat(70_000), ' \n\t'.repeat(20_000)]) {
      assert.ok(tokensOf(text) <= Buffer.byteLength(text), JSON.stringify(text.slice(0, 10)));
    }
  });
});
