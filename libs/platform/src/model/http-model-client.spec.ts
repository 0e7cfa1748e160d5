import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, describe, it } from 'node:test';
import { isFault, limits, type Fault, type Message, type ToolDefinition } from '@toolfleet/kernel';
import { Breakers } from '../breaker/index.js';
import { Secret } from '../config/secret.js';
import { ModelBench, quiet, requestOn, routeTo } from './model-client.fixture.js';
import type { ModelRequest, ModelRoute, ModelUsageReport } from './model-client.js';

const bench = new ModelBench();
after(() => bench.close());

const key = 'sk-verysecretkey123';
const apiKey = new Secret(key);
const events = (...chunks: readonly unknown[]): string =>
  chunks.map((chunk) => `data: ${typeof chunk === 'string' ? chunk : JSON.stringify(chunk)}\n\n`).join('');
const delta = (delta: object, finish: string | null = null): object => ({
  choices: [{ index: 0, delta, finish_reason: finish }],
});
const call = (index: number, name: string, text: string): object =>
  delta({ tool_calls: [{ index, id: `c${index}`, function: { name, arguments: text } }] });

async function serveStream(text: string, status = 200, headers: Record<string, string> = {}): Promise<string> {
  return bench.serve((request, response) => {
    request.resume();
    response.writeHead(status, { 'content-type': 'text/event-stream', ...headers }).end(text);
  });
}

