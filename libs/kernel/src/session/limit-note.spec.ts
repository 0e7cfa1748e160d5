import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answer, call, given, ok, read, start } from './given.fixture.js';
import { limitNoteOf } from './limit-note.js';
import type { SessionLimits } from './session.js';

function noteAfter(steps: number, limits: Partial<SessionLimits>, now = 0): string | undefined {
  const story = given(start({ limits }));
  for (let turn = 1; turn <= steps; turn++) story.when(answer(turn, [read()], 10), ok(call(turn, 0)));
  return limitNoteOf(story.session!, [], now)?.text;
}

describe('the note before a limit', () => {
  it('is not there while more than a fifth of everything is left', () => {
    assert.equal(noteAfter(7, { stepsMax: 10 }), undefined);
    assert.equal(noteAfter(3, { tokensMax: 100 }, 400_000), undefined);
  });

  it('tells the steps, tokens and time that are left, and that they are those of the fleet', () => {
    assert.match(
      noteAfter(8, { stepsMax: 10 })!,
      /^\[Note of the fleet, not of the user: .*2 of 10 steps of this session/,
    );
    assert.match(noteAfter(8, { tokensMax: 100 })!, /20 of 100 tokens of this session are left/);
    assert.match(noteAfter(0, {}, 500_000)!, /100 s of the time of this session are left/);
  });

  it('tells the last step of a session of few', () => {
    assert.equal(noteAfter(0, { stepsMax: 2 }), undefined);
    assert.match(noteAfter(1, { stepsMax: 2 })!, /1 of 2 steps .* this one included/);
  });

  it('at the limit tells that this turn is the last one and has no tools, and nothing of other limits', () => {
    const note = noteAfter(2, { stepsMax: 2, tokensMax: 21, lastWord: true })!;
    assert.match(note, /^\[Note of the fleet.*took all of its 2 steps\. This is your last turn, and no tool/);
    assert.doesNotMatch(note, /tokens/);
  });

  it('tells the budget of the user or the tenant, and never more than is left', () => {
    const session = given(start()).session!;
    const left = { per: 'user', window: 'day', unit: 'tokens', limit: 1_000 } as const;
    assert.equal(limitNoteOf(session, [{ ...left, left: 300 }], 0), undefined);
    assert.match(limitNoteOf(session, [{ ...left, left: 150 }], 0)!.text, /150 of 1000 tokens of the user's day/);
    const money = { per: 'tenant', window: 'month', unit: 'costMicros', limit: 200, left: -5 } as const;
    assert.match(limitNoteOf(session, [money], 0)!.text, /0 % of the money of the tenant's month/);
  });
});
