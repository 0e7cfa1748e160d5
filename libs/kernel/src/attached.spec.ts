import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { attached } from './attached.js';

describe('what is attached to an object', () => {
  it('is found by that object alone, until it is replaced or taken away', () => {
    const counts = attached<object, number>();
    const [one, other] = [{ name: 'a' }, { name: 'a' }];
    counts.set(one, 1);
    assert.deepEqual([counts.get(one), counts.get(other)], [1, undefined]);
    counts.set(one, 2);
    assert.equal(counts.get(one), 2);
    counts.set(one, undefined);
    assert.equal(counts.get(one), undefined);
  });

  it('is apart from what else is attached there', () => {
    const [counts, names] = [attached<object, number>(), attached<object, string>()];
    const key = {};
    counts.set(key, 1);
    names.set(key, 'one');
    assert.deepEqual([counts.get(key), names.get(key)], [1, 'one']);
  });

  it('shows nowhere, and is there for arrays and for what is frozen', () => {
    const counts = attached<object, number>();
    const [list, frozen] = [['a'], Object.freeze({ name: 'a' })];
    counts.set(list, 1);
    counts.set(frozen, 2);
    assert.deepEqual([counts.get(list), counts.get(frozen)], [1, 2]);
    assert.deepEqual([JSON.stringify(list), Reflect.ownKeys(frozen)], ['["a"]', ['name']]);
    assert.deepEqual(structuredClone(list), list);
  });
});
