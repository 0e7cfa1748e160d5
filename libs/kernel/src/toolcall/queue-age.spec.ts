import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { limits } from '../limits.js';
import type { SessionPriority } from '../session/session.js';
import type { StandingQueue } from './queue-age.js';
import { judgeQueueAge } from './queue-age.js';

const target = { targetMs: 1_000, intervalMs: 500 };

/** Starts calls of the given ages at the given times; says which are shed. */
function shedOf(
  starts: readonly (readonly [nowMs: number, ageMs: number, priority?: SessionPriority])[],
  settings = target,
): number[] {
  let standing: StandingQueue | undefined;
  return starts.flatMap(([nowMs, ageMs, priority = 'normal']) => {
    const verdict = judgeQueueAge(standing, { ageMs, priority }, settings, nowMs);
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
    const standing = { sinceMs: { low: 0, normal: 0, high: 0 }, lastStartAtMs: 10_000 };
    const shed = (ageMs: number) => judgeQueueAge(standing, { ageMs, priority: 'normal' }, target, 10_000).shed;
    assert.deepEqual([shed(3_000)?.kind, shed(3_000)?.reason], ['overloaded', 'QUEUE_TOO_OLD']);
    assert.equal(shed(3_000)?.retryAfterMs, 2_500);
    assert.equal(shed(10_000_000)?.retryAfterMs, limits.queueTooOldRetryMsMax);
  });

  it('low priority is shed at half of the target, high only at a quarter above it', () => {
    const at = (ageMs: number, priority: SessionPriority) =>
      shedOf([
        [0, ageMs, priority],
        [500, ageMs, priority],
      ]);
    assert.deepEqual([at(500, 'low'), at(501, 'low')], [[], [500]]);
    assert.deepEqual([at(1_000, 'normal'), at(1_001, 'normal')], [[], [500]]);
    assert.deepEqual([at(1_250, 'high'), at(1_251, 'high')], [[], [500]]);
  });

  it('the queue is one for all priorities: each is judged by how long all of it stands above its own target', () => {
    assert.deepEqual(
      shedOf([
        [0, 600, 'high'],
        [499, 600, 'low'],
        [500, 600, 'low'],
        [501, 600, 'normal'],
        [502, 1_300, 'low'],
        [503, 1_300, 'high'],
      ]),
      [500, 502],
    );
  });

  /** One call arrives each 5 ms, a run takes so long, a refusal none: at more than 5 ms the queue would grow without end. */
  function overload(runMs: number, priorityOf: (call: number) => SessionPriority) {
    let [now, next] = [0, 0];
    let standing: StandingQueue | undefined;
    const ran = { low: [] as number[], normal: [] as number[], high: [] as number[] };
    const asked = { low: 0, normal: 0, high: 0 };
    while (now < 60_000) {
      const arrivedAtMs = next * 5;
      if (arrivedAtMs > now) now = arrivedAtMs;
      const priority = priorityOf(next);
      const ageMs = now - arrivedAtMs;
      const verdict = judgeQueueAge(standing, { ageMs, priority }, target, now);
      standing = verdict.standing;
      next += 1;
      asked[priority] += 1;
      if (verdict.shed) continue;
      ran[priority].push(ageMs);
      now += runMs;
    }
    const shareOf = (one: SessionPriority) => ran[one].length / asked[one];
    return { ran, low: shareOf('low'), normal: shareOf('normal'), high: shareOf('high') };
  }

  it('a server at half of the demand keeps running calls, none of them much older than target and interval', () => {
    const { ran } = overload(10, () => 'normal');
    assert.ok(ran.normal.length > 5_900, `${ran.normal.length} of 6,000 possible runs`);
    const oldest = Math.max(...ran.normal);
    assert.ok(oldest <= target.targetMs + target.intervalMs, `oldest ${oldest} ms`);
  });

  it('while a server cannot run all calls, it runs what high asks for, then normal, and low last', () => {
    const thirds = (call: number) => (['low', 'normal', 'high'] as const)[call % 3]!;
    const [slight, half, two] = [overload(6, thirds), overload(10, thirds), overload(14, thirds)];
    assert.ok(slight.low > 0.2 && slight.normal > 0.95 && slight.high === 1, JSON.stringify({ ...slight, ran: 0 }));
    assert.ok(half.low < 0.1 && half.normal > 0.4 && half.high > 0.95, JSON.stringify({ ...half, ran: 0 }));
    assert.ok(two.low < 0.1 && two.normal < 0.2 && two.high > 0.9, JSON.stringify({ ...two, ran: 0 }));
  });
});
