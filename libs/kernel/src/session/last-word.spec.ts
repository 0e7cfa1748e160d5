import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { overloaded } from '../fault.js';
import { answer, call, cancel, given, message, ok, read, start, tick, write } from './given.fixture.js';
import type { StartOptions } from './given.fixture.js';
import { replay } from './evolve.js';
import type { SessionInput } from './session.js';

const begin = (limits: StartOptions['limits']) => start({ limits: { lastWord: true, ...limits } });
const atSteps = () => given(begin({ stepsMax: 1 }), answer(1, [read()]), ok(call(1, 0)));
const fault = overloaded('BUDGET_EXHAUSTED', 'Used up.');

describe('the last word', () => {
  it('is asked for once the results of the last step are in, and ends the run as its limit does, with an answer', () => {
    const story = given(begin({ stepsMax: 1 }), answer(1, [read()])).when(ok(call(1, 0)));
    assert.deepEqual(story.then, { events: ['settled 1:0 ok', 'limitReached STEPS_MAX'], effects: ['callModel 2'] });
    assert.deepEqual(story.when(answer(2)).then.events, ['modelAnswered 2', 'finished gaveUp STEPS_MAX']);
    assert.equal(story.session?.answer, 'answer 2');
  });

  it('runs no call, settles each that is proposed all the same, and is not asked for again', () => {
    const story = atSteps().when(answer(2, [read(), write()]));
    assert.deepEqual(story.then, {
      events: ['modelAnswered 2', 'settled 2:0 cancelled', 'settled 2:1 cancelled', 'finished gaveUp STEPS_MAX'],
      effects: ['publishOutcome'],
    });
  });

  it('of tokens or money is asked for while a turn like the last one fits into the reserve', () => {
    const story = given(begin({ tokensMax: 100 }), answer(1, [read()], 94), ok(call(1, 0)));
    assert.deepEqual(story.when(answer(2, [read(), write()], 8)).then, {
      events: ['modelAnswered 2', 'settled 2:0 cancelled', 'settled 2:1 cancelled', 'limitReached TOKENS_MAX'],
      effects: ['callModel 3'],
    });
    const large = given(begin({ tokensMax: 100 }), answer(1, [read()], 93), ok(call(1, 0)));
    assert.equal(large.when(answer(2, [read()], 9)).then.events.at(-1), 'finished gaveUp TOKENS_MAX');
    const dear = given(begin({ costMicrosMax: 100 }), costing(1, 94), ok(call(1, 0)));
    assert.equal(dear.when(costing(2, 8)).then.events.at(-1), 'limitReached COST_MAX');
    const dearer = given(begin({ costMicrosMax: 100, tokensMax: 100 }), costing(1, 93), ok(call(1, 0)));
    assert.equal(dearer.when(costing(2, 9)).then.events.at(-1), 'finished gaveUp COST_MAX');
  });

  it('is not given to a run that is stopped for what it does, or has no time', () => {
    const storm = { storm: 'sameCall', calls: 16, action: 'stop' } as const;
    const story = given(begin({ tokensMax: 100 }), answer(1, [read({ storms: [storm] })], 1));
    assert.equal(story.transcript.at(-1), 'finished gaveUp TOOL_STORM');
    const late = given(begin({ wallTimeMs: 100 }), answer(1, [read()]))
      .at(100)
      .when(tick);
    assert.equal(late.transcript.at(-1), 'finished gaveUp WALL_TIME_MAX');
  });

  it('that the model does not say leaves the limit as the reason', () => {
    const failed: SessionInput = { type: 'modelFailed', turn: 2, fault };
    assert.deepEqual(atSteps().when(failed).then.events, ['finished gaveUp STEPS_MAX']);
    const exhausted: SessionInput = { type: 'budgetExhausted', turn: 2, fault };
    assert.deepEqual(atSteps().when(exhausted).then.events, ['finished gaveUp STEPS_MAX']);
    assert.equal(atSteps().when(cancel).then.events.at(-1), 'finished cancelled CANCELLED');
  });

  it('is heard once: what it claims is flagged and not asked about, and a message waits for the next run', () => {
    const story = given(begin({ stepsMax: 1, askAgainOnClaim: true }), answer(1, [read()]), ok(call(1, 0)));
    const claim = answer(2) as Extract<SessionInput, { type: 'modelAnswered' }>;
    const text = 'I called `change`, as you asked.';
    story.when(message('m1'), { ...claim, answer: { ...claim.answer, text } });
    assert.deepEqual(story.then.events, [
      'modelAnswered 2',
      'claimsFlagged claimWithoutObservation',
      'finished gaveUp STEPS_MAX',
    ]);
    assert.equal(story.conversation.at(-1), 'user text of m1');
  });

  it('is not carried into the next run, which has all its steps', () => {
    const story = atSteps().when(answer(2), message('m1'));
    assert.deepEqual([story.then.effects, story.session?.reached], [['callModel 3'], undefined]);
    assert.deepEqual(story.when(answer(3, [read()])).then.effects, ['dispatch 3:0 until 31000']);
  });

  it('is due again for whoever reads the session back', () => {
    const story = atSteps();
    assert.deepEqual(replay(story.events), story.session);
    assert.equal(story.session?.reached?.reason, 'STEPS_MAX');
  });
});

function costing(turn: number, costMicros: number): SessionInput {
  const plain = answer(turn, [read()]) as Extract<SessionInput, { type: 'modelAnswered' }>;
  return { ...plain, answer: { ...plain.answer, usage: { ...plain.answer.usage, costMicros } } };
}
