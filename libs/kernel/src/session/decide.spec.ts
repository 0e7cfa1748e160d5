import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { unreachable } from '../fault.js';
import { limits } from '../limits.js';
import { decide } from './decide.js';
import {
  answer,
  approval,
  call,
  cancel,
  findTools,
  given,
  judged,
  message,
  observationOf,
  ok,
  read,
  review,
  start,
  tick,
  unknown,
  write,
} from './given.fixture.js';
import type { CallPlan, Story } from './given.fixture.js';
import type { SessionInput } from './session.js';
import { callDigestOf } from '../toolcall/tool-call.js';

const grace = limits.observationGraceMs;

describe('a session begins', () => {
  it('with its start, which asks the model', () => {
    assert.deepEqual(given(start()).then, { events: ['started'], effects: ['callModel 1'] });
  });

  it('once: a second start changes nothing', () => {
    assert.deepEqual(given(start()).when(start()).then, { events: [], effects: [] });
  });

  it('never with anything else', () => {
    for (const input of [answer(1), ok(call(1, 0)), message('m'), cancel, tick]) {
      assert.deepEqual(decide(undefined, input, 0), { events: [], effects: [] });
    }
  });

  it('with the sooner of its wall time and the deadline of its request', () => {
    assert.equal(given(start({ limits: { wallTimeMs: 500 } })).session?.deadlineAtMs, 500);
    assert.equal(given(start({ limits: { wallTimeMs: 500 }, deadlineAtMs: 200 })).session?.deadlineAtMs, 200);
  });
});

describe('a turn', () => {
  it('that proposes nothing completes the session with its text', () => {
    const story = given(start()).when(answer(1));
    assert.deepEqual(story.then, { events: ['modelAnswered 1', 'finished completed'], effects: ['publishOutcome'] });
    assert.equal(story.session?.answer, 'answer 1');
  });

  it('is answered once: a second answer loses', () => {
    const story = given(start(), answer(1, [read()]));
    assert.deepEqual(story.when(answer(1, [write()])).then.events, []);
    assert.deepEqual(story.when(answer(3)).then.events, []);
  });

  it('runs neighbouring reads together and each write alone, in the model’s order', () => {
    const story = given(start(), answer(1, [read(), read(), write(), read()]));
    assert.deepEqual(story.then.effects, ['dispatch 1:0 until 31000', 'dispatch 1:1 until 31000']);
    assert.deepEqual(story.at(10).when(ok(call(1, 1))).then.effects, []);
    assert.deepEqual(story.at(20).when(ok(call(1, 0))).then.effects, ['dispatch 1:2 until 31020']);
    assert.deepEqual(story.at(30).when(ok(call(1, 2))).then.effects, ['dispatch 1:3 until 31030']);
    assert.deepEqual(story.when(ok(call(1, 3))).then.effects, ['callModel 2']);
  });

  it('answers a refused call on the spot and runs the others', () => {
    const story = given(start(), answer(1, [unknown(), read()]));
    assert.deepEqual(story.then.events, ['modelAnswered 1', 'settled 1:0 failed']);
    assert.deepEqual(story.then.effects, ['dispatch 1:1 until 31000']);
  });

  it('of refused calls only goes straight back to the model', () => {
    const story = given(start(), answer(1, [unknown(), unknown()]));
    assert.deepEqual(story.then.effects, ['callModel 2']);
  });

  it('hands every result to the model in the order of the calls, whatever order they came in', () => {
    const story = given(start(), answer(1, [read(), read()]), ok(call(1, 1), 'b'), ok(call(1, 0), 'a'));
    assert.deepEqual(story.conversation, ['user hi', 'assistant p-s1:1:0 p-s1:1:1', 'tool p-s1:1:0', 'tool p-s1:1:1']);
  });

  it('that fails ends the session as failed, with the reason', () => {
    const fault = unreachable('MODEL_DOWN', 'The model does not answer.');
    const story = given(start()).when({ type: 'modelFailed', turn: 1, fault });
    assert.deepEqual(story.then.events, ['finished failed MODEL_DOWN']);
  });
});

