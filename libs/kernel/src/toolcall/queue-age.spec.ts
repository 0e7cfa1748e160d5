import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { limits } from '../limits.js';
import type { StandingQueue } from './queue-age.js';
import { judgeQueueAge } from './queue-age.js';

const target = { targetMs: 1_000, intervalMs: 500 };

/** Starts calls of the given ages at the given times; says which are shed. */
function shedOf(starts: readonly (readonly [nowMs: number, ageMs: number])[], settings = target): number[] {
  let standing: StandingQueue | undefined;
  return starts.flatMap(([nowMs, ageMs]) => {
    const verdict = judgeQueueAge(standing, ageMs, settings, nowMs);
    standing = verdict.standing;
    return verdict.shed ? [nowMs] : [];
  });
}

describe('shedding by queue age', () => {
  it('a burst is worked off: nothing is shed before the queue stood above the target for an interval', () => {
    assert.deepEqual(
      shedOf([
        [0, 5_000],
        [499, 4_000],
        [500, 3_000],
      ]),
      [500],
    );
  });

  it('one call at or below the target ends it, and the interval begins anew', () => {
    assert.deepEqual(
      shedOf([
        [0, 1_001],
        [499, 1_000],
        [500, 1_001],
        [999, 1_001],
        [1_000, 1_001],
      ]),
      [1_000],
    );
    assert.deepEqual(
      shedOf([
        [0, 2_000],
        [600, 2_000],
        [700, 900],
        [800, 2_000],
        [1_299, 2_000],
      ]),
      [600],
    );
  });

  it('a late call that found the queue empty begins the interval anew', () => {
    assert.deepEqual(
      shedOf([
        [0, 2_000],
        [10_000, 2_000],
        [10_400, 2_000],
        [10_500, 2_000],
      ]),
      [10_500],
    );
  });

  it('with the target at 0 nothing is ever shed', () => {
    assert.deepEqual(
      shedOf(
        [
          [0, 9_000],
          [9_000, 99_000],
        ],
        { targetMs: 0, intervalMs: 500 },
      ),
      [],
    );
  });

  it('the refusal says when to come back, within a bound', () => {
    const shed = (ageMs: number) => judgeQueueAge({ sinceMs: 0, lastStartAtMs: 10_000 }, ageMs, target, 10_000).shed;
    assert.deepEqual([shed(3_000)?.kind, shed(3_000)?.reason], ['overloaded', 'QUEUE_TOO_OLD']);
    assert.equal(shed(3_000)?.retryAfterMs, 2_500);
    assert.equal(shed(10_000_000)?.retryAfterMs, limits.queueTooOldRetryMsMax);
  });

  it('a server at half of the demand keeps running calls, none of them much older than target and interval', () => {
    // One call arrives each 5 ms, a run takes 10 ms, a refusal none: the queue would grow without end.
    let [now, next] = [0, 0];
    let standing: StandingQueue | undefined;
    const ran: number[] = [];
    while (now < 60_000) {
      const arrivedAtMs = next * 5;
      if (arrivedAtMs > now) now = arrivedAtMs;
      const verdict = judgeQueueAge(standing, now - arrivedAtMs, target, now);
      standing = verdict.standing;
      next += 1;
      if (verdict.shed) continue;
      ran.push(now - arrivedAtMs);
      now += 10;
    }
    assert.ok(ran.length > 5_900, `${ran.length} of 6,000 possible runs`);
    assert.ok(Math.max(...ran) <= target.targetMs + target.intervalMs, `oldest ${Math.max(...ran)} ms`);
  });
});
