/**
 * A recorded answer in the four forms it is asked for: chat completions and messages, in one piece and as a stream.
 * Everything in it follows from the recording, so the same question gives the same bytes.
 */
import type { Conversation, RecordedAnswer, RecordedCall } from './conversation.js';

export type Protocol = 'openai' | 'anthropic';

interface Turn {
  readonly id: string;
  readonly answer: RecordedAnswer;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly text: string }[];
  readonly finish: 'stop' | 'tool_calls' | 'length' | 'content_filter';
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** Arguments are streamed in pieces of this size, as a model would. */
const pieceChars = 24;
const model = 'replay';

export function encodeAnswer(conversation: Conversation, step: number, protocol: Protocol, stream: boolean): Buffer {
  const turn = turnOf(conversation, step);
  if (protocol === 'openai') return Buffer.from(stream ? completionStream(turn) : completion(turn));
  return Buffer.from(stream ? messageStream(turn) : message(turn));
}

function turnOf(conversation: Conversation, step: number): Turn {
  const answer = conversation.answers[step] ?? {};
  const calls = (answer.toolCalls ?? []).map((call, index) => ({
    id: `call_${conversation.id.replaceAll(/[^\w-]/g, '_')}_${step}_${index}`,
    name: call.name,
    text: argumentsOf(call),
  }));
  const before = conversation.answers.slice(0, step).reduce((sum, earlier) => sum + tokensIn(earlier), 0);
  return {
    id: `replay-${conversation.id}-${step}`,
    answer,
    calls,
    finish: answer.finishReason ?? (calls.length > 0 ? 'tool_calls' : 'stop'),
    inputTokens: Math.ceil(conversation.input.length / 4) + before,
    outputTokens: tokensIn(answer),
  };
}

/** Four characters a token, the usual rule of thumb. */
function tokensIn(answer: RecordedAnswer): number {
  const calls = (answer.toolCalls ?? []).map((call) => call.name + argumentsOf(call));
  return Math.max(1, Math.ceil([answer.text ?? '', ...calls].join('').length / 4));
}

const argumentsOf = (call: RecordedCall): string => call.rawArguments ?? JSON.stringify(call.arguments ?? {});

function pieces(text: string): string[] {
  return text.match(new RegExp(`[^]{1,${pieceChars}}`, 'gu')) ?? [];
}

function usageOf({ inputTokens, outputTokens }: Turn): object {
  return { prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: inputTokens + outputTokens };
}

function completion(turn: Turn): string {
  const calls = turn.calls.map(({ id, name, text }) => ({ id, type: 'function', function: { name, arguments: text } }));
  const reply = {
    role: 'assistant',
    content: turn.answer.text ?? null,
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
  return JSON.stringify({
    id: turn.id,
    object: 'chat.completion',
    created: 0,
    model,
    choices: [{ index: 0, message: reply, finish_reason: turn.finish }],
    usage: usageOf(turn),
  });
}

function completionStream(turn: Turn): string {
  const head = { id: turn.id, object: 'chat.completion.chunk', created: 0, model };
  const chunk = (delta: object, finish: string | null = null): object => ({
    ...head,
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  const chunks = [
    chunk({ role: 'assistant', content: '' }),
    ...pieces(turn.answer.text ?? '').map((content) => chunk({ content })),
    ...turn.calls.flatMap(({ id, name, text }, index) => [
      chunk({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] }),
      ...pieces(text).map((piece) => chunk({ tool_calls: [{ index, function: { arguments: piece } }] })),
    ]),
    chunk({}, turn.finish),
    { ...head, choices: [], usage: usageOf(turn) },
  ];
  return `${chunks.map((data) => `data: ${JSON.stringify(data)}\n\n`).join('')}data: [DONE]\n\n`;
}

const stopReasons = { stop: 'end_turn', tool_calls: 'tool_use', length: 'max_tokens', content_filter: 'refusal' };

function message(turn: Turn): string {
  const text = turn.answer.text === undefined ? [] : [{ type: 'text', text: turn.answer.text }];
  const calls = turn.calls.map(({ id, name, text }) => ({ type: 'tool_use', id, name, input: objectOf(text) }));
  return JSON.stringify({
    id: turn.id,
    type: 'message',
    role: 'assistant',
    model,
    content: [...text, ...calls],
    stop_reason: stopReasons[turn.finish],
    stop_sequence: null,
    usage: { input_tokens: turn.inputTokens, output_tokens: turn.outputTokens },
  });
}

/** This API has no place for broken arguments in an answer in one piece. */
function objectOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function messageStream(turn: Turn): string {
  const texts = pieces(turn.answer.text ?? '').map((text) => ({ type: 'text_delta', text }));
  const blocks = [
    ...(texts.length === 0 ? [] : [{ start: { type: 'text', text: '' }, deltas: texts }]),
    ...turn.calls.map(({ id, name, text }) => ({
      start: { type: 'tool_use', id, name, input: {} },
      deltas: pieces(text).map((piece) => ({ type: 'input_json_delta', partial_json: piece })),
    })),
  ];
  const reply = { id: turn.id, type: 'message', role: 'assistant', model, content: [], stop_reason: null };
  const events = [
    { type: 'message_start', message: { ...reply, usage: { input_tokens: turn.inputTokens, output_tokens: 1 } } },
    ...blocks.flatMap(({ start, deltas }, index) => [
      { type: 'content_block_start', index, content_block: start },
      ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
      { type: 'content_block_stop', index },
    ]),
    {
      type: 'message_delta',
      delta: { stop_reason: stopReasons[turn.finish], stop_sequence: null },
      usage: { output_tokens: turn.outputTokens },
    },
    { type: 'message_stop' },
  ];
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
}