describe('an observation', () => {
  it('for a settled call changes nothing', () => {
    const story = given(start(), answer(1, [read(), read()]), ok(call(1, 0)));
    assert.deepEqual(story.when(ok(call(1, 0), 'other')).then, { events: [], effects: [] });
  });

  it('for a call that was never proposed changes nothing', () => {
    assert.deepEqual(given(start(), answer(1, [read()])).when(ok(call(9, 9))).then.events, []);
  });

  it('of something else that was asked for under the same id changes nothing', () => {
    const story = given(start(), answer(1, [read()]));
    const said = (content: CallPlan): SessionInput => {
      const input = ok(call(1, 0)) as Extract<SessionInput, { type: 'observed' }>;
      const callDigest = callDigestOf({ ...judged(call(1, 0), read()), ...content });
      return { ...input, observation: { ...input.observation, callDigest } };
    };
    for (const other of [{ tool: 'list' }, { toolVersion: '2' }, { arguments: '{"id":2}' }]) {
      assert.deepEqual(story.when(said(other)).then.events, []);
    }
    assert.deepEqual(story.when(said({})).then.events, ['settled 1:0 ok']);
  });

  it('for a call of an earlier turn changes nothing', () => {
    const story = given(start(), answer(1, [read()]), ok(call(1, 0)));
    assert.deepEqual(story.when(ok(call(1, 0))).then.events, []);
  });

  it('after the end changes nothing', () => {
    const story = given(start(), answer(1, [read()]), ok(call(1, 0)), answer(2));
    assert.deepEqual(story.when(ok(call(1, 0))).then, { events: [], effects: [] });
  });
});

describe('a user message', () => {
  it('that arrives while the model thinks is answered in the next turn', () => {
    const story = given(start()).when(message('m1'));
    assert.deepEqual(story.then, { events: ['userMessageReceived'], effects: [] });
    assert.deepEqual(story.when(answer(1)).then, { events: ['modelAnswered 1'], effects: ['callModel 2'] });
    assert.deepEqual(story.conversation, ['user hi', 'assistant', 'user text of m1']);
    assert.deepEqual(story.when(answer(2)).then.events, ['modelAnswered 2', 'finished completed']);
  });

  it('that arrives while tools run stands behind their results', () => {
    const story = given(start(), answer(1, [read()]), message('m1'), ok(call(1, 0)));
    assert.deepEqual(story.conversation.slice(1), ['assistant p-s1:1:0', 'tool p-s1:1:0', 'user text of m1']);
  });

  it('is taken once by its id', () => {
    assert.deepEqual(given(start(), message('m1')).when(message('m1')).then.events, []);
    assert.deepEqual(given(start(), answer(1), message('m1'), answer(2)).when(message('m1')).then.events, []);
  });

  it('after the end opens another run with fresh limits of steps, time and tokens', () => {
    const story = given(start({ limits: { stepsMax: 1, tokensMax: 100, wallTimeMs: 1_000 } }), answer(1, [read()], 90));
    assert.deepEqual(story.when(ok(call(1, 0))).then.events, ['settled 1:0 ok', 'finished gaveUp STEPS_MAX']);
    assert.deepEqual(story.at(5_000).when(message('m1')).then.effects, ['callModel 2']);
    assert.deepEqual(story.session?.deadlineAtMs, 6_000);
    assert.deepEqual(story.when(answer(2, [read()], 90)).then.effects, ['dispatch 2:0 until 6000']);
  });

  it('that waited when the run ended comes before the one that opens the next', () => {
    const story = given(start({ limits: { wallTimeMs: 100 } }), message('m1'))
      .at(100)
      .when(tick, message('m2'));
    assert.deepEqual(
      story.conversation,
      ['user hi', 'text of m1', 'text of m2'].map((text) => text.replace(/^text/, 'user text')),
    );
  });

  it('is taken after the end however many were waiting then', () => {
    const waiting = Array.from({ length: limits.pendingMessagesMax }, (_, index) => message(`m${index}`));
    const story = given(start({ limits: { wallTimeMs: 100 } }), ...waiting);
    assert.deepEqual(story.when(message('one too many')).then.events, []);
    assert.deepEqual(story.at(100).when(tick, message('later')).then.effects, ['callModel 1']);
  });

  it('does not wake a cancelled session', () => {
    assert.deepEqual(given(start(), cancel).when(message('m1')).then.events, []);
  });
});

