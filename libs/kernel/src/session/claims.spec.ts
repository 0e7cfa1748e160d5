import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { limits } from '../limits.js';
import { missing } from '../fault.js';
import { refused } from '../toolcall/observation.js';
import { claimsIn } from './claims.js';
import { replay } from './evolve.js';
import { answer, call, given, message, ok, read, start, write } from './given.fixture.js';
import type { Story } from './given.fixture.js';
import type { Session, SessionInput } from './session.js';

const tools = ['get_order', 'cancel_order', 'calculate'];
const told = '{"order_id":"#W2378156","user_id":"yusuf_rossi_9620","items":["6086499569"]}';
/** A session that was told of one order by `get_order`. */
const looked = (): Story =>
  given(start({ tools }), answer(1, [read({ tool: 'get_order' })]), ok(call(1, 0), told)) as Story;
const flagsOf = (text: string, session: Session = looked().session!): string[] =>
  claimsIn(session, text, []).map(({ kind, tool }) => `${kind}${tool ? ` ${tool}` : ''}`);
const says = (turn: number, text: string): SessionInput => {
  const input = answer(turn) as Extract<SessionInput, { type: 'modelAnswered' }>;
  return { ...input, answer: { ...input.answer, text } };
};

describe('a claim without an observation', () => {
  const claims = [
    'I called cancel_order and your order is cancelled.',
    'I’ve already used the `cancel_order` tool for you.',
    'We have successfully run cancel_order.',
    'The cancel_order tool returned a confirmation.',
    'According to cancel_order, nothing is due.',
    'Based on the result of `cancel_order` you get $12.',
    'cancel_order({"order_id":"#W2378156"}) → {"status":"cancelled"}',
    'I cancelled your order using cancel_order.',
    'First line.\nThe **cancel_order** call was successful.',
    'The `calculate` tool returned 42.',
  ];
  for (const claim of claims) {
    it(`is flagged: ${JSON.stringify(claim)}`, () => {
      const tool = claim.includes('calculate') ? 'calculate' : 'cancel_order';
      assert.deepEqual(flagsOf(claim), [`claimWithoutObservation ${tool}`]);
    });
  }

  const honest = [
    'I called get_order and it returned your order.',
    'I have not called cancel_order yet.',
    'I can call cancel_order if you like.',
    'Would you like me to use cancel_order?',
    'I’ll use cancel_order next.',
    'Let me check whether cancel_order returned anything.',
    'cancel_order cancels an order.',
    'I used calculate wisely.',
    'I called cancel_order_items_later.',
    'I called pre-cancel_order.',
    'Your order is cancelled.',
    '```\nI called cancel_order\n```',
    '',
  ];
  for (const text of honest) {
    it(`is not seen in ${JSON.stringify(text)}`, () => assert.deepEqual(flagsOf(text), []));
  }

  it('is none while the answer proposes the call itself', () => {
    const text = 'I called cancel_order, here it is.';
    assert.deepEqual(claimsIn(looked().session!, text, [{ tool: 'cancel_order' }]), []);
  });

  it('is none of a call that was refused: the model was told of it', () => {
    const observation = refused(call(1, 0), missing('UNKNOWN_ORDER', 'There is none.'));
    const story = given(start({ tools }), answer(1, [write({ tool: 'cancel_order' })]), {
      type: 'observed',
      observation,
    });
    assert.deepEqual(flagsOf('I called cancel_order and it failed.', story.session!), []);
  });
});

describe('a result written as text', () => {
  const written = [
    'Done. <tool_response>{"status":"cancelled"}</tool_response>',
    '<tool_call>{"name": "cancel_order", "arguments": {}}</tool_call>',
    '[TOOL_CALLS] [{"name":"cancel_order"}]',
    'Tool result:\n```json\n{"status":"cancelled"}\n```',
    '**Tool output:** {"status": "cancelled"}',
  ];
  for (const text of written) {
    it(`is flagged: ${JSON.stringify(text)}`, () => assert.deepEqual(flagsOf(text), ['resultInText']));
  }

  it('is none when a tool did answer so', () => {
    assert.deepEqual(flagsOf(`Tool result: ${told}`), []);
  });

  it('is none in code and in backticks', () => {
    assert.deepEqual(flagsOf('Write `<tool_call>` like this:\n```\n<tool_call>\n```'), []);
  });
});

