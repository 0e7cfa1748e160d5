import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { overloaded } from '../fault.js';
import { answer, call, given, message, ok, read, start } from './given.fixture.js';
import type { SessionInput } from './session.js';

function costing(turn: number, costMicros: number, calls = [read()]): SessionInput {
  const plain = answer(turn, calls) as Extract<SessionInput, { type: 'modelAnswered' }>;
  return { ...plain, answer: { ...plain.answer, usage: { ...plain.answer.usage, costMicros } } };
}
const exhausted = (turn: number): SessionInput => ({
  type: 'budgetExhausted',
  turn,
  fault: overloaded('BUDGET_EXHAUSTED', 'Used up.', { remainingBudget: 3 }),
});

describe('what a session costs', () => {
  it('is counted with its tokens over all turns, and told with its end', () => {
    const story = given(start(), costing(1, 70), ok(call(1, 0)), costing(2, 30, []));
    assert.deepEqual(story.session?.usage, { inputTokens: 20, outputTokens: 0, costMicros: 100 });
  });

  it('stops it beyond its limit, before the calls of the answer that broke it', () => {
    const story = given(start({ limits: { costMicrosMax: 99 } }), costing(1, 70), ok(call(1, 0)));
    assert.deepEqual(story.when(costing(2, 30)).then.events.slice(1), [
      'settled 2:0 cancelled',
      'finished gaveUp COST_MAX',
    ]);
  });

  it('counts anew from the next run on', () => {
    const story = given(start({ limits: { costMicrosMax: 99 } }), costing(1, 90, []), message('m1'));
    assert.deepEqual(story.when(costing(2, 90)).then.effects, ['dispatch 2:0 until 31000']);
  });
});

describe('a budget of the user or the tenant', () => {
  it('without room ends the run as a limit does, with what it told', () => {
    const story = given(start({ limits: { escalate: true } }), answer(1, [read()]), ok(call(1, 0)));
    assert.deepEqual(story.when(exhausted(2)).then, {
      events: ['finished escalated BUDGET_EXHAUSTED'],
      effects: ['publishOutcome'],
    });
    assert.equal(story.session?.refusal?.remainingBudget, 3);
  });

  it('ends nothing when the turn was answered meanwhile', () => {
    assert.deepEqual(given(start(), answer(1, [read()])).when(exhausted(1)).then.events, []);
    assert.deepEqual(given(start(), answer(1, [read()]), ok(call(1, 0))).when(exhausted(1)).then.events, []);
  });
});
