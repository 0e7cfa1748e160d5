/**
 * Chat completions as OpenAI defines them and a dozen others speak them. The reader is as tolerant as recorded traffic
 * demands: tool calls without index or starting at 1, content as a list, JSON where a stream was asked for.
 */
import type { FinishReason, Message, ModelAnswer, SystemMessage } from '@toolfleet/kernel';
import { GrowingBody } from './growing-body.js';
import type { ModelRequest, ModelRoute } from './model-client.js';
import { faultOfError, streamCut, unreadable, type ProviderError } from './model-fault.js';
import {
  echoedArguments,
  Encoded,
  Grown,
  members,
  offeredTools,
  parsed,
  wholeCalls,
  type AnswerReader,
  type Provider,
} from './provider.js';

const conversations = new Grown(
  () => new GrowingBody(),
  (body, message) => body.add(encoded(message)),
);

/** Every session of an agent begins with the same one. */
const prompts = new Encoded<SystemMessage>(({ text }) => JSON.stringify({ role: 'system', content: text }));

function encoded(message: Message): string {
  switch (message.role) {
    case 'system':
      return prompts.of(message);
    case 'user':
      return JSON.stringify({ role: 'user', content: message.text });
    case 'tool':
      return JSON.stringify({ role: 'tool', tool_call_id: message.toolCallId, content: message.text });
    case 'assistant':
      return JSON.stringify({
        role: 'assistant',
        content: message.text === '' && message.toolCalls.length > 0 ? null : message.text,
        ...(message.toolCalls.length === 0 ? {} : { tool_calls: message.toolCalls.map(callOf) }),
      });
  }
}

const callOf = (call: Parameters<typeof echoedArguments>[0]): object => ({
  id: call.id,
  type: 'function',
  function: { name: call.name, arguments: echoedArguments(call) },
});

const offered = offeredTools(({ name, description, parameters }) =>
  JSON.stringify({ type: 'function', function: { name, description, parameters } }),
);

const settings = new Encoded<ModelRoute>((route) =>
  members({
    model: route.model,
    ...(route.stream ? { stream: true, stream_options: { include_usage: true } } : {}),
    ...(route.temperature === undefined ? {} : { temperature: route.temperature }),
    ...(route.seed === undefined ? {} : { seed: route.seed }),
    ...(route.maxOutputTokens === undefined
      ? {}
      : { [route.outputLimitField ?? 'max_completion_tokens']: route.maxOutputTokens }),
  }),
);

export const openai: Provider = {
  path: '/chat/completions',
  headers({ apiKey }): Record<string, string> {
    return apiKey === undefined ? {} : { authorization: `Bearer ${apiKey.reveal()}` };
  },
  encode({ route, messages, tools, noCalls }: ModelRequest): Uint8Array {
    const choice = noCalls && tools.length > 0 ? ',"tool_choice":"none"' : '';
    return conversations.of(messages).with(`]${offered(tools)}${choice},${settings.of(route)}}`);
  },
  reader: (onText, secret) => new ChatCompletionReader(onText, secret),
};

interface Chunk {
  readonly choices?: readonly (Choice | null)[] | null;
  readonly usage?: Usage | null;
  readonly x_groq?: { readonly usage?: Usage | null } | null;
  readonly error?: ProviderError | string | null;
}

interface Usage {
  readonly prompt_tokens?: number;
  readonly completion_tokens?: number;
}

interface Choice {
  readonly index?: number;
  readonly delta?: Part | null;
  readonly message?: Part | null;
  readonly finish_reason?: string | null;
}

interface Part {
  readonly content?: string | readonly { readonly type?: string; readonly text?: unknown }[] | null;
  readonly refusal?: string | null;
  readonly tool_calls?: readonly CallPart[] | null;
}

interface CallPart {
  readonly index?: number | null;
  readonly id?: string | null;
  readonly function?: { readonly name?: string | null; readonly arguments?: unknown } | null;
}

interface DraftCall {
  readonly index: number | undefined;
  id: string;
  name: string;
  arguments: string;
}

