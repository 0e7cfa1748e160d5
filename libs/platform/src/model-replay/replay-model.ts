/**
 * A model that says what it said before: chat completions and messages over HTTP, streamed or not, from recorded
 * conversations, with faults on demand. It stands in for a provider where there is no key, so it is fast and
 * deterministic, and everything before it is the real way.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { askOf, type Ask } from './ask.js';
import { conversationsByInput, readConversations, type Conversation, type RecordedAnswer } from './conversation.js';
import { encodeAnswer, type Protocol } from './encode.js';

export interface ReplayModelOptions {
  readonly conversationFiles?: readonly string[];
  /** Besides those of files. */
  readonly conversations?: readonly Conversation[];
  /** Any free one by default. */
  readonly port?: number;
  readonly host?: string;
  /** Before every answer. */
  readonly latencyMs?: number;
  /** Faults by the count of requests, over and above those that the conversations name. */
  readonly faults?: readonly ReplayFault[];
  /**
   * What is said in place of the answer that is due; nothing: that one. The same question must get the same words, because a
   * turn may be asked for again.
   */
  readonly direct?: (turn: ReplayedTurn) => RecordedAnswer | undefined;
}

/** A turn that is asked for, as the request has it. */
export interface ReplayedTurn {
  readonly conversation: Conversation;
  /** Answers so far. */
  readonly answered: number;
  readonly body: Buffer;
}

export interface ReplayFault {
  /** Every so many requests; 1 is all of them. */
  readonly everyNth: number;
  readonly status?: number;
  readonly retryAfterMs?: number;
  readonly delayMs?: number;
  readonly cut?: boolean;
}

export interface ReplayModel {
  /** With the version part, as a route's `baseUrl`. */
  readonly url: string;
  /** Requests so far. */
  readonly requests: number;
  close(): Promise<void>;
}

/** Far above a long conversation with a large catalogue. */
const bodyBytesMax = 16 * 1_024 * 1_024;

const protocols: Readonly<Record<string, Protocol>> = { '/v1/chat/completions': 'openai', '/v1/messages': 'anthropic' };

export async function startReplayModel(options: ReplayModelOptions): Promise<ReplayModel> {
  const known = conversationsByInput(options.conversations ?? []);
  const replay = new Replay(readConversations(options.conversationFiles ?? [], known), options);
  const server = createServer((request, response) => {
    replay.handle(request, response).catch(() => response.destroy());
  });
  // Clients keep connections; a session may think for minutes between two turns.
  server.keepAliveTimeout = 120_000;
  const { host = '127.0.0.1', port = 0 } = options;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}/v1`,
    get requests() {
      return replay.requests;
    },
    close: () =>
      new Promise((resolve) => {
        replay.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

class Replay {
  requests = 0;
  readonly #encoded = new Map<string, Buffer>();
  readonly #closed = new AbortController();

  constructor(
    private readonly conversations: ReadonlyMap<string, Conversation>,
    private readonly options: ReplayModelOptions,
  ) {}

  /** Ends the delays that are under way. */
  close(): void {
    this.#closed.abort();
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const protocol = protocols[(request.url ?? '').split('?')[0] ?? ''];
    const body = await bodyOf(request);
    if (protocol === undefined || request.method !== 'POST') {
      return refuse(response, 404, 'path_not_served', 'POST /v1/chat/completions or /v1/messages.');
    }
    if (body === undefined) return refuse(response, 413, 'request_too_large', 'The request is too large.');
    const ask = askOf(body);
    if (ask === undefined) return refuse(response, 400, 'request_malformed', 'No messages with a user message in it.');
    const conversation = this.conversations.get(ask.input);
    const directed = conversation && this.options.direct?.({ conversation, answered: ask.answered, body });
    const recorded = directed ?? conversation?.answers[ask.answered];
    if (conversation === undefined || recorded === undefined) return notRecorded(response, ask, conversation);
    this.requests += 1;
    const answer = this.#withFaults(recorded);
    const delayMs = answer.delayMs ?? this.options.latencyMs ?? 0;
    if (delayMs > 0) await sleep(delayMs, undefined, { signal: this.#closed.signal });
    if (answer.status !== undefined) return fail(response, answer);
    const bytes = directed
      ? directedBytes(conversation, directed, ask, protocol)
      : this.#bytesOf(conversation, ask, protocol);
    send(response, bytes, ask.stream, answer.cut === true);
  }

  #withFaults(answer: RecordedAnswer): RecordedAnswer {
    const fault = this.options.faults?.find(({ everyNth }) => this.requests % everyNth === 0);
    if (fault === undefined) return answer;
    const { everyNth: _count, ...change } = fault;
    return { ...answer, ...change };
  }

  /** Bounded by the recording: each answer has four forms, encoded when first asked for. */
  #bytesOf(conversation: Conversation, ask: Ask, protocol: Protocol): Buffer {
    const key = `${conversation.id}\n${ask.answered}\n${protocol}\n${ask.stream}`;
    let bytes = this.#encoded.get(key);
    if (bytes === undefined) {
      bytes = encodeAnswer(conversation, ask.answered, protocol, ask.stream);
      this.#encoded.set(key, bytes);
    }
    return bytes;
  }
}

/** Not kept: what was directed depends on more than its place. */
function directedBytes(conversation: Conversation, directed: RecordedAnswer, ask: Ask, protocol: Protocol): Buffer {
  const before = Array.from({ length: ask.answered }, (_, step) => conversation.answers[step] ?? {});
  return encodeAnswer({ ...conversation, answers: [...before, directed] }, ask.answered, protocol, ask.stream);
}

function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= bodyBytesMax) chunks.push(chunk);
    });
    request.on('end', () =>
      resolve(bytes > bodyBytesMax ? undefined : chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)),
    );
    request.on('error', reject);
  });
}

function send(response: ServerResponse, bytes: Buffer, stream: boolean, cut: boolean): void {
  const type = stream ? 'text/event-stream' : 'application/json';
  response.writeHead(200, { 'content-type': type, 'content-length': bytes.length });
  if (!cut) return void response.end(bytes);
  response.write(bytes.subarray(0, cutAt(bytes)), () => response.destroy());
}

/** Inside the last piece of the last tool call's arguments; without one, in the middle. */
function cutAt(bytes: Buffer): number {
  const call = Math.max(bytes.lastIndexOf('"arguments":"'), bytes.lastIndexOf('"partial_json":"'));
  return call === -1 ? Math.floor(bytes.length / 2) : call + 14;
}

function fail(response: ServerResponse, { status = 500, retryAfterMs }: RecordedAnswer): void {
  if (retryAfterMs !== undefined) response.setHeader('retry-after-ms', retryAfterMs);
  refuse(response, status, 'replayed_fault', 'The recording asks for this error.');
}

function notRecorded(response: ServerResponse, ask: Ask, conversation: Conversation | undefined): void {
  const begin = JSON.stringify([...ask.input].slice(0, 80).join(''));
  if (conversation === undefined) {
    return refuse(response, 404, 'conversation_not_recorded', `No recorded conversation begins with ${begin}.`);
  }
  const has = conversation.answers.length;
  const text = `Conversation ${conversation.id} has ${has} answers, number ${ask.answered + 1} was asked for: ${begin}.`;
  refuse(response, 404, 'conversation_exhausted', text);
}

function refuse(response: ServerResponse, status: number, code: string, text: string): void {
  const type = status >= 500 ? 'api_error' : 'invalid_request_error';
  const body = JSON.stringify({ type: 'error', error: { type, code, message: text } });
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