describe('a limit', () => {
  it('of steps gives up once the results of the last step are in', () => {
    const story = given(start({ limits: { stepsMax: 2 } }), answer(1, [read()]), ok(call(1, 0)), answer(2, [read()]));
    assert.deepEqual(story.when(ok(call(2, 0))).then, {
      events: ['settled 2:0 ok', 'finished gaveUp STEPS_MAX'],
      effects: ['publishOutcome'],
    });
  });

  it('escalates where the agent says so', () => {
    const story = given(start({ limits: { stepsMax: 1, escalate: true } }), answer(1, [unknown()]));
    assert.equal(story.session?.status, 'escalated');
  });

  it('of tokens stops before the calls of the answer that broke it, each settled', () => {
    const story = given(start({ limits: { tokensMax: 5 } })).when(answer(1, [read(), write()], 6));
    assert.deepEqual(story.then.events.slice(1), [
      'settled 1:0 cancelled',
      'settled 1:1 cancelled',
      'finished gaveUp TOKENS_MAX',
    ]);
    assert.deepEqual(story.then.effects, ['publishOutcome']);
  });

  it('of tokens still delivers a final answer that is in hand', () => {
    assert.deepEqual(
      given(start({ limits: { tokensMax: 5 } })).when(answer(1, [], 6)).then.events[1],
      'finished completed',
    );
  });

  it('of wall time settles what is open, cancels what was sent and gives up', () => {
    const story = given(start({ limits: { wallTimeMs: 500 } }), answer(1, [read(), read(), write()]))
      .at(500)
      .when(tick);
    assert.deepEqual(story.then.events, [
      'settled 1:0 cancelled',
      'settled 1:1 cancelled',
      'settled 1:2 cancelled',
      'finished gaveUp WALL_TIME_MAX',
    ]);
    assert.deepEqual(story.then.effects, ['cancelCalls 1:0 1:1', 'publishOutcome']);
  });

  it('of wall time ends a session whose model never answers', () => {
    assert.deepEqual(
      given(start({ limits: { wallTimeMs: 500 } }))
        .at(499)
        .when(tick).then.events,
      [],
    );
    assert.deepEqual(
      given(start({ limits: { wallTimeMs: 500 } }))
        .at(500)
        .when(tick).session?.status,
      'gaveUp',
    );
  });
});

describe('a cancel', () => {
  it('with a write in flight says that nobody knows whether it happened', () => {
    const story = given(start(), answer(1, [write(), write()])).when(cancel);
    assert.deepEqual(story.then.events, [
      'cancelRequested',
      'settled 1:0 indeterminate',
      'settled 1:1 cancelled',
      'finished cancelled CANCELLED',
    ]);
    assert.deepEqual(story.then.effects, ['cancelCalls 1:0', 'publishOutcome']);
  });

  it('while the model thinks ends the session and sends nothing but its outcome', () => {
    assert.deepEqual(given(start()).when(cancel).then.effects, ['publishOutcome']);
    assert.deepEqual(given(start(), cancel).when(answer(1)).then.events, []);
  });

  it('of an ended session changes nothing', () => {
    assert.deepEqual(given(start(), answer(1)).when(cancel).then.events, []);
  });
});

describe('a result that comes after the session gave its call up', () => {
  const cancelled = () => given(start(), answer(1, [write()]), cancel);
  const outcomes = (story: Story) => story.session!.done.map(({ outcome }) => outcome);

  it('is recorded, and the outcome is told again with the effect that did happen', () => {
    const story = cancelled().when(ok(call(1, 0)));
    assert.deepEqual(story.then, { events: ['endedLate 1:0 ok'], effects: ['publishOutcome'] });
    assert.deepEqual([story.session!.status, outcomes(story)], ['cancelled', ['ok']]);
  });

  it('never becomes part of the conversation', () => {
    const before = cancelled().conversation;
    assert.deepEqual(cancelled().when(ok(call(1, 0))).conversation, before);
    const wentOn = given(start(), answer(1, [read()]))
      .at(31_000 + grace)
      .when(tick);
    const shown = wentOn.session!.messages;
    assert.deepEqual(wentOn.when(ok(call(1, 0))).then, { events: ['endedLate 1:0 ok'], effects: [] });
    assert.deepEqual([wentOn.session!.messages, outcomes(wentOn)], [shown, ['ok']]);
  });

  it('is recorded once, and not when it says what was presumed', () => {
    assert.deepEqual(cancelled().when(ok(call(1, 0)), ok(call(1, 0))).then.events, []);
    const unknownEnd = { ...observationOf(call(1, 0), ''), outcome: 'indeterminate' } as const;
    assert.deepEqual(cancelled().when({ type: 'observed', observation: unknownEnd }).then.events, []);
  });

  it('is none of a call that never left, or that asked for something else', () => {
    const neverSent = given(start(), answer(1, [write(), write()]), cancel);
    assert.deepEqual(neverSent.when(ok(call(1, 1))).then.events, []);
    const other = { ...observationOf(call(1, 0), 'x'), callDigest: Buffer.alloc(32) };
    assert.deepEqual(cancelled().when({ type: 'observed', observation: other }).then.events, []);
  });
});