async function faultOf(promise: Promise<unknown>): Promise<Fault> {
  const error = await promise.then(
    (value) => assert.fail(`expected a fault, got ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
  assert.ok(isFault(error), String(error));
  return error;
}

async function faultFrom(url: string, route: Partial<ModelRoute> = {}): Promise<Fault> {
  return faultOf(bench.client().answer(requestOn(routeTo(url, route)), quiet));
}

const names = (fault: Fault): string => `${fault.kind}/${fault.reason}`;

describe('HttpModelClient: what goes wrong', () => {
  it('maps every status to the fault that says what to do', async () => {
    const cases: readonly [number, string][] = [
      [302, 'invalid/MODEL_REFUSED_REQUEST'],
      [400, 'invalid/MODEL_REFUSED_REQUEST'],
      [404, 'invalid/MODEL_REFUSED_REQUEST'],
      [408, 'unreachable/MODEL_FAILED'],
      [429, 'overloaded/MODEL_RATE_LIMITED'],
      [500, 'unreachable/MODEL_FAILED'],
      [503, 'unreachable/MODEL_FAILED'],
      [529, 'overloaded/MODEL_RATE_LIMITED'],
    ];
    for (const [status, expected] of cases) {
      const fault = await faultFrom(await serveStream('{"error":{"message":"so it is"}}', status));
      assert.equal(names(fault), expected);
      assert.deepEqual([fault.details['status'], fault.details['providerMessage']], [String(status), 'so it is']);
    }
  });

  it('waits as long as the provider asks, within reason', async () => {
    const asked = async (headers: Record<string, string>): Promise<number | undefined> =>
      (await faultFrom(await serveStream('', 429, headers))).retryAfterMs;
    assert.equal(await asked({ 'retry-after': '7' }), 7_000);
    assert.equal(await asked({ 'retry-after-ms': '250', 'retry-after': '1' }), 250);
    assert.equal(await asked({ 'retry-after': '86400' }), 600_000);
    assert.equal(await asked({ 'retry-after': 'soon' }), 1_000);
    const date = await asked({ 'retry-after': new Date(Date.now() + 30_000).toUTCString() });
    assert.ok(date !== undefined && date > 25_000 && date <= 30_000);
  });

  it('never hands on a key that the provider quotes, and keeps its message short', async () => {
    const quoting = JSON.stringify({ error: { message: `No such model for ${key}. ${'x'.repeat(2_000)}` } });
    const refused = await faultFrom(await serveStream(quoting, 400), { apiKey });
    assert.equal(refused.details['providerMessage']?.length, 500);
    const denied = await faultFrom(await serveStream('{"error":{"message":"Incorrect key sk-very***123"}}', 401), {
      apiKey,
    });
    assert.equal(denied.details['providerMessage'], undefined);
    for (const fault of [refused, denied]) assert.doesNotMatch(JSON.stringify(fault.details), /sk-|very/);
  });

  it('finds a stream that ends or breaks in the middle unreachable, whatever came before', async () => {
    const begun = events(delta({ content: 'I will' }), call(0, 'pay', '{"amount":'));
    assert.equal(names(await faultFrom(await serveStream(begun))), 'unreachable/MODEL_STREAM_CUT');
    const noReason = `${begun}${events('[DONE]')}`;
    assert.equal(names(await faultFrom(await serveStream(noReason))), 'unreachable/MODEL_STREAM_CUT');
    assert.equal(
      names(await faultFrom(await serveStream(`${begun}data: {"cho`))),
      'unreachable/MODEL_ANSWER_UNREADABLE',
    );
    const reset = await bench.serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(begun, () => response.destroy());
    });
    assert.equal(names(await faultFrom(reset)), 'unreachable/UPSTREAM_CONNECTION_LOST');
    for (const body of ['', '<html>', '[]', '{"choices":null}', '{}']) {
      const url = await serveStream(body, 200, { 'content-type': 'application/json' });
      assert.match(names(await faultFrom(url)), /^unreachable\/MODEL_(ANSWER_UNREADABLE|STREAM_CUT)$/, body);
    }
  });

  it('hands on no call that the output limit cut, be it in its arguments or before them', async () => {
    for (const rest of ['{"amount": 1', '']) {
      const text = events(call(0, 'look', '{"a":1}'), call(1, 'pay', rest), delta({}, 'length'), '[DONE]');
      const answer = await bench.client().answer(requestOn(routeTo(await serveStream(text))), quiet);
      assert.deepEqual([answer.finishReason, answer.toolCalls.map(({ name }) => name)], ['length', ['look']]);
    }
  });

  it('maps an error inside an answer by the status or name that it carries', async () => {
    const cases: readonly [object | string, string][] = [
      [{ code: 429, message: 'slow' }, 'overloaded/MODEL_RATE_LIMITED'],
      [{ type: 'invalid_request_error' }, 'invalid/MODEL_REFUSED_REQUEST'],
      [{ code: 'server_error' }, 'unreachable/MODEL_FAILED'],
      ['odd', 'unreachable/MODEL_FAILED'],
    ];
    for (const [error, expected] of cases) {
      assert.equal(names(await faultFrom(await serveStream(events(delta({ content: 'a' }), { error })))), expected);
      const body = await serveStream(JSON.stringify({ error }), 200, { 'content-type': 'application/json' });
      assert.equal(names(await faultFrom(body)), expected);
    }
  });

  it('finds an answer over the limit invalid, and stops reading it', async () => {
    const url = await bench.serve((_request, response) => {
      const piece = events(delta({ content: 'x'.repeat(1_000) }));
      const drip = setInterval(() => response.write(piece), 1);
      response.on('close', () => clearInterval(drip));
    });
    const client = bench.client({ answerBytesMax: 20_000 });
    const fault = await faultOf(client.answer(requestOn(routeTo(url)), quiet));
    assert.equal(names(fault), 'invalid/MODEL_ANSWER_TOO_LARGE');
  });

  it('expires at the deadline or the timeout of the route, and finds a silent provider unreachable', async () => {
    const url = await bench.serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    });
    const client = bench.client();
    const late = requestOn(routeTo(url), { deadlineAtMs: Date.now() + 80 });
    assert.equal(names(await faultOf(client.answer(late, quiet))), 'expired/DEADLINE_PASSED');
    assert.equal(names(await faultFrom(url, { timeoutMs: 80 })), 'expired/DEADLINE_PASSED');
    assert.equal(names(await faultFrom(url, { firstByteTimeoutMs: 80 })), 'unreachable/UPSTREAM_SILENT');
  });

  it('rejects with the reason of an abort', async () => {
    const url = await bench.serve(() => {});
    const abort = new AbortController();
    const asked = bench.client().answer(requestOn(routeTo(url)), abort.signal);
    setTimeout(() => abort.abort(new Error('the session was cancelled')), 20);
    await assert.rejects(asked, /the session was cancelled/);
  });

  it('lets a retry go only within its provider’s budget, which all its routes share and an open breaker leaves alone', async () => {
    const url = await serveStream('', 503);
    const breakers = new Breakers({ callsMin: 1_000 });
    const client = bench.client({ breakers });
    const ask = async (name: string, isRetry: boolean) =>
      (await faultOf(client.answer({ ...requestOn(routeTo(url, { name })), isRetry }, quiet))).reason;
    for (let retries = 0; retries < limits.retriesPerSecondMin; retries += 1) {
      assert.equal(await ask(retries % 2 ? 'a' : 'b', true), 'MODEL_FAILED');
    }
    const refused = await faultOf(client.answer({ ...requestOn(routeTo(url, { name: 'a' })), isRetry: true }, quiet));
    assert.deepEqual([names(refused), refused.retryAfterMs! <= 100], ['overloaded/MODEL_RETRIES_SPENT', true]);
    assert.equal(await ask('a', false), 'MODEL_FAILED');
    for (let firsts = 1; firsts < 10; firsts += 1) await ask('a', false);
    breakers.of('model:a').force({ forced: 'open', expiresAtMs: Date.now() + 60_000 });
    assert.equal(await ask('a', true), 'BREAKER_FORCED_OPEN');
    assert.equal(await ask('b', true), 'MODEL_FAILED');
  });

  it('opens the breaker of a route whose provider is down, and of no other', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => closed.once('listening', resolve));
    const url = `http://127.0.0.1:${(closed.address() as AddressInfo).port}/v1`;
    await new Promise((resolve) => closed.close(resolve));
    const breakers = new Breakers({ callsMin: 3 });
    const client = bench.client({ breakers });
    const ask = (name: string): Promise<Fault> => faultOf(client.answer(requestOn(routeTo(url, { name })), quiet));
    for (let i = 0; i < 3; i += 1) assert.equal(names(await ask('a')), 'unreachable/UPSTREAM_CONNECT_FAILED');
    const refused = await ask('a');
    assert.equal(names(refused), 'overloaded/BREAKER_OPEN');
    assert.ok((refused.retryAfterMs ?? 0) > 0);
    assert.equal(names(await ask('b')), 'unreachable/UPSTREAM_CONNECT_FAILED');
  });

  it('opens the breaker of a route whose provider answers nothing until the deadline', async () => {
    const url = await bench.serve(() => undefined);
    const client = bench.client({ breakers: new Breakers({ callsMin: 3 }) });
    const ask = () => faultOf(client.answer(requestOn(routeTo(url), { deadlineAtMs: Date.now() + 1_000 }), quiet));
    const late = await Promise.all([ask(), ask(), ask()]);
    assert.deepEqual(late.map(names), Array(3).fill('expired/DEADLINE_PASSED'));
    assert.equal(names(await ask()), 'overloaded/BREAKER_OPEN');
  });
});