describe('an id that nothing told', () => {
  for (const id of ['#W9378156', 'john_doe_1234', '7086499560']) {
    it(`is flagged when it looks like those of the session: ${id}`, () => {
      assert.deepEqual(flagsOf(`Your record ${id} was changed.`), ['unknownReference']);
    });
  }

  it('is none when it was told, asked for, or looks like nothing in the session', () => {
    const texts = [
      'Order W2378156 of yusuf_rossi_9620 has item 6086499569.',
      'ORDER #w2378156.',
      'Call 1-800-555-0199, read RFC-12345, done on 2026-11-27, report_2026_final, 5f3a9c1e7b2d4f60.',
    ];
    for (const text of texts) assert.deepEqual(flagsOf(text), [], text);
    const asked = given(
      start({ tools }),
      answer(1, [read({ tool: 'get_order', arguments: '{"order_id":"#W9999999"}' })]),
      ok(call(1, 0), told),
    );
    assert.deepEqual(flagsOf('There is no order #W9999999.', asked.session!), []);
  });
});

describe('the flags of a session', () => {
  it('change nothing but what is told of it', () => {
    const story = looked().when(says(2, 'I called cancel_order and it is done.'));
    assert.deepEqual(story.then, {
      events: ['modelAnswered 2', 'claimsFlagged claimWithoutObservation', 'finished completed'],
      effects: ['publishOutcome'],
    });
    assert.equal(story.session?.answer, 'I called cancel_order and it is done.');
    const quote = 'I called cancel_order and it is done.';
    assert.deepEqual(story.session?.flags, [{ kind: 'claimWithoutObservation', tool: 'cancel_order', quote }]);
    assert.deepEqual(replay(story.events), story.session, 'the same events make the same session');
  });

  it('are bounded in number and length, and show no control character', () => {
    const text = `${'I called cancel_order \u001B[31m and '.padEnd(400, 'x')} .\n`.repeat(50);
    const flags = claimsIn(looked().session!, text, []);
    assert.equal(flags.length, limits.claimFlagsMax);
    for (const { quote } of flags) assert.ok(quote.length <= 161 && !quote.includes('\u001B'));
  });

  it('of a turn that goes on with calls stop none of them', () => {
    const input = answer(2, [read({ tool: 'get_order' })]) as Extract<SessionInput, { type: 'modelAnswered' }>;
    const story = looked().when({ ...input, answer: { ...input.answer, text: 'cancel_order returned: done.' } });
    assert.deepEqual(story.then.events, ['modelAnswered 2', 'claimsFlagged claimWithoutObservation']);
    assert.deepEqual(story.then.effects, ['dispatch 2:0 until 31000']);
  });
});

describe('an agent that asks again on a claim', () => {
  const asking = (limit = {}): Story =>
    given(
      start({ tools, limits: { askAgainOnClaim: true, ...limit } }),
      answer(1, [read({ tool: 'get_order' })]),
      ok(call(1, 0), told),
    );
  const claim = 'I called cancel_order and it is done.';

  it('tells the model once what was not observed, and goes on', () => {
    const story = asking().when(says(2, claim));
    assert.deepEqual(story.then.events, ['modelAnswered 2', 'claimsFlagged claimWithoutObservation askedAgain']);
    assert.deepEqual(story.then.effects, ['callModel 3']);
    const hint = story.session!.messages.at(-1)!;
    assert.ok(hint.role === 'user' && hint.text.includes('There is no result of cancel_order in this session.'));
    assert.deepEqual(replay(story.events), story.session);
  });

  it('takes the second answer as it is', () => {
    const story = asking().when(says(2, claim), says(3, claim));
    assert.equal(story.then.events.at(-1), 'finished completed');
    assert.equal(story.session?.answer, claim);
  });

  it('asks once in each run', () => {
    const story = asking().when(says(2, claim), says(3, 'Nothing was done.'), message('m1'), says(4, claim));
    assert.equal(story.then.events.at(-1), 'claimsFlagged claimWithoutObservation askedAgain');
  });

  it('delivers an answer in hand when no step is left', () => {
    const story = asking({ stepsMax: 2 }).when(says(2, claim));
    assert.equal(story.then.events.at(-1), 'finished completed');
  });

  it('delivers an honest answer at once', () => {
    assert.equal(asking().when(says(2, 'Your order is there.')).then.events.at(-1), 'finished completed');
  });
});
