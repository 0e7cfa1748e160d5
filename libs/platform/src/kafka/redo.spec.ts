import assert from 'node:assert/strict';
import { test } from 'node:test';
import { broken, conflict, Fault, faultKinds, invalid, onTheBus, overloaded, unreachable } from '@toolfleet/kernel';
import { verdictOf } from './redo.js';

const limits = { attemptsMax: 5, redoMsMax: 60_000 };
const failed = (fault: Fault, attempt = 1) => ({ fault, attempt, firstFailedAtMs: 0 });

test('every kind of fault goes where the table of the kernel says', () => {
  for (const kind of faultKinds) {
    const verdict = verdictOf(failed(new Fault(kind, 'X', 'x')), limits, 0, 0);
    assert.equal(verdict === 'deadLetter', onTheBus[kind] === 'deadLetter', kind);
  }
});

test('a redo waits longer each time, with jitter that never more than halves it', () => {
  const delays = [1, 2, 3, 4].map((attempt) => verdictOf(failed(unreachable('X', 'x'), attempt), limits, 0, 0.999));
  assert.deepEqual(
    delays.map((verdict) => (verdict === 'deadLetter' ? -1 : Math.round(verdict.redoInMs))),
    [100, 200, 400, 800],
  );
  const least = verdictOf(failed(unreachable('X', 'x'), 4), limits, 0, 0);
  assert.deepEqual(least, { redoInMs: 400 });
});

test('a conflict is redone at once the first time', () => {
  assert.deepEqual(verdictOf(failed(conflict('X', 'x')), limits, 0, 0.5), { redoInMs: 0 });
  assert.notDeepEqual(verdictOf(failed(conflict('X', 'x'), 2), limits, 0, 0.5), { redoInMs: 0 });
});

test('a redo never comes before the fault says', () => {
  const busy = overloaded('X', 'x', { retryAfterMs: 7_000 });
  assert.deepEqual(verdictOf(failed(busy), limits, 0, 0), { redoInMs: 7_000 });
});

test('tries and age are both bounded', () => {
  assert.equal(verdictOf(failed(unreachable('X', 'x'), 5), limits, 0, 0), 'deadLetter');
  assert.equal(verdictOf(failed(unreachable('X', 'x'), 1), limits, 60_000, 0), 'deadLetter');
  assert.equal(verdictOf(failed(invalid('X', 'x')), limits, 0, 0), 'deadLetter');
  assert.equal(verdictOf(failed(broken('X', 'x')), limits, 0, 0), 'deadLetter');
});
