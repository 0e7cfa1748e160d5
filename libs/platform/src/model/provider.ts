/**
 * What differs between providers: how a request is written and how an answer is read. Everything else (queue, breaker,
 * transport, faults of the wire) is the client's.
 */
import { attached } from '@toolfleet/kernel';
import type { Message, ModelAnswer, ProposedCall, ToolDefinition } from '@toolfleet/kernel';
import type { ModelRequest, ModelRoute } from './model-client.js';

export interface Provider {
  readonly path: string;
  headers(route: ModelRoute): Record<string, string>;
  /**
   * The whole body. What an earlier request of the conversation encoded must not be encoded again; the bytes hold until the
   * conversation's next request is encoded.
   */
  encode(request: ModelRequest): Uint8Array;
  reader(onText: (delta: string) => void, secret: string | undefined): AnswerReader;
}

/** Puts one answer together; every method may throw a fault. */
export interface AnswerReader {
  /** One event of a stream; true when the answer is whole. */
  event(data: string): boolean;
  /** An answer that came in one piece. */
  body(text: string): void;
  /** The answer, or the fault that says that it is not whole. */
  finish(): ModelAnswer;
}

/** The members of a JSON object without its braces, for an object that is written piece by piece. */
export const members = (object: object): string => JSON.stringify(object).slice(1, -1);

export function parsed<T>(text: string, orElse: (cause: unknown) => Error): T {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as T;
  } catch (error) {
    throw orElse(error);
  }
  throw orElse(undefined);
}

/**
 * The arguments as they may be sent back: some providers parse what their model wrote and refuse the whole conversation
 * for one broken call, so broken text is wrapped into an object.
 */
export function echoedArguments(call: ProposedCall): string {
  if (call.arguments.trim() === '') return '{}';
  return isJsonObject(call.arguments) ? call.arguments : JSON.stringify({ unreadable_arguments: call.arguments });
}

export function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/**
 * Calls as they may leave: each with an id of its own, and none that the output limit cut. The limit cuts at the very
 * end, so only the last call can be partial; with no text at all it would pass for a call without arguments.
 */
export function wholeCalls(calls: readonly ProposedCall[], cutByLimit: boolean): readonly ProposedCall[] {
  const last = calls.at(-1);
  const whole = cutByLimit && last !== undefined && !isJsonObject(last.arguments) ? calls.slice(0, -1) : calls;
  const seen = new Set<string>();
  return whole.map((call, index) => {
    const id = call.id === '' || seen.has(call.id) ? `call_${index}_${call.id}` : call.id;
    seen.add(id);
    return id === call.id ? call : { ...call, id };
  });
}

/**
 * What is made of a conversation message by message, kept under its last one, so that a turn adds only what is new since the
 * turn before. Each conversation is kept once: what was made of its beginning goes when it has grown.
 */
export class Grown<S> {
  readonly #known = attached<Message, { readonly messages: readonly Message[]; readonly made: S }>();

  constructor(
    private readonly begin: () => S,
    private readonly add: (made: S, message: Message) => void,
  ) {}

  of(messages: readonly Message[]): S {
    let from = messages.length;
    while (from > 0 && !this.#isKnown(messages, from)) from -= 1;
    const before = messages[from - 1];
    const made = before === undefined ? this.begin() : this.#known.get(before)!.made;
    if (before !== undefined) this.#known.set(before, undefined);
    for (let at = from; at < messages.length; at += 1) this.add(made, messages[at]!);
    const last = messages.at(-1);
    if (last !== undefined) this.#known.set(last, { messages, made });
    return made;
  }

  /** A message may stand in several conversations; what went before it must be the same, too. */
  #isKnown(messages: readonly Message[], length: number): boolean {
    const known = this.#known.get(messages[length - 1]!)?.messages;
    return known?.length === length && known.every((message, at) => message === messages[at]);
  }
}

/** Encoded forms by identity: what is immutable is encoded once, however many requests send it again. */
export class Encoded<K extends object> {
  readonly #known = new WeakMap<K, string>();

  constructor(private readonly encode: (key: K) => string) {}

  of(key: K): string {
    let text = this.#known.get(key);
    if (text === undefined) {
      text = this.encode(key);
      this.#known.set(key, text);
    }
    return text;
  }
}

/** The member `tools` of a request, with the comma before it; '' for none. Each tool is encoded once. */
export function offeredTools(encode: (tool: ToolDefinition) => string): (list: readonly ToolDefinition[]) => string {
  const tools = new Encoded(encode);
  return (list) => (list.length === 0 ? '' : `,"tools":[${list.map((tool) => tools.of(tool)).join(',')}]`);
}
