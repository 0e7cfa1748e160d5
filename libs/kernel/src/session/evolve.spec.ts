import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { Message } from './message.js';
import { outstanding } from './decide.js';
import { replay } from './evolve.js';
import type { Session, SessionEffect, SessionInput } from './session.js';
import { currentWave } from './waves.js';
import type { CallPlan } from './given.fixture.js';
import {
  Story,
  answer,
  approval,
  call,
  cancel,
  findTools,
  given,
  message,
  ok,
  read,
  review,
  start,
  tick,
  unknown,
  write,
} from './given.fixture.js';

const keyOf = (effect: SessionEffect): string =>
  'call' in effect ? effect.call.callId : effect.type === 'callModel' ? `model ${effect.turn}` : effect.type;

/** Providers refuse a conversation in which a tool call is not followed by exactly its results. */
function assertValidForProviders(messages: readonly Message[]): void {
  let due: string[] = [];
  for (const said of messages) {
    if (said.role === 'tool') {
      assert.equal(due.shift(), said.toolCallId);
      continue;
    }
    assert.deepEqual(due, [], `'${said.role}' stands where results are due`);
    if (said.role === 'assistant') due = said.toolCalls.map(({ id }) => id);
  }
  assert.deepEqual(due, []);
}

const plan: fc.Arbitrary<CallPlan> = fc.constantFrom(read(), read(), write(), review(), findTools(), unknown());

type Move = (story: Story) => SessionInput;
const turnOf = ({ session }: Story): number => (session?.turn ?? 0) + 1;
const callOf = ({ session }: Story, pick: number): string =>
  session?.calls.length ? session.calls[pick % session.calls.length]!.call.callId : call(1, pick);

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.array(plan, { maxLength: 6 }).map(
      (plans): Move =>
        (story) =>
          answer(turnOf(story), plans),
    ),
  },
  {
    weight: 9,
    arbitrary: fc.nat(5).map(
      (pick): Move =>
        (story) =>
          ok(callOf(story, pick)),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.nat(5).map(
      (pick): Move =>
        (story) =>
          approval(callOf(story, pick), story.now + 2_000),
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .nat(5)
      .map((pick): Move => (story) => ({ type: 'toolsFound', callId: callOf(story, pick), tools: ['x'] })),
  },
  {
    weight: 1,
    arbitrary: fc.nat(9).map(
      (id): Move =>
        () =>
          message(`m${id}`),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Move>(() => tick) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Move>(
      () => cancel,
      () => start(),
      () => answer(1),
    ),
  },
);
const moves = fc.array(fc.tuple(move, fc.nat(3_000)), { minLength: 1, maxLength: 40 });

/** Plays the moves and looks at the story after each. */
function always(look: (story: Story) => void): void {
  const property = fc.property(moves, (played) => {
    const story = given(start({ limits: { stepsMax: 5, wallTimeMs: 40_000, tokensMax: 90 } }));
    for (const [next, passed] of played) {
      story.at(story.now + passed).when(next(story));
      look(story);
    }
  });
  fc.assert(property, { numRuns: 400 });
}

describe('whatever happens to a session', () => {
  it('its events are gapless and replay to its live state', () => {
    always((story) => {
      assert.deepEqual(
        story.events.map(({ seq }) => seq),
        story.events.map((_, index) => index + 1),
      );
      assert.deepEqual(replay(story.events), story.session);
    });
  });

  it('every proposed call settles exactly once before the session ends', () => {
    always(({ events, session }) => {
      const proposed = events.flatMap((event) => (event.type === 'modelAnswered' ? event.calls : []));
      const settled = events.flatMap((event) => (event.type === 'toolCallSettled' ? [event.observation.callId] : []));
      assert.equal(new Set(settled).size, settled.length);
      const open = session!.calls.filter(({ observation }) => !observation).map((state) => state.call.callId);
      assert.deepEqual([...settled, ...open].toSorted(), proposed.map(({ callId }) => callId).toSorted());
      if (session!.phase === 'finished') assert.deepEqual(open, []);
    });
  });

  it('the conversation shown to the model is valid for its provider', () => {
    always(({ session }) => {
      if (session!.phase === 'model') {
        assertValidForProviders(session!.messages);
        assert.notEqual(session!.messages.at(-1)?.role, 'assistant');
      }
      if (session!.phase === 'finished') assertValidForProviders(session!.messages);
    });
  });

  it('a write is never asked for together with another call', () => {
    always(({ session }) => {
      const asked = outstanding(session!).flatMap((effect) => ('call' in effect ? [effect.call] : []));
      if (asked.some(({ effect }) => effect === 'write')) assert.equal(asked.length, 1);
    });
  });

  it('what is outstanding after a replay is what was asked for and not answered', () => {
    const asked = new Map<Story, Set<string>>();
    always((story) => {
      const open = asked.get(story) ?? new Set(['model 1']);
      asked.set(story, open);
      for (const event of story.last.events) {
        if (event.type === 'modelAnswered') open.delete(`model ${event.turn}`);
        if (event.type === 'toolCallSettled') open.delete(event.observation.callId);
        if (event.type === 'finished') open.delete(`model ${story.session!.turn + 1}`);
        if (event.type === 'userMessageReceived') open.delete('publishOutcome');
      }
      for (const effect of story.last.effects) if (effect.type !== 'cancelCalls') open.add(keyOf(effect));
      assert.deepEqual(outstanding(replay(story.events)!).map(keyOf).toSorted(), [...open].toSorted());
    });
  });

  it('a run never takes more steps than its limit', () => {
    always(({ session }) => assert.ok(session!.turn - session!.runFirstTurn <= session!.limits.stepsMax));
  });
});

describe('currentWave', () => {
  const states = (...plans: readonly CallPlan[]): Session['calls'] => given(start(), answer(1, plans)).session!.calls;
  const names = (calls: Session['calls']): string[] => currentWave(calls).map((state) => state.call.callId);

  it('is a run of neighbouring reads, or one write', () => {
    assert.deepEqual(names(states(read(), read(), write(), read())), [call(1, 0), call(1, 1)]);
    assert.deepEqual(names(states(write(), write())), [call(1, 0)]);
  });

  it('sees past refused calls, which are settled already', () => {
    assert.deepEqual(names(states(read(), unknown(), read(), write())), [call(1, 0), call(1, 2)]);
  });

  it('is empty once everything is settled', () => {
    assert.deepEqual(currentWave([]), []);
  });
});

describe('what find_tools adds', () => {
  it('keeps the version of each tool beside its name', () => {
    const story = given(start(), answer(1, [findTools()]));
    const found = { tools: ['look', 'sell', 'buy'], toolVersions: ['1', '2', '3'] };
    story.when({ type: 'toolsFound', callId: call(1, 0), ...found });
    assert.deepEqual(story.session?.tools, ['look', 'change', 'sell', 'buy']);
    assert.deepEqual(story.session.toolVersions, ['', '', '2', '3']);
  });
});
