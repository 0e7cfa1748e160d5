import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import { collector } from '@toolfleet/testkit';
import type { Tracked } from './offset-tracker.js';
import { OffsetTracker } from './offset-tracker.js';

const record = (offset: number, takenAtMs = 0): Tracked => ({ offset, takenAtMs, place: -1 });

test('the group may commit up to the lowest unfinished record and no further', () => {
  const tracker = new OffsetTracker();
  const [a, b, c] = [record(5), record(6), record(7)];
  for (const each of [a, b, c]) tracker.take(each);
  assert.equal(tracker.finish(c), false);
  assert.equal(tracker.finish(b), false);
  assert.deepEqual([tracker.committable, tracker.gap], [5, 3]);
  assert.equal(tracker.finish(a), true);
  assert.deepEqual([tracker.committable, tracker.gap], [8, 0]);
});

test('a redelivered record is recognised while in hand and after it finished', () => {
  const tracker = new OffsetTracker();
  const first = record(0);
  assert.equal(tracker.take(first), true);
  assert.equal(tracker.take(record(0)), false);
  tracker.finish(first);
  assert.equal(tracker.take(record(0)), false);
  assert.equal(tracker.take(record(1)), true);
});

test('holes in the log do not hold the commit back', () => {
  const tracker = new OffsetTracker();
  const [a, b] = [record(3), record(9)];
  tracker.take(a);
  tracker.take(b);
  tracker.skipTo(12);
  tracker.finish(a);
  assert.equal(tracker.committable, 9);
  tracker.finish(b);
  assert.equal(tracker.committable, 12);
});

test('the oldest is the lowest unfinished record', () => {
  const tracker = new OffsetTracker();
  const [a, b] = [record(0, 100), record(1, 400)];
  tracker.take(a);
  tracker.take(b);
  assert.equal(tracker.oldest, a);
  tracker.finish(a);
  assert.equal(tracker.oldest, b);
  tracker.finish(b);
  assert.equal(tracker.oldest, undefined);
});

test('in any order of finishing, committable is the lowest unfinished offset', () => {
  const plan = fc.array(fc.tuple(fc.nat(3), fc.nat()), { minLength: 1, maxLength: 3_000 });
  fc.assert(
    fc.property(plan, (entries) => {
      const tracker = new OffsetTracker();
      let offset = 0;
      const records = entries.map(([hole]) => {
        offset += hole;
        return record(offset++);
      });
      for (const each of records) tracker.take(each);
      const order = records.map((each, index) => ({ each, rank: entries[index]?.[1] ?? 0 }));
      const open = new Set(records);
      for (const { each } of order.toSorted((a, b) => a.rank - b.rank)) {
        const before = tracker.committable;
        const moved = tracker.finish(each);
        open.delete(each);
        const [lowest] = open;
        assert.equal(tracker.committable, lowest?.offset ?? tracker.next);
        assert.equal(moved, tracker.committable !== before);
      }
      assert.equal(tracker.gap, 0);
      assert.deepEqual([...tracker.unfinished()], []);
    }),
    { numRuns: 50 },
  );
});

test('a finished record is let go at once, also when an older one is still in hand', async () => {
  const tracker = new OffsetTracker();
  const oldest = record(0);
  tracker.take(oldest);
  const finished = new WeakRef(record(1));
  tracker.take(finished.deref()!);
  tracker.finish(finished.deref()!);
  // What a WeakRef was asked for lives until its turn of the event loop is over.
  await setImmediate();
  collector()();
  assert.equal(finished.deref(), undefined);
  assert.deepEqual([tracker.oldest, tracker.gap], [oldest, 2]);
});