describe('HttpModelClient: what goes right', () => {
  const whole = events(delta({ content: 'Hel' }), delta({ content: 'lo' }, 'stop'), {
    choices: [],
    usage: { prompt_tokens: 5, completion_tokens: 2 },
  });

  it('keeps to the concurrency of the route, first come, first served', async () => {
    let inside = 0;
    let insideMost = 0;
    const url = await bench.serve((request, response) => {
      request.resume();
      insideMost = Math.max(insideMost, (inside += 1));
      setTimeout(() => {
        inside -= 1;
        response.writeHead(200, { 'content-type': 'text/event-stream' }).end(whole + events('[DONE]'));
      }, 10);
    });
    const client = bench.client({ queueMax: 8 });
    const route = routeTo(url, { name: 'narrow', concurrencyMax: 2 });
    const asked = Array.from({ length: 11 }, () => client.answer(requestOn(route), quiet));
    const ends = await Promise.allSettled(asked);
    assert.equal(insideMost, 2);
    assert.deepEqual(
      ends.map(({ status }) => status),
      [...Array<string>(10).fill('fulfilled'), 'rejected'],
    );
  });

  it('reports the text as it comes and the usage when it is done', async () => {
    const url = await serveStream(whole + events('[DONE]'));
    const reports: ModelUsageReport[] = [];
    const deltas: string[] = [];
    const client = bench.client({ onUsage: (report) => reports.push(report) });
    const answer = await client.answer(requestOn(routeTo(url), { onText: (text) => deltas.push(text) }), quiet);
    const usage = { inputTokens: 5, outputTokens: 2 };
    assert.deepEqual(answer, { text: 'Hello', toolCalls: [], finishReason: 'stop', usage });
    assert.deepEqual(deltas, ['Hel', 'lo']);
    assert.deepEqual(
      reports.map(({ latencyMs, ...report }) => (assert.ok(latencyMs >= 0), report)),
      [{ route: 'main', model: 'm', sessionId: 'session-1', usage }],
    );
  });

  it('has its answer at the end of the stream although the connection stays open', async () => {
    const url = await bench.serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(whole + events('[DONE]'));
    });
    assert.equal((await bench.client().answer(requestOn(routeTo(url)), quiet)).text, 'Hello');
  });

  it('tells calls apart that a provider numbers alike, and gives each an id of its own', async () => {
    const text = events(
      delta({ tool_calls: [{ index: 0, id: 'a', function: { name: 'one', arguments: '{}' } }] }),
      delta({ tool_calls: [{ index: 0, id: 'b', function: { name: 'two', arguments: { x: 1 } } }] }),
      delta({ tool_calls: [{ function: { name: 'three', arguments: '{' } }] }),
      delta({ tool_calls: [{ function: { arguments: '}' } }] }, 'tool_calls'),
      '[DONE]',
    );
    const answer = await bench.client().answer(requestOn(routeTo(await serveStream(text))), quiet);
    assert.deepEqual(
      answer.toolCalls.map((call) => `${call.id} ${call.name} ${call.arguments}`),
      ['a one {}', 'b two {"x":1}', 'call_2_ three {}'],
    );
  });
});

