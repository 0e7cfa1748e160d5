import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { limits } from '../limits.js';
import { answer, call, given, judged, ok, read, review, start, unknown, write } from './given.fixture.js';
import { evolve, replay } from './evolve.js';
import { HistoryAt } from './history.js';
import type { Session } from './session.js';
import { denied, expired } from '../fault.js';
import { refused } from '../toolcall/observation.js';

const now = 10_000;
const asked = (session: Session | undefined, at = now) => new HistoryAt(session!.history, at, session!.messages);
const counts = (session: Session | undefined, tool = 'change') => {
  const history = asked(session);
  return [history.count(tool), history.count(tool, 'ok'), history.count(tool, 'open'), history.count(tool, 'any')];
};

describe('the history of a session', () => {
  it('counts what was done, what may have been and what is on the way, and not what came to nothing', () => {
    const story = given(start(), answer(1, [write(), write(), write()]));
    assert.deepEqual(counts(story.session), [3, 0, 3, 3]);
    story.when(ok(call(1, 0)));
    const failed = refused(call(1, 1), denied('TOOL_REFUSED', 'No.'), 'failed');
    story.when({ type: 'observed', observation: failed });
    assert.deepEqual(counts(story.session), [2, 1, 1, 3]);
    const lost = refused(call(1, 2), expired('OUTCOME_UNKNOWN', 'Nobody knows.'), 'indeterminate');
    story.when({ type: 'observed', observation: lost });
    assert.deepEqual(counts(story.session), [2, 1, 0, 3]);
  });

  it('counts a call that waits for a person, until a person refuses it', () => {
    const story = given(start(), answer(1, [review()]));
    assert.deepEqual(counts(story.session), [1, 0, 1, 1]);
    const no = refused(call(1, 0), denied('APPROVAL_REFUSED', 'No.'));
    assert.deepEqual(counts(story.when({ type: 'observed', observation: no }).session), [0, 0, 0, 1]);
  });

  it('counts a write in flight when its run ended, until it says that nothing was done', () => {
    const story = given(start(), answer(1, [write()]), { type: 'cancel', reason: '', requestedBy: 'u1' });
    assert.deepEqual(counts(story.session), [1, 0, 0, 1]);
    const late = refused(call(1, 0), expired('CANCELLED', 'Not run.'), 'cancelled');
    story.when({ type: 'observed', observation: late });
    assert.deepEqual([story.then.events, counts(story.session)], [['endedLate 1:0 cancelled'], [0, 0, 0, 1]]);
  });

  it('answers by class, by effect, by glob, and since when a tool last succeeded', () => {
    const story = given(start(), answer(1, [read(), write({ toolClass: 'slow' })]), ok(call(1, 0)));
    story.at(4_000).when(ok(call(1, 1)));
    const history = asked(story.session);
    assert.deepEqual([history.countClass('slow'), history.countEffect('read'), history.count('*')], [1, 1, 2]);
    assert.deepEqual([history.msSinceOk('change'), history.msSinceOk('other')], [6_000, undefined]);
    assert.throws(() => history.count('change', 'sucess'), /no outcome/);
  });

  it('comes back with the events of the session, whatever release wrote them', () => {
    const story = given(start(), answer(1, [write(), read(), unknown()]), ok(call(1, 0)), ok(call(1, 1)));
    assert.deepEqual(replay(story.events)?.history, story.session?.history);
    assert.equal(story.session?.history.recent.length, 3);
  });

  it('grows neither with the calls of a session nor with the names that a model invents', () => {
    let session = given(start()).session!;
    for (let turn = 1; turn <= 2 * limits.recentCallsKept; turn++) {
      const invented = judged(call(turn, 1), { ...unknown(), tool: `invented_${turn}` });
      const calls = [judged(call(turn, 0), read()), invented];
      const usage = { inputTokens: 0, outputTokens: 0 };
      session = evolve(session, { type: 'modelAnswered', turn, text: '', calls, usage, seq: turn * 3, atMs: turn });
      for (const { callId } of calls) {
        const observation = { callId, outcome: 'ok' as const, startedAtMs: 0, finishedAtMs: 0, resultBytes: 0 };
        session = evolve(session, { type: 'toolCallSettled', observation, seq: turn * 3 + 1, atMs: turn });
      }
    }
    const { tallies, recent } = session.history;
    assert.deepEqual(
      [tallies.map(({ tool, proposed }) => [tool, proposed]), recent.length],
      [
        [
          ['look', 2 * limits.recentCallsKept],
          ['', 2 * limits.recentCallsKept],
        ],
        limits.recentCallsKept,
      ],
    );
  });
});
