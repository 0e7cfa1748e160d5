import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { TransientMap, TransientSet } from './transient.js';

const change = fc.record({ key: fc.nat(60), does: fc.constantFrom('set', 'set', 'delete', 'delete', 'get', 'clear') });

describe('a transient map', () => {
  it('has what a map has, in the same order, whatever comes and goes', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 600 }), (changes) => {
        const [map, transient] = [new Map<number, number>(), new TransientMap<number, number>()];
        for (const [at, { key, does }] of changes.entries()) {
          if (does === 'set') {
            map.set(key, at);
            transient.set(key, at);
          } else if (does === 'delete') assert.equal(transient.delete(key), map.delete(key));
          else if (does === 'get') {
            assert.equal(transient.get(key), map.get(key));
            assert.equal(transient.has(key), map.has(key));
          } else if (at % 10 === 0) {
            map.clear();
            transient.clear();
          }
          assert.equal(transient.size, map.size);
        }
        assert.deepEqual([...transient], [...map]);
        assert.deepEqual([...transient.keys()], [...map.keys()]);
        assert.deepEqual([...transient.values()], [...map.values()]);
      }),
    );
  });

  it('gives every entry to who deletes each one that it gives', () => {
    const transient = new TransientMap<number, number>();
    for (let key = 0; key < 200; key += 1) transient.set(key, key);
    const seen: number[] = [];
    for (const [key] of transient) {
      seen.push(key);
      transient.delete(key);
    }
    assert.equal(seen.length, 200);
    assert.equal(transient.size, 0);
  });
});

describe('a transient set', () => {
  it('has each item once, in the order of their coming', () => {
    const set = new TransientSet<string>();
    for (const item of ['b', 'a', 'b', 'c']) set.add(item);
    assert.deepEqual([...set], ['b', 'a', 'c']);
    assert.equal(set.delete('a'), true);
    assert.equal(set.delete('a'), false);
    assert.deepEqual([[...set], set.size], [['b', 'c'], 2]);
  });
});
