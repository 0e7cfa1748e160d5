import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Secret } from '../config/secret.js';
import { TokenSeal } from './token-seal.js';

const [first, second] = ['a key of thirty-two characters, 1', 'a key of thirty-two characters, 2'].map(
  (text) => new Secret(text),
) as [Secret, Secret];
const owner = { tenant: 'acme', sessionId: 's1' };
const token = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1MSJ9.ü';
const unreadable = { kind: 'broken', reason: 'TOKEN_UNREADABLE' };

describe('TokenSeal', () => {
  it('opens for its session what it has sealed, and twice the same is sealed in two ways', () => {
    const seal = new TokenSeal([first]);
    const [one, other] = [seal.seal(token, owner), seal.seal(token, owner)];
    assert.equal(seal.open(one, owner), token);
    assert.equal(seal.open(other, owner), token);
    assert.notDeepEqual(one, other);
    assert.ok(!one.includes(token.slice(0, 8)));
  });

  it('opens nothing for another session or tenant', () => {
    const seal = new TokenSeal([first]);
    const sealed = seal.seal(token, owner);
    for (const other of [
      { tenant: 'acme', sessionId: 's2' },
      { tenant: 'acm', sessionId: 'es1' },
    ]) {
      assert.throws(() => seal.open(sealed, other), unreadable);
    }
  });

  it('opens what the key before sealed, and nothing of a key that is gone', () => {
    const sealed = new TokenSeal([first]).seal(token, owner);
    assert.equal(new TokenSeal([second, first]).open(sealed, owner), token);
    assert.throws(() => new TokenSeal([second]).open(sealed, owner), unreadable);
  });

  it('opens nothing that was changed or cut at any place', () => {
    const seal = new TokenSeal([first]);
    const sealed = seal.seal(token, owner);
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at]! ^= 1;
      assert.throws(() => seal.open(changed, owner), unreadable);
      assert.throws(() => seal.open(sealed.subarray(0, at), owner), unreadable);
    }
  });
});
