/**
 * Anthropic's messages API. The system prompt goes apart, tool results are blocks of a user message (all results of one
 * answer in one), and arguments are objects on the wire where the fleet keeps the model's text.
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

/** The API demands a limit; 4,096 is the lowest maximum of its models, so every one of them takes it. */
const maxTokensDefault = 4_096;

/** The API refuses empty text. */
const emptyText = '(empty)';

/** Results of one answer go together: their message stays open until something else comes. */
interface Conversation {
  readonly body: GrowingBody;
  system: string;
  resultsOpen: boolean;
}

const conversations = new Grown<Conversation>(
  () => ({ body: new GrowingBody(), system: '', resultsOpen: false }),
  (conversation, message) => {
    const text = encoded(message);
    if (message.role === 'tool') return addResult(conversation, text);
    if (conversation.resultsOpen) conversation.body.append(resultsEnd);
    conversation.resultsOpen = false;
    if (text === '') return;
    if (message.role !== 'system') conversation.body.add(text);
    else conversation.system += conversation.system === '' ? text : `,${text}`;
  },
);

const resultsEnd = ']}';

function addResult(conversation: Conversation, result: string): void {
  if (conversation.resultsOpen) conversation.body.append(`,${result}`);
  else conversation.body.add(`{"role":"user","content":[${result}`);
  conversation.resultsOpen = true;
}

/** Every session of an agent begins with the same one. */
const prompts = new Encoded<SystemMessage>(({ text }) => JSON.stringify({ type: 'text', text: text || emptyText }));

/** A system message as a text block, a tool message as a result block, all others as whole messages ('' for nothing). */
function encoded(message: Message): string {
  switch (message.role) {
    case 'system':
      return prompts.of(message);
    case 'user':
      return JSON.stringify({ role: 'user', content: message.text || emptyText });
    case 'tool':
      return JSON.stringify({ type: 'tool_result', tool_use_id: message.toolCallId, content: message.text });
    case 'assistant': {
      const calls = message.toolCalls.map(
        (call) =>
          `{"type":"tool_use","id":${JSON.stringify(call.id)},"name":${JSON.stringify(call.name)},` +
          `"input":${echoedArguments(call)}}`,
      );
      const text = message.text === '' ? [] : [JSON.stringify({ type: 'text', text: message.text })];
      const blocks = [...text, ...calls];
      return blocks.length === 0 ? '' : `{"role":"assistant","content":[${blocks.join(',')}]}`;
    }
  }
}

const offered = offeredTools(({ name, description, parameters }) =>
  JSON.stringify({ name, description, input_schema: parameters }),
);

const settings = new Encoded<ModelRoute>((route) =>
  members({
    model: route.model,
    max_tokens: route.maxOutputTokens ?? maxTokensDefault,
    ...(route.stream ? { stream: true } : {}),
    ...(route.temperature === undefined ? {} : { temperature: route.temperature }),
  }),
);

export const anthropic: Provider = {
  path: '/messages',
  headers: ({ apiKey }) => ({
    'anthropic-version': '2023-06-01',
    ...(apiKey === undefined ? {} : { 'x-api-key': apiKey.reveal() }),
  }),
  encode({ route, messages, tools, noCalls }: ModelRequest): Uint8Array {
    const { body, system, resultsOpen } = conversations.of(messages);
    const prompt = system === '' ? '' : `,"system":[${system}]`;
    const choice = noCalls && tools.length > 0 ? ',"tool_choice":{"type":"none"}' : '';
    return body.with(`${resultsOpen ? resultsEnd : ''}]${prompt}${offered(tools)}${choice},${settings.of(route)}}`);
  },
  reader: (onText, secret) => new MessageReader(onText, secret),
};

interface Usage {
  readonly input_tokens?: number | null;
  readonly cache_creation_input_tokens?: number | null;
  readonly cache_read_input_tokens?: number | null;
  readonly output_tokens?: number | null;
}

interface Block {
  readonly type?: string;
  readonly text?: string;
  readonly id?: string;
  readonly name?: string;
  readonly input?: unknown;
}