const finishReasons: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
  length: 'length',
  content_filter: 'content_filter',
};

class ChatCompletionReader implements AnswerReader {
  #text = '';
  #refusal = '';
  #finish: string | undefined;
  #done = false;
  #usage: Usage = {};
  readonly #calls: DraftCall[] = [];

  constructor(
    private readonly onText: (delta: string) => void,
    private readonly secret: string | undefined,
  ) {}

  event(data: string): boolean {
    if (data === '[DONE]') this.#done = true;
    else this.#chunk(parsed<Chunk>(data, unreadable), true);
    return this.#done;
  }

  body(text: string): void {
    const chunk = parsed<Chunk>(text, unreadable);
    this.#chunk(chunk, false);
    if (!Array.isArray(chunk.choices)) throw unreadable();
    this.#done = true;
  }

  finish(): ModelAnswer {
    // A stream may end without its [DONE], and an answer without a reason, but not both, nor may a call go without.
    if (this.#finish === undefined && (!this.#done || this.#calls.length > 0)) throw streamCut();
    const finishReason = finishReasons[this.#finish ?? ''] ?? 'other';
    return {
      text: this.#text === '' ? this.#refusal : this.#text,
      toolCalls: wholeCalls(
        this.#calls.map(({ id, name, arguments: text }) => ({ id, name, arguments: text })),
        finishReason === 'length',
      ),
      finishReason,
      usage: { inputTokens: this.#usage.prompt_tokens ?? 0, outputTokens: this.#usage.completion_tokens ?? 0 },
    };
  }

  #chunk(chunk: Chunk, streamed: boolean): void {
    // After its reason to finish, an answer is whole; some send the reason once more as an error.
    if (chunk.error && this.#finish === undefined) {
      throw faultOfError(typeof chunk.error === 'string' ? { message: chunk.error } : chunk.error, this.secret);
    }
    this.#usage = chunk.usage ?? chunk.x_groq?.usage ?? this.#usage;
    for (const choice of chunk.choices ?? []) {
      // One answer was asked for; another one of the same request is not part of it.
      if (choice === null || (choice.index ?? 0) !== 0) continue;
      const part = choice.delta ?? choice.message;
      if (part) this.#part(part, streamed);
      if (choice.finish_reason) this.#finish = choice.finish_reason;
    }
  }

  #part(part: Part, streamed: boolean): void {
    const text = textOf(part.content);
    if (text !== '') {
      this.#text += text;
      this.onText(text);
    }
    if (part.refusal) this.#refusal += part.refusal;
    for (const call of part.tool_calls ?? []) this.#call(call, streamed);
  }

  #call(part: CallPart, streamed: boolean): void {
    const id = part.id ?? '';
    const name = part.function?.name ?? '';
    let draft = streamed ? this.#draftFor(part, id, name) : undefined;
    if (draft === undefined) {
      draft = { index: part.index ?? undefined, id, name: '', arguments: '' };
      this.#calls.push(draft);
    }
    if (draft.id === '') draft.id = id;
    // Some repeat the name with every piece, others send it in pieces.
    if (draft.name !== name) draft.name += name;
    draft.arguments += argumentsOf(part.function?.arguments);
  }

  /** By index where there is one; some number every call 0, then a new id with a name tells them apart. */
  #draftFor(part: CallPart, id: string, name: string): DraftCall | undefined {
    const index = part.index ?? undefined;
    const anew = id !== '' && name !== '';
    if (index === undefined) {
      const known = this.#calls.find((draft) => id !== '' && draft.id === id);
      return known ?? (anew || name !== '' ? undefined : this.#calls.at(-1));
    }
    const draft = this.#calls.findLast((draft) => draft.index === index);
    return draft !== undefined && anew && draft.id !== '' && draft.id !== id ? undefined : draft;
  }
}

/** Parts that are not text (thinking, references) are the provider's own affair. */
function textOf(content: Part['content']): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (part.type === 'text' && typeof part.text === 'string' ? part.text : '')).join('');
}

function argumentsOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}
