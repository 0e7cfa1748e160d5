import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OpossumWindow } from './opossum-window.js';

test('a window holds the calls of its length and forgets the oldest a fifth at a time', () => {
  const window = new OpossumWindow(10_000);
  for (const atMs of [0, 1_999, 2_000, 9_999]) window.add('down', atMs);
  window.add('up', 9_999);
  assert.deepEqual(window.at(9_999), { up: 1, down: 4 });
  assert.deepEqual(window.at(10_000), { up: 1, down: 2 });
  assert.deepEqual(window.at(12_000), { up: 1, down: 1 });
  assert.deepEqual(window.at(60_000), { up: 0, down: 0 });
});

test('a cleared window has seen nothing, and counts on', () => {
  const window = new OpossumWindow(10_000);
  window.add('down', 5_000);
  window.clear();
  assert.deepEqual(window.at(5_000), { up: 0, down: 0 });
  window.add('up', 5_001);
  assert.deepEqual(window.at(5_001), { up: 1, down: 0 });
});
