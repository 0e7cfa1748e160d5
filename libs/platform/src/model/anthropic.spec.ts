import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isFault, type ModelAnswer } from '@toolfleet/kernel';
import { anthropic } from './anthropic.js';

const start = { type: 'message_start', message: { usage: { input_tokens: 10, cache_read_input_tokens: 90 } } };
const toolStart = {
  type: 'content_block_start',
  index: 1,
  content_block: { type: 'tool_use', id: 't', name: 'pay', input: {} },
};
const piece = (partial_json: string): object => ({
  type: 'content_block_delta',
  index: 1,
  delta: { type: 'input_json_delta', partial_json },
});
const stopFor = (stop_reason: string): object[] => [
  { type: 'message_delta', delta: { stop_reason }, usage: { output_tokens: 7 } },
  { type: 'message_stop' },
];

function read(events: readonly object[]): ModelAnswer {
  const reader = anthropic.reader(() => {}, undefined);
  for (const event of events) if (reader.event(JSON.stringify(event))) break;
  return reader.finish();
}

function faultOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    assert.ok(isFault(error), String(error));
    return `${error.kind}/${error.reason}`;
  }
  return assert.fail('expected a fault');
}

describe('the reader of messages', () => {
  it('keeps text and calls, passes over thinking, pings and what it does not know', () => {
    const answer = read([
      start,
      { type: 'ping' },
      { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'hm' } },
      { type: 'content_block_stop', index: 0 },
      toolStart,
      piece('{"a"'),
      piece(':1}'),
      { type: 'content_block_start', index: 2, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 2, delta: { type: 'text_delta', text: 'ok' } },
      { type: 'something_new' },
      ...stopFor('tool_use'),
    ]);
    assert.deepEqual(answer, {
      text: 'ok',
      toolCalls: [{ id: 't', name: 'pay', arguments: '{"a":1}' }],
      finishReason: 'tool_calls',
      usage: { inputTokens: 100, outputTokens: 7 },
    });
  });

  it('takes a call without any arguments for one with none, unless the limit cut it', () => {
    assert.equal(read([start, toolStart, ...stopFor('tool_use')]).toolCalls[0]?.arguments, '{}');
    assert.deepEqual(read([start, toolStart, ...stopFor('max_tokens')]).toolCalls, []);
    assert.deepEqual(read([start, toolStart, piece('{"amount": 1'), ...stopFor('max_tokens')]).toolCalls, []);
  });

  it('names every reason to stop', () => {
    const reasons = ['end_turn', 'stop_sequence', 'tool_use', 'max_tokens', 'refusal', 'pause_turn'];
    assert.deepEqual(
      reasons.map((reason) => read([start, ...stopFor(reason)]).finishReason),
      ['stop', 'stop', 'tool_calls', 'length', 'content_filter', 'other'],
    );
  });

  it('finds a stream without its end cut, and an error inside it what its name says', () => {
    assert.equal(
      faultOf(() => read([start, toolStart, piece('{}')])),
      'unreachable/MODEL_STREAM_CUT',
    );
    const failing = (type: string) => () => read([start, { type: 'error', error: { type, message: 'm' } }]);
    assert.equal(faultOf(failing('overloaded_error')), 'overloaded/MODEL_RATE_LIMITED');
    assert.equal(faultOf(failing('api_error')), 'unreachable/MODEL_FAILED');
    assert.equal(faultOf(failing('request_too_large')), 'invalid/MODEL_REFUSED_REQUEST');
  });
});
