import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { isFault, type Message, type ModelAnswer } from '@toolfleet/kernel';
import { ModelBench, quiet, requestOn, routeTo } from '../model/model-client.fixture.js';
import type { ModelRoute } from '../model/model-client.js';
import { askOf } from './ask.js';
import { readConversations, type Conversation } from './conversation.js';
import { startReplayModel, type ReplayModel, type ReplayModelOptions } from './replay-model.js';

const directory = mkdtempSync(join(tmpdir(), 'replay-'));
const bench = new ModelBench();
const models: ReplayModel[] = [];
after(async () => {
  await bench.close();
  await Promise.all(models.map((model) => model.close()));
  rmSync(directory, { recursive: true });
});

let files = 0;
function fileOf(...conversations: readonly Conversation[]): string {
  const file = join(directory, `${(files += 1)}.jsonl`);
  writeFileSync(file, conversations.map((conversation) => `${JSON.stringify(conversation)}\n`).join(''));
  return file;
}

async function replay(
  conversations: readonly Conversation[],
  options: Partial<ReplayModelOptions> = {},
): Promise<ReplayModel> {
  const model = await startReplayModel({ conversationFiles: [fileOf(...conversations)], ...options });
  models.push(model);
  return model;
}

const input = 'Cancel my "order" #W1 \\ Größe 😀, please.';
const cancel: Conversation = {
  id: 'cancel/1',
  input,
  answers: [
    {
      text: 'I will look – 😀.',
      toolCalls: [
        { name: 'find_user', arguments: { email: 'a@b.c', note: 'x'.repeat(100) } },
        { name: 'get_order', arguments: {} },
      ],
    },
    { toolCalls: [{ name: 'cancel_order', rawArguments: '{"order_id": "#W1' }] },
    { text: 'Done.' },
    { text: 'You are welcome.' },
  ],
};

const ways: readonly Partial<ModelRoute>[] = [
  { provider: 'openai', stream: true },
  { provider: 'openai', stream: false },
  { provider: 'anthropic', stream: true },
  { provider: 'anthropic', stream: false },
];

async function say(
  model: ReplayModel,
  messages: readonly Message[],
  way: Partial<ModelRoute> = {},
): Promise<ModelAnswer> {
  return bench.client().answer(requestOn(routeTo(model.url, way), { messages }), quiet);
}

async function faultOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.catch((error: unknown) => error);
  assert.ok(isFault(error), String(error));
  return `${error.kind}/${error.reason} ${error.details['providerMessage'] ?? ''}`;
}

