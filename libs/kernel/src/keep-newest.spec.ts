import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepNewest } from './keep-newest.js';

test('beyond its bound a map forgets the entry that was added longest ago, and adding again counts as new', () => {
  const map = new Map<string, number>();
  for (const [key, value] of [
    ['a', 1],
    ['b', 2],
    ['a', 3],
    ['c', 4],
  ] as const)
    keepNewest(map, key, value, 2);
  assert.deepEqual(
    [...map],
    [
      ['a', 3],
      ['c', 4],
    ],
  );
});