const conversation: readonly Message[] = [
  { role: 'system', text: 'Be brief.' },
  { role: 'user', text: 'Two orders.' },
  {
    role: 'assistant',
    text: 'Looking.',
    toolCalls: [
      { id: 'a', name: 'get_order', arguments: '{"id": 1}' },
      { id: 'b', name: 'get_order', arguments: '{"id": ' },
    ],
  },
  { role: 'tool', toolCallId: 'a', text: 'found' },
  { role: 'tool', toolCallId: 'b', text: '' },
  { role: 'assistant', text: '', toolCalls: [] },
  { role: 'user', text: '' },
];
const tools: readonly ToolDefinition[] = [
  { name: 'get_order', description: 'Finds one.', parameters: { type: 'object', properties: {} } },
];

describe('HttpModelClient: what it sends', () => {
  async function sentBy(
    request: Partial<ModelRequest>,
    route: Partial<ModelRoute>,
  ): Promise<[string, object, unknown]> {
    const { promise, resolve } = Promise.withResolvers<[string, object, unknown]>();
    const listener: RequestListener = (request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += String(chunk)));
      request.on('end', () => {
        resolve([request.url ?? '', request.headers, JSON.parse(body)]);
        response.writeHead(400).end();
      });
    };
    const url = await bench.serve(listener);
    await faultOf(bench.client().answer(requestOn(routeTo(url, { apiKey, ...route }), request), quiet));
    return promise;
  }

  it('writes chat completions, with broken arguments wrapped so that no provider refuses the conversation', async () => {
    const route = { maxOutputTokens: 9, temperature: 0, seed: 7 };
    const [path, headers, body] = await sentBy({ messages: conversation, tools }, route);
    assert.equal(path, '/v1/chat/completions');
    assert.partialDeepStrictEqual(headers, { authorization: `Bearer ${key}`, 'x-toolfleet-session': 'session-1' });
    const calls = [
      { id: 'a', type: 'function', function: { name: 'get_order', arguments: '{"id": 1}' } },
      {
        id: 'b',
        type: 'function',
        function: { name: 'get_order', arguments: '{"unreadable_arguments":"{\\"id\\": "}' },
      },
    ];
    assert.deepEqual(body, {
      model: 'm',
      stream: true,
      stream_options: { include_usage: true },
      temperature: 0,
      seed: 7,
      max_completion_tokens: 9,
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Two orders.' },
        { role: 'assistant', content: 'Looking.', tool_calls: calls },
        { role: 'tool', tool_call_id: 'a', content: 'found' },
        { role: 'tool', tool_call_id: 'b', content: '' },
        { role: 'assistant', content: '' },
        { role: 'user', content: '' },
      ],
      tools: [
        {
          type: 'function',
          function: {
            name: 'get_order',
            description: 'Finds one.',
            parameters: { type: 'object', properties: {} },
          },
        },
      ],
    });
  });

  it('writes messages with the prompt apart and the results of one answer in one message', async () => {
    const [path, headers, body] = await sentBy({ messages: conversation, tools }, { provider: 'anthropic' });
    assert.equal(path, '/v1/messages');
    assert.partialDeepStrictEqual(headers, { 'x-api-key': key, 'anthropic-version': '2023-06-01' });
    assert.deepEqual(body, {
      model: 'm',
      max_tokens: 4_096,
      stream: true,
      system: [{ type: 'text', text: 'Be brief.' }],
      messages: [
        { role: 'user', content: 'Two orders.' },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'Looking.' },
            { type: 'tool_use', id: 'a', name: 'get_order', input: { id: 1 } },
            { type: 'tool_use', id: 'b', name: 'get_order', input: { unreadable_arguments: '{"id": ' } },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'a', content: 'found' },
            { type: 'tool_result', tool_use_id: 'b', content: '' },
          ],
        },
        { role: 'user', content: '(empty)' },
      ],
      tools: [{ name: 'get_order', description: 'Finds one.', input_schema: { type: 'object', properties: {} } }],
    });
  });

  it('encodes a message and a tool once, however many turns send them', async () => {
    let encodings = 0;
    const counted = <T extends object>(value: T): T => Object.assign(value, { toJSON: () => ((encodings += 1), {}) });
    const parameters = counted({});
    const tool = { name: 'n', description: 'd', parameters };
    for (let turn = 0; turn < 3; turn += 1) await sentBy({ tools: [tool] }, {});
    assert.equal(encodings, 1);
  });
});