describe('the replay model', () => {
  for (const way of ways) {
    it(`replays a conversation turn by turn (${way.provider}, ${way.stream ? 'streamed' : 'in one piece'})`, async () => {
      const model = await replay([cancel]);
      const messages: Message[] = [
        { role: 'system', text: 'Be kind. {"role":"assistant"}' },
        { role: 'user', text: input },
      ];
      const heard: ModelAnswer[] = [];
      for (let turn = 0; turn < 3; turn += 1) {
        const answer = await say(model, messages, way);
        heard.push(answer);
        messages.push({ role: 'assistant', text: answer.text, toolCalls: answer.toolCalls });
        for (const { id } of answer.toolCalls) messages.push({ role: 'tool', toolCallId: id, text: '{"ok":true}' });
      }
      messages.push({ role: 'user', text: 'Thank you.' });
      heard.push(await say(model, messages, way));
      // An answer of Anthropic's in one piece cannot hold broken arguments.
      const broken = way.provider === 'anthropic' && !way.stream ? '{}' : '{"order_id": "#W1';
      assert.deepEqual(
        heard.map(({ text, toolCalls, finishReason }) => [
          text,
          finishReason,
          toolCalls.map((call) => `${call.name} ${call.arguments}`),
        ]),
        [
          [
            'I will look – 😀.',
            'tool_calls',
            [`find_user {"email":"a@b.c","note":"${'x'.repeat(100)}"}`, 'get_order {}'],
          ],
          ['', 'tool_calls', [`cancel_order ${broken}`]],
          ['Done.', 'stop', []],
          ['You are welcome.', 'stop', []],
        ],
      );
      assert.ok(heard.every(({ usage }) => usage.inputTokens > 0 && usage.outputTokens > 0));
      assert.equal(
        await faultOf(say(model, [...messages, { role: 'assistant', text: 'x', toolCalls: [] }], way)),
        `invalid/MODEL_REFUSED_REQUEST Conversation cancel/1 has 4 answers, number 5 was asked for: ${JSON.stringify(input)}.`,
      );
    });

    it(`cuts an answer in the middle of a tool call (${way.provider}, ${way.stream ? 'streamed' : 'in one piece'})`, async () => {
      const answers = [{ text: 'Wait.', toolCalls: [{ name: 'a', arguments: { b: 1 } }], cut: true }];
      const model = await replay([{ id: 'cut', input: 'Cut', answers }]);
      assert.match(
        await faultOf(say(model, [{ role: 'user', text: 'Cut' }], way)),
        /^unreachable\/UPSTREAM_CONNECTION_LOST/,
      );
    });
  }

  it('says which conversation it does not know, by its first 80 characters', async () => {
    const model = await replay([cancel]);
    const text = `${'ü'.repeat(80)}, and more`;
    assert.equal(
      await faultOf(say(model, [{ role: 'user', text }])),
      `invalid/MODEL_REFUSED_REQUEST No recorded conversation begins with "${'ü'.repeat(80)}".`,
    );
  });

  it('answers with the status that the recording names', async () => {
    const model = await replay([
      { id: 'busy', input: 'Busy', answers: [{ status: 429, retryAfterMs: 1_500 }] },
      { id: 'down', input: 'Down', answers: [{ status: 503 }] },
    ]);
    const busy = await say(model, [{ role: 'user', text: 'Busy' }]).catch((error: unknown) => error);
    assert.ok(isFault(busy));
    assert.deepEqual([busy.kind, busy.retryAfterMs], ['overloaded', 1_500]);
    assert.match(await faultOf(say(model, [{ role: 'user', text: 'Down' }])), /^unreachable\/MODEL_FAILED/);
  });

  it('injects faults by count and delays every answer by its latency', async () => {
    const hello: Conversation = { id: 'hello', input: 'Hello', answers: [{ text: 'Hi.' }] };
    const model = await replay([hello], { latencyMs: 30, faults: [{ everyNth: 2, status: 500 }] });
    const startedAtMs = performance.now();
    const ends: string[] = [];
    for (let i = 0; i < 4; i += 1) {
      ends.push(
        await say(model, [{ role: 'user', text: 'Hello' }]).then(
          ({ text }) => text,
          (error) => error.kind,
        ),
      );
    }
    assert.deepEqual(ends, ['Hi.', 'unreachable', 'Hi.', 'unreachable']);
    assert.ok(performance.now() - startedAtMs >= 4 * 29);
    assert.equal(model.requests, 4);
  });

  it('says what it is directed to say, and what is recorded where it is not', async () => {
    const hello: Conversation = { id: 'hello', input: 'Hello', answers: [{ text: 'Hi.' }] };
    const model = await startReplayModel({
      conversations: [hello],
      direct: ({ conversation, answered, body }) =>
        body.includes('"Look"') ? { toolCalls: [{ name: `${conversation.id}_${answered}` }] } : undefined,
    });
    models.push(model);
    const first: Message = { role: 'user', text: 'Hello' };
    assert.equal((await say(model, [first])).text, 'Hi.');
    const more: Message[] = [first, { role: 'assistant', text: 'Hi.', toolCalls: [] }, { role: 'user', text: 'Look' }];
    for (const way of ways) {
      const [call] = (await say(model, more, way)).toolCalls;
      assert.deepEqual([call?.id, call?.name, call?.arguments], ['call_hello_1_0', 'hello_1', '{}']);
    }
  });

  it('refuses what it does not serve without ending', async () => {
    const model = await replay([cancel]);
    const post = (path: string, body: string): Promise<Response> =>
      fetch(`${model.url}${path}`, { method: 'POST', body });
    assert.equal((await post('/embeddings', '{}')).status, 404);
    assert.equal((await post('/chat/completions', '{"messages":[')).status, 400);
    assert.equal((await post('/chat/completions', 'null')).status, 400);
    assert.equal((await post('/chat/completions', '{"messages":[null,{"role":"system"}]}')).status, 400);
    const spaced = JSON.stringify({ stream: false, messages: [{ content: input, role: 'user' }] }, null, 2);
    assert.equal((await post('/chat/completions', spaced)).status, 200);
  });

  it('names the line of a file that is no recording, and the two that begin alike', () => {
    const bad = fileOf(cancel, { id: 'x', input: 'y', answers: [{ text: 1 }] } as unknown as Conversation);
    assert.throws(() => readConversations([bad]), /:2 is not a recorded conversation/);
    const twice = fileOf(cancel, { ...cancel, id: 'other' });
    assert.throws(() => readConversations([twice]), /begin with the same message/);
  });
});

describe('askOf', () => {
  it('reads the same from compact bytes as from parsed ones', () => {
    const messages = [
      { role: 'system', content: 'say "role":"assistant" and "role":"user","content":"no"' },
      { role: 'user', content: 'a \\" quote \\\\' },
      { role: 'assistant', content: 'one "role":"assistant"' },
      { role: 'tool', content: '{"role":"assistant"}' },
      { role: 'assistant', content: null },
      { role: 'user', content: 'next' },
    ];
    for (const stream of [true, false]) {
      const request = { model: 'm', ...(stream ? { stream } : {}), messages };
      const expected = { input: 'a \\" quote \\\\', answered: 2, stream };
      assert.deepEqual(askOf(Buffer.from(JSON.stringify(request))), expected);
      assert.deepEqual(askOf(Buffer.from(JSON.stringify(request, null, 1))), expected);
    }
    const parts = [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'in ' },
          { type: 'text', text: 'parts' },
        ],
      },
    ];
    assert.equal(askOf(Buffer.from(JSON.stringify({ messages: parts })))?.input, 'in parts');
  });
});
