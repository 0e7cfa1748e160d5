import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { EventQueue } from './event-queue.js';

test('events come out by time, equal times in the order they were put in', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 200 }), (times) => {
      const queue = new EventQueue(4);
      for (const [subject, atMs] of times.entries()) queue.put(atMs, 1, subject);
      const out: number[] = [];
      while (queue.next()) out.push(queue.subject);
      const expected = [...times.keys()].toSorted((a, b) => times[a]! - times[b]! || a - b);
      assert.deepEqual(out, expected);
    }),
  );
});

test('an event keeps what it was put in with while others come and go', () => {
  const queue = new EventQueue(2);
  for (let round = 0; round < 100; round++) {
    queue.put(round, round % 7, round, round * 3);
    queue.put(round + 0.5, 0, -1, 0);
    assert.ok(queue.next());
    assert.deepEqual([queue.atMs, queue.kind, queue.subject, queue.run], [round, round % 7, round, round * 3]);
    assert.ok(queue.next());
    assert.equal(queue.subject, -1);
  }
  assert.equal(queue.next(), false);
});