describe('the deadline of a call', () => {
  it('counts from the start of its wave and gives the observation time to arrive', () => {
    const story = given(start(), answer(1, [read(), write()]))
      .at(700)
      .when(ok(call(1, 0)));
    assert.deepEqual(story.then.effects, ['dispatch 1:1 until 31700']);
    assert.deepEqual(story.at(31_700 + grace - 1).when(tick).then.events, []);
    assert.deepEqual(story.at(31_700 + grace).when(tick).then.events, ['settled 1:1 indeterminate']);
  });

  it('passes for a read as a timeout, and the turn goes on', () => {
    const story = given(start(), answer(1, [read()]))
      .at(31_000 + grace)
      .when(tick);
    assert.deepEqual(story.then, { events: ['settled 1:0 timedOut'], effects: ['callModel 2'] });
  });

  it('is never after that of the session', () => {
    const story = given(start({ limits: { wallTimeMs: 300 } }), answer(1, [read()]));
    assert.deepEqual(story.then.effects, ['dispatch 1:0 until 300']);
  });
});

describe('a call under review', () => {
  const long = start({ limits: { wallTimeMs: 10 * limits.approvalTtlMs } });

  it('waits for its approval, and is denied when nobody gives it', () => {
    const story = given(long, answer(1, [review()]));
    assert.deepEqual(story.then.effects, [`review 1:0 until ${limits.approvalTtlMs}`]);
    assert.deepEqual(story.at(limits.approvalTtlMs + grace - 1).when(tick).then.events, []);
    assert.deepEqual(story.at(limits.approvalTtlMs + grace).when(tick).then.events, ['settled 1:0 denied']);
  });

  it('lives until the deadline of its approval, and is sent by policy, not by the session', () => {
    const late = limits.approvalTtlMs + 60_000;
    const story = given(long, answer(1, [review()])).when(approval(call(1, 0), late));
    assert.deepEqual(story.then, { events: ['approvalDecided'], effects: [] });
    assert.deepEqual(story.at(late + grace - 1).when(tick).then.events, []);
    assert.deepEqual(story.at(late + grace).when(tick).then.events, ['settled 1:0 indeterminate']);
  });

  it('is approved once', () => {
    const story = given(long, answer(1, [review()]), approval(call(1, 0), 5_000));
    assert.deepEqual(story.when(approval(call(1, 0), 9_000)).then.events, []);
  });

  it('takes no approval after it was settled, and none that says no', () => {
    const story = given(long, answer(1, [review()])).when(approval(call(1, 0), 5_000, false));
    assert.deepEqual(story.then.events, []);
    assert.deepEqual(story.at(limits.approvalTtlMs + grace).when(tick, approval(call(1, 0), 5_000)).then.events, []);
  });

  it('alone takes approvals: the deadline of an ordinary call does not move', () => {
    assert.deepEqual(given(start(), answer(1, [write()])).when(approval(call(1, 0), 99_000)).then.events, []);
  });
});

describe('find_tools', () => {
  it('adds the tools that are new and tells the model', () => {
    const story = given(start(), answer(1, [findTools()]));
    assert.deepEqual(story.then.effects, ['findTools 1:0']);
    story.when({ type: 'toolsFound', callId: call(1, 0), tools: ['look', 'sell'] });
    assert.deepEqual(story.then, { events: ['toolsOffered', 'settled 1:0 ok'], effects: ['callModel 2'] });
    assert.deepEqual(story.session?.tools, ['look', 'change', 'sell']);
  });

  it('answered twice adds nothing the second time', () => {
    const story = given(start(), answer(1, [findTools()]));
    const found = { type: 'toolsFound', callId: call(1, 0), tools: ['sell'] } as const;
    assert.deepEqual(story.when(found, found).then.events, []);
  });

  it('never makes a session’s tools more than its limit', () => {
    const many = Array.from({ length: limits.toolsFoundMax + 5 }, (_, index) => `tool${index}`);
    const story = given(start(), answer(1, [findTools()])).when({
      type: 'toolsFound',
      callId: call(1, 0),
      tools: many,
    });
    assert.equal(story.session?.tools.length, limits.toolsFoundMax);
  });
});

describe('an answer that was too long', () => {
  const cut = (turn: number, artifact: string): SessionInput => ({
    type: 'observed',
    observation: { ...observationOf(call(turn, 0), 'part'), artifact, resultBytes: 9_999 },
  });

  it('is known to its session by its handle, once, with the class that can read it', () => {
    const story = given(start(), answer(1, [read()]), cut(1, 'h1'), answer(2, [read()]), cut(2, 'h1'));
    assert.deepEqual(story.session?.artifacts, [{ handle: 'h1', toolClass: 'read' }]);
  });

  it('is forgotten after so many others', () => {
    const story = given(start({ limits: { stepsMax: 100 } }));
    for (let turn = 1; turn <= limits.artifactsKnownMax + 1; turn += 1) {
      story.when(answer(turn, [read()]), cut(turn, `h${turn}`));
    }
    const handles = story.session?.artifacts.map(({ handle }) => handle);
    assert.deepEqual([handles?.length, handles?.[0]], [limits.artifactsKnownMax, 'h2']);
  });
});