interface WireMessage {
  readonly content?: readonly Block[] | null;
  readonly stop_reason?: string | null;
  readonly usage?: Usage | null;
  readonly error?: ProviderError | null;
}

interface WireEvent {
  readonly type?: string;
  readonly index?: number;
  readonly message?: WireMessage;
  readonly content_block?: Block;
  readonly delta?: {
    readonly type?: string;
    readonly text?: string;
    readonly partial_json?: string;
    readonly stop_reason?: string | null;
  };
  readonly usage?: Usage | null;
  readonly error?: ProviderError | null;
}

interface DraftCall {
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
  arguments: string;
}

const finishReasons: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  tool_use: 'tool_calls',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'content_filter',
};

class MessageReader implements AnswerReader {
  #text = '';
  #stop: string | undefined;
  #whole = false;
  #inputTokens = 0;
  #outputTokens = 0;
  /** By the index of their block; text blocks share the numbering. */
  readonly #calls = new Map<number, DraftCall>();

  constructor(
    private readonly onText: (delta: string) => void,
    private readonly secret: string | undefined,
  ) {}

  event(data: string): boolean {
    const event = parsed<WireEvent>(data, unreadable);
    switch (event.type) {
      case 'message_start':
        this.#count(event.message?.usage);
        break;
      case 'content_block_start':
        this.#block(event.index ?? this.#calls.size, event.content_block ?? {});
        break;
      case 'content_block_delta':
        this.#delta(event.index ?? 0, event.delta ?? {});
        break;
      case 'message_delta':
        this.#stop = event.delta?.stop_reason ?? this.#stop;
        this.#count(event.usage);
        break;
      case 'message_stop':
        this.#whole = true;
        break;
      case 'error':
        throw faultOfError(event.error ?? {}, this.secret);
      default:
      // Pings, and kinds of events that come later, as the API asks its readers to.
    }
    return this.#whole;
  }

  body(text: string): void {
    const message = parsed<WireMessage>(text, unreadable);
    if (message.error) throw faultOfError(message.error, this.secret);
    if (!Array.isArray(message.content)) throw unreadable();
    message.content.forEach((block, index) => this.#block(index, block));
    this.#stop = message.stop_reason ?? undefined;
    this.#count(message.usage);
    this.#whole = true;
  }

  finish(): ModelAnswer {
    if (!this.#whole) throw streamCut();
    const finishReason = finishReasons[this.#stop ?? ''] ?? 'other';
    const cutByLimit = finishReason === 'length';
    const calls = [...this.#calls.values()].map((call, index, { length }) => ({
      id: call.id,
      name: call.name,
      // A tool without parameters comes with no text; for the call that the limit cut, no text means that none arrived.
      arguments:
        call.arguments === '' && !(cutByLimit && index === length - 1)
          ? JSON.stringify(call.input ?? {})
          : call.arguments,
    }));
    return {
      text: this.#text,
      toolCalls: wholeCalls(calls, cutByLimit),
      finishReason,
      usage: { inputTokens: this.#inputTokens, outputTokens: this.#outputTokens },
    };
  }

  #block(index: number, block: Block): void {
    if (block.type === 'text') this.#say(block.text ?? '');
    if (block.type !== 'tool_use') return;
    this.#calls.set(index, { id: block.id ?? '', name: block.name ?? '', input: block.input, arguments: '' });
  }

  #delta(index: number, delta: NonNullable<WireEvent['delta']>): void {
    if (delta.type === 'text_delta') this.#say(delta.text ?? '');
    const call = this.#calls.get(index);
    if (delta.type === 'input_json_delta' && call !== undefined) call.arguments += delta.partial_json ?? '';
  }

  #say(text: string): void {
    if (text === '') return;
    this.#text += text;
    this.onText(text);
  }

  /** Later counts replace earlier ones: the API repeats totals, it does not add. */
  #count(usage: Usage | null | undefined): void {
    const input =
      (usage?.input_tokens ?? 0) + (usage?.cache_creation_input_tokens ?? 0) + (usage?.cache_read_input_tokens ?? 0);
    if (input > 0) this.#inputTokens = input;
    this.#outputTokens = usage?.output_tokens ?? this.#outputTokens;
  }
}
