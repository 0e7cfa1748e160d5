import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { isFault, type ModelAnswer } from '@toolfleet/kernel';
import { dribble, ModelBench, quiet, requestOn, routeTo } from './model-client.fixture.js';

interface Recorded {
  readonly id: string;
  readonly status?: number;
  readonly sse?: string;
  readonly body?: unknown;
  readonly chunks?: readonly string[];
  readonly expected: { readonly error?: true; readonly stream_error?: unknown; readonly choices?: readonly Expected[] };
}

interface Expected {
  readonly finish_reason: string | null;
  readonly content: string | readonly { readonly type: string; readonly text?: string }[] | null;
  readonly tool_calls: readonly { readonly id: string; readonly name: string; readonly arguments: string }[];
}

function recorded(file: string): Recorded[] {
  return readFileSync(new URL(`../../fixtures/llm-protocol/${file}`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Recorded);
}

const exchanges = recorded('exchanges.jsonl');
const fixtures = recorded('fixtures.jsonl');
const all = [...exchanges, ...fixtures];

const bench = new ModelBench();
after(() => bench.close());
const client = bench.client();

const url = await bench.serve((request, response) => {
  const [, index, variant] = (request.url ?? '').split('/');
  const row = all[Number(index)];
  assert.ok(row);
  request.resume();
  const stream = row.sse ?? row.chunks?.map((chunk) => `data: ${chunk}\n\n`).join('');
  const status = row.status ?? (row.expected.error ? 400 : 200);
  const type = stream === undefined ? 'application/json' : 'text/event-stream; charset=utf-8';
  const text = stream === undefined ? JSON.stringify(row.body) : stream;
  response.writeHead(status, { 'content-type': type });
  if (variant === 'whole') response.end(text);
  else if (variant === 'crlf') response.end(Buffer.from(text.replaceAll('\n', '\r\n')));
  else dribble(response, Buffer.from(text), 997);
});

const ask = (index: number, variant: string, stream: boolean): Promise<ModelAnswer> =>
  client.answer(requestOn(routeTo(url.replace(/v1$/, `${index}/${variant}/v1`), { stream })), quiet);

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function textOf(content: Expected['content']): string {
  if (content === null || typeof content === 'string') return content ?? '';
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

async function endsAsRecorded(row: Recorded, variant: string, stream: boolean): Promise<void> {
  const name = `${row.id} (${variant}, ${stream ? 'streamed' : 'in one piece'})`;
  const asked = ask(all.indexOf(row), variant, stream);
  if (row.expected.error || row.expected.stream_error) {
    await assert.rejects(asked, (error) => {
      assert.ok(isFault(error), name);
      const expected = row.status === 429 ? 'overloaded/MODEL_RATE_LIMITED' : 'invalid/MODEL_REFUSED_REQUEST';
      assert.equal(`${error.kind}/${error.reason}`, expected, name);
      return true;
    });
    return;
  }
  const [expected] = row.expected.choices ?? [];
  assert.ok(expected);
  const answer = await asked;
  assert.equal(answer.text, textOf(expected.content), name);
  assert.equal(answer.finishReason, expected.finish_reason, name);
  assert.deepEqual(
    answer.toolCalls.map((call) => [call.id, call.name, json(call.arguments)]),
    expected.tool_calls.map((call) => [call.id, call.name, json(call.arguments)]),
    name,
  );
  if (row.sse === undefined && row.chunks === undefined) assert.ok(answer.usage.outputTokens > 0, name);
}

async function allEnd(rows: readonly Recorded[], variant: string, stream: boolean): Promise<void> {
  for (let at = 0; at < rows.length; at += 16) {
    await Promise.all(rows.slice(at, at + 16).map((row) => endsAsRecorded(row, variant, stream)));
  }
}

const streamed = ({ sse, chunks }: Recorded): boolean => sse !== undefined || chunks !== undefined;

describe('recorded traffic of OpenAI-compatible providers', () => {
  it('is all there', () => {
    assert.deepEqual([exchanges.length, fixtures.length], [186, 22]);
  });

  it('ends as recorded when it comes in one write', () => allEnd(all, 'whole', true));

  it('ends as recorded when it comes in pieces cut anywhere', () => allEnd(all, 'pieces', true));

  it('ends as recorded when a stream has other line ends', () => allEnd(all.filter(streamed), 'crlf', true));

  it('ends as recorded when no stream was asked for, even where one comes', () => allEnd(all, 'pieces', false));
});
