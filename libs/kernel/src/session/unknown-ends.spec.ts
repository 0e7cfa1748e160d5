import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SessionInput } from './session.js';
import { answer, call, cancel, given, observationOf, ok, start, write } from './given.fixture.js';
import type { Story } from './given.fixture.js';

const unknownEnd: SessionInput = {
  type: 'observed',
  observation: { ...observationOf(call(1, 0), ''), outcome: 'indeterminate' },
};
const outcomes = (story: Story) => story.session!.done.map(({ outcome }) => outcome);

describe('a write that was told to be of unknown end', () => {
  const told = () => given(start(), answer(1, [write()])).when(unknownEnd);

  it('gets its real end whenever that is found, and the conversation stays', () => {
    const running = told().when(ok(call(1, 0)));
    assert.deepEqual(running.then, { events: ['endedLate 1:0 ok'], effects: [] });
    assert.deepEqual([running.conversation, outcomes(running)], [told().conversation, ['ok']]);
  });

  it('corrects the outcome of a run that has ended, once', () => {
    const ended = told().when(answer(2), ok(call(1, 0)));
    assert.deepEqual(ended.then, { events: ['endedLate 1:0 ok'], effects: ['publishOutcome'] });
    assert.deepEqual(ended.when(ok(call(1, 0))).then.events, []);
  });

  it('may be presumed first, then reported as unknown, then found', () => {
    const presumed = given(start(), answer(1, [write()]), cancel).when(unknownEnd, ok(call(1, 0)));
    assert.deepEqual(presumed.then.events, ['endedLate 1:0 ok']);
  });
});
