import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SessionOutcome } from '@toolfleet/contracts';
import { callIdOf } from '@toolfleet/kernel';
import { endedSessionOf } from './ended-sessions.js';
import { SessionView } from './scripted-model.js';
import { NameBook, stagePlan } from './staging.js';

test('a call is put together from what the model read, the tool was asked and the outcome lists', () => {
  const tool = {
    key: 'dig',
    name: 'dig',
    description: 'Digs.',
    parameters: { type: 'object' },
    effect: 'read' as const,
  };
  const odd = { ...tool, key: 'odd', name: 'odd', parameters: { type: 'object', $dynamicRef: '#x' } };
  const call = (name: string) => ({
    tool: name,
    arguments: {},
    end: { type: 'answered' as const, text: '{"reason":1}' },
  });
  const runs = [{ input: 'Dig.', answers: [[call('dig')], [call('dig'), call('odd')], [call('dig')]], say: 'Dug.' }];
  const plan = {
    tools: [tool, odd],
    sessions: [{ id: 's', tools: ['dig', 'odd'], runs }],
    notes: [],
    score: () => ({}),
  };
  const session = stagePlan(plan, 0, 'r', new NameBook()).sessions[0]!;
  const said = (...ids: string[]) => ({
    role: 'assistant',
    tool_calls: ids.map((id) => ({ id, function: { name: 'dig' } })),
  });
  const read = (id: string, content: string) => ({ role: 'tool', tool_call_id: id, content });
  const view = new SessionView();
  const refusal = '{"outcome":"failed","reason":"UNKNOWN_TOOL"}';
  view.saw({
    messages: [
      ...[{ role: 'user', content: 'Dig.' }, said('a'), read('a', '{"reason":1}')],
      ...[said('b', 'c'), read('b', 'gone'), read('c', refusal)],
    ],
    tools: [{ function: { name: 'dig' } }],
  });
  const outcome = {
    answer: 'Dug.',
    calls: [{ callId: callIdOf(session.sessionId, 2, 0), tool: 'dig', effect: 'read', outcome: 'timedOut' }],
  } as unknown as SessionOutcome;
  const ended = endedSessionOf(
    { session, status: 'completed', outcomes: [outcome] },
    { model: { viewOf: () => view }, tools: { executionsOf: () => 1, straysOf: () => 0 }, known: new Set(['dig']) },
  );
  assert.deepEqual(
    ended.calls.map(({ text, outcome, offered }) => [text, outcome, offered]),
    [
      // Too old for the outcome's list: the model was told.
      ['{"reason":1}', 'ok', 'first'],
      ['gone', 'timedOut', 'first'],
      [refusal, 'failed', 'unusable'],
      [undefined, undefined, 'first'],
    ],
  );
  assert.deepEqual(ended.answers, ['Dug.']);
});
