import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mismatchesOf, tallyOf, verdictOf } from './call-verdict.js';
import type { EndedCall, EndedSession, PlannedEnd } from './plan.js';

const refusal = (reason: string, more: object = {}): string =>
  JSON.stringify({ error: 'No.', outcome: 'failed', reason, hint: 'Do.', ...more });

function ended(end: PlannedEnd, more: Partial<EndedCall>): EndedCall {
  return {
    planned: { tool: 't', arguments: {}, end },
    ...{ name: 't', offered: 'first', text: undefined, outcome: 'failed', executions: 0 },
    ...more,
  };
}

const answered: PlannedEnd = { type: 'answered', text: 'é\u0000' };

describe('a call that a tool was to answer', () => {
  it('is as planned when it ran once and came back byte for byte', () => {
    const right = ended(answered, { text: 'é\u0000', outcome: 'ok', executions: 1 });
    assert.equal(verdictOf(right).asPlanned, true);
    for (const wrong of [{ text: 'é' }, { executions: 0 }, { executions: 2 }]) {
      assert.equal(verdictOf({ ...right, ...wrong }).asPlanned, false);
    }
  });

  it('disagrees with its set when the fleet refuses its arguments', () => {
    const call = ended(answered, { text: refusal('ARGUMENTS_INVALID') });
    const { validated, disagrees, asPlanned } = verdictOf(call);
    assert.deepEqual([validated, disagrees, asPlanned], [false, true, false]);
    const session = {
      planned: { id: 's', tools: [], runs: [] },
      status: 'completed',
      calls: [call],
      answers: [],
      strays: 0,
    } satisfies EndedSession;
    assert.deepEqual(
      mismatchesOf([session]).map(({ got, disagreement }) => [got, disagreement]),
      [['failed ARGUMENTS_INVALID: Do.', true]],
    );
  });

  it('whose words look like a refusal is still an answer', () => {
    const text = refusal('UNKNOWN_TOOL');
    assert.equal(verdictOf(ended({ type: 'answered', text }, { text, outcome: 'ok', executions: 1 })).asPlanned, true);
  });
});

describe('a call that was to be refused', () => {
  const words: PlannedEnd = { type: 'refused', text: 'Error: gone' };

  it('is refused by the tool in its own words, or by the check of arguments before it ran', () => {
    const byTool = { text: refusal('TOOL_REFUSED', { result: 'Error: gone' }), executions: 1 };
    assert.equal(verdictOf(ended(words, byTool)).refusedAsRecorded, true);
    assert.equal(verdictOf(ended(words, { ...byTool, text: refusal('TOOL_REFUSED') })).refusedAsRecorded, false);
    assert.equal(verdictOf(ended(words, { text: refusal('ARGUMENTS_INVALID') })).refusedAsRecorded, true);
    assert.equal(verdictOf(ended(words, { text: 'fine', outcome: 'ok', executions: 1 })).refusedAsRecorded, false);
  });

  it('comes back as a hint when no tool has its name', () => {
    const call = ended({ type: 'unknown' }, { offered: 'never', text: refusal('UNKNOWN_TOOL') });
    assert.equal(verdictOf(call).refusedAsRecorded, true);
    assert.equal(verdictOf({ ...call, text: refusal('UNKNOWN_TOOL', { hint: undefined }) }).refusedAsRecorded, false);
  });
});

describe('a tally', () => {
  it('counts a call without an end as nothing that went well', () => {
    const session: EndedSession = {
      ...{ planned: { id: 's', tools: [], runs: [] }, status: 'stuck', answers: [], strays: 1 },
      calls: [ended(answered, { outcome: undefined, offered: 'never' })],
    };
    const { sessions, completed, stuck, calls, validated, routed, executed, exact, strays } = tallyOf([session]);
    assert.deepEqual(
      [sessions, completed, stuck, calls, validated, routed, executed, exact, strays],
      [1, 0, 1, 1, 0, 0, 0, 0, 1],
    );
  });
});
