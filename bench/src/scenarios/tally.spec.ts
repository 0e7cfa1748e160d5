import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SessionOutcome } from '@toolfleet/contracts';
import { plans } from '../plans.js';
import { Tally } from './tally.js';

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
