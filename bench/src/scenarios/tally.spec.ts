import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SessionOutcome } from '@toolfleet/contracts';
import { plans } from '../plans.js';
import { Tally, workDone } from './tally.js';

const call = { callId: 's:1:0', tool: 'get_order', effect: 'read', outcome: 'ok' } as const;

const outcome = (changes: Partial<SessionOutcome>): SessionOutcome => ({
  ...{ tenant: 't', sessionId: 's', requestId: 'r', user: 'u', agent: 'bench', status: 'completed', answer: 'done' },
  ...{ usage: { inputTokens: 1, outputTokens: 1 }, turns: 3, calls: [call, call, call] },
  ...{ startedAtMs: 0, finishedAtMs: 1, labels: {}, run: 1 },
  ...changes,
});

const tallyOf = (changes: readonly Partial<SessionOutcome>[]): Tally => {
  const tally = new Tally();
  for (const [index, each] of changes.entries()) {
    tally.offered += 1;
    tally.ended({ outcome: outcome(each), tookMs: 10 * (index + 1) }, plans.short, index);
  }
  return tally;
};

describe('the tally of an open loop', () => {
  it('counts as done only who did all of the plan, and takes times of those alone', () => {
    const tally = tallyOf([{}, { calls: [call] }, { status: 'failed' }]);
    assert.deepEqual([tally.done, tally.lost, tally.tookMs], [1, 2, [10]]);
    assert.deepEqual(tally.otherwise, { completed: 1, failed: 1 });
  });

  it('counts refusals by their reason', () => {
    const refusal = { reason: 'WAITING_ROOM_FULL' } as NonNullable<SessionOutcome['refusal']>;
    const tally = tallyOf([{ status: 'rejected', refusal }, { status: 'rejected', refusal }, { status: 'rejected' }]);
    assert.deepEqual(tally.refused, { WAITING_ROOM_FULL: 2, WITHOUT_REASON: 1 });
  });

  it('says how many nobody has answered', () => {
    const tally = tallyOf([{}]);
    tally.offered += 2;
    assert.deepEqual([tally.unanswered, tally.lost], [2, 2]);
  });
});

describe('the work of a loaded time', () => {
  const time = { fromMs: 1_000, toMs: 2_000, places: 2 };

  it('is its sessions and, of those that its end cuts, the part before', () => {
    // Four in a second on two places: each runs for half a second.
    const within = [1_250, 1_500, 1_750, 2_000];
    assert.equal(workDone(within, time), 4);
    assert.equal(workDone([...within, 2_125], time), 4.75);
    assert.equal(workDone([...within, 2_125, 2_250], time), 5.25);
  });

  it('has no part of sessions that ended before it or began after it', () => {
    assert.equal(workDone([999, 1_500, 2_000, 3_100], time), 2);
  });

  it('is none where none ended', () => {
    assert.equal(workDone([2_100], time), 0);
  });
});
