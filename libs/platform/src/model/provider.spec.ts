import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Message } from '@toolfleet/kernel';
import { heapKeptBy } from '@toolfleet/testkit';
import { anthropic } from './anthropic.js';
import type { ModelRequest } from './model-client.js';
import { openai } from './openai.js';
import { Grown } from './provider.js';

const said = (text: string): Message => ({ role: 'user', text });
const textOf = (message: Message): string => ('text' in message ? message.text : '');

function counted(): { textOfAll: (messages: readonly Message[]) => string; added: string[] } {
  const added: string[] = [];
  const grown = new Grown(
    (): string[] => [],
    (made, message) => {
      added.push(textOf(message));
      made.push(textOf(message));
    },
  );
  return { textOfAll: (messages) => grown.of(messages).join(','), added };
}

const tallies = new Grown(
  () => Array.from({ length: 100 }, () => 1),
  (made, message) => void made.push(textOf(message).length),
);
const kept = await heapKeptBy(() => tallies.of([said('a'), said('b')]));

describe('what grows with a conversation', () => {
  it('takes up only the messages that are new since the turn before', () => {
    const { textOfAll, added } = counted();
    const first = [said('a'), said('b')];
    assert.equal(textOfAll(first), 'a,b');
    assert.equal(textOfAll([...first, said('c'), said('d')]), 'a,b,c,d');
    assert.deepEqual(added, ['a', 'b', 'c', 'd']);
  });

  it('goes with the conversation, and leaves nothing to a whole collection', () => {
    // 1 to 10 here, 1,500 in a WeakMap.
    assert.ok(kept < 300, `${kept.toFixed(0)} bytes for each conversation`);
  });

  it('is the same for a turn that is asked again, and for an earlier one', () => {
    const { textOfAll, added } = counted();
    const first = [said('a')];
    const second = [...first, said('b')];
    assert.deepEqual([textOfAll(second), textOfAll([...second])], ['a,b', 'a,b']);
    assert.deepEqual(added, ['a', 'b']);
    assert.deepEqual([textOfAll(first), textOfAll(second), textOfAll([])], ['a', 'a,b', '']);
  });

  it('never lends one conversation what another one said before the same message', () => {
    const { textOfAll } = counted();
    const shared = said('shared');
    assert.equal(textOfAll([said('mine'), shared]), 'mine,shared');
    assert.equal(textOfAll([said('yours'), shared]), 'yours,shared');
    assert.equal(textOfAll([shared, said('more')]), 'shared,more');
    assert.equal(textOfAll([said('one'), said('two'), shared]), 'one,two,shared');
  });
});

describe('a turn without calls', () => {
  const route = {
    ...{ name: 'main', baseUrl: 'http://model', model: 'm', stream: false, timeoutMs: 1, concurrencyMax: 1 },
    provider: 'openai' as const,
  };
  const tools = [{ name: 'look', description: '', parameters: { type: 'object' } }];
  const request: ModelRequest = { route, messages: [said('a')], tools, deadlineAtMs: 1, sessionId: 's' };
  const bodyOf = (provider: typeof openai, more: Partial<ModelRequest>) =>
    JSON.parse(Buffer.from(provider.encode({ ...request, ...more })).toString()) as Record<string, unknown>;

  it('keeps its tools in the request and forbids to call them, as each provider says that', () => {
    const asked = [bodyOf(openai, { noCalls: true }), bodyOf(anthropic, { noCalls: true })];
    assert.deepEqual(
      asked.map(({ tool_choice, tools: offered }) => [tool_choice, (offered as unknown[]).length]),
      [
        ['none', 1],
        [{ type: 'none' }, 1],
      ],
    );
  });

  it('forbids nothing where there is nothing to call, or calls are wanted', () => {
    for (const provider of [openai, anthropic]) {
      assert.ok(!('tool_choice' in bodyOf(provider, { noCalls: true, tools: [] })));
      assert.ok(!('tool_choice' in bodyOf(provider, {})));
    }
  });
});
