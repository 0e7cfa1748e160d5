import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startReplayModel } from '@toolfleet/platform/model-replay';
import { request } from 'undici';
import { buildConversations, conversationsFile } from './conversations-file.js';

interface Completion {
  readonly choices: readonly {
    readonly message: {
      readonly content: string | null;
      readonly tool_calls?: readonly { function: { name: string } }[];
    };
  }[];
}

test('the replay model leads every recorded conversation to its end', async () => {
  const model = await startReplayModel({ conversationFiles: [fileURLToPath(conversationsFile)] });
  const ask = async (messages: readonly object[]): Promise<Completion> => {
    const body = JSON.stringify({ model: 'replay-1', messages });
    const response = await request(`${model.url}/chat/completions`, { method: 'POST', body });
    assert.equal(response.statusCode, 200);
    return (await response.body.json()) as Completion;
  };
  try {
    for (const { id, input, answers } of await buildConversations()) {
      const start = [
        { role: 'system', content: 'You are an agent.' },
        { role: 'user', content: input },
      ];
      const [first] = answers;
      const opening = (await ask(start)).choices[0]?.message;
      const names = opening?.tool_calls?.map((call) => call.function.name) ?? [];
      assert.deepEqual(
        names,
        first !== undefined && 'toolCalls' in first ? first.toolCalls.map(({ name }) => name) : [],
        id,
      );
      const earlier = answers.slice(1).map(() => ({ role: 'assistant', content: 'So far.' }));
      const closing = (await ask([...start, ...earlier])).choices[0]?.message.content;
      const last = answers.at(-1);
      assert.equal(closing, last !== undefined && 'text' in last ? last.text : undefined, id);
    }
  } finally {
    await model.close();
  }
});
