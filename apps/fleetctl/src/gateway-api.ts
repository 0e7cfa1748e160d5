/** The gateway's HTTP API for commands: answers as JSON, refusals as the faults they are, and a hint when nobody is there. */
import { Fault, broken, faultKinds, invalid, unreachable } from '@toolfleet/kernel';
import type { FaultKind } from '@toolfleet/kernel';
import { fetch } from 'undici';
import type { Response } from 'undici';
import { callerToken } from './caller-token.js';

export const defaultUrl = 'http://127.0.0.1:8080';
/** Above the gateway's own bounds, so that its answer wins. */
const answerWithinMs = 30_000;
const errorCharsMax = 100_000;

export interface ServerEvent {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

export class GatewayApi {
  readonly #url: URL;

  constructor(url: string = defaultUrl) {
    if (!URL.canParse(url)) {
      throw invalid('URL_INVALID', `${url} is no URL.`, { hint: `Give one such as ${defaultUrl}.` });
    }
    this.#url = new URL(url.endsWith('/') ? url : `${url}/`);
  }

  get(path: string, query: Readonly<Record<string, string>> = {}): Promise<unknown> {
    return this.#json(path, query, { method: 'GET' });
  }

  post(path: string, query: Readonly<Record<string, string>>, body: object): Promise<unknown> {
    const headers = { 'content-type': 'application/json' };
    return this.#json(path, query, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  /** Server-sent events until the server ends the stream. */
  async *events(path: string, query: Readonly<Record<string, string>>): AsyncGenerator<ServerEvent> {
    const response = await this.#send(path, query, { method: 'GET' });
    const decoder = new TextDecoder();
    let text = '';
    try {
      for await (const chunk of response.body ?? []) {
        text += decoder.decode(chunk as Uint8Array, { stream: true });
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) {
          const event = serverEventOf(block);
          if (event) yield event;
        }
      }
    } catch (cause) {
      throw this.#gone(cause);
    }
  }

  async #json(path: string, query: Readonly<Record<string, string>>, init: RequestParts): Promise<unknown> {
    const response = await this.#send(path, query, { ...init, signal: AbortSignal.timeout(answerWithinMs) });
    try {
      return await response.json();
    } catch (cause) {
      throw broken('ANSWER_UNREADABLE', 'The answer is not JSON.', { cause, hint: this.#isItOurs() });
    }
  }

  async #send(path: string, query: Readonly<Record<string, string>>, init: RequestParts): Promise<Response> {
    const url = new URL(path, this.#url);
    for (const [name, value] of Object.entries(query)) if (value !== '') url.searchParams.set(name, value);
    const token = await callerToken(({ gatewayUrl }) => isSamePort(this.#url, new URL(gatewayUrl)));
    const headers = { ...init.headers, ...(token === '' ? {} : { authorization: `Bearer ${token}` }) };
    let response: Response;
    try {
      response = await fetch(url, { ...init, headers });
    } catch (cause) {
      throw this.#gone(cause);
    }
    if (response.ok) return response;
    throw faultOfProblem(response.status, (await response.text()).slice(0, errorCharsMax), this.#isItOurs());
  }

  #gone(cause: unknown): Fault {
    return unreachable('GATEWAY_UNREACHABLE', `The gateway at ${this.#url.origin} does not answer.`, {
      cause,
      hint: 'Start a fleet with `fleetctl up`, or name another gateway with --url.',
    });
  }

  #isItOurs(): string {
    return `Check that ${this.#url.origin} is a Toolfleet gateway.`;
  }
}

/** A fleet of this machine listens on the loopback address only. */
const isSamePort = (called: URL, local: URL): boolean =>
  called.port === local.port && ['127.0.0.1', 'localhost'].includes(called.hostname);

interface RequestParts {
  readonly method: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

function serverEventOf(block: string): ServerEvent | undefined {
  const fields: Record<string, string> = {};
  for (const line of block.split('\n')) {
    const [, name, value] = /^([a-z]+): ?(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) fields[name] = value;
  }
  const { id = '', event = '', data } = fields;
  return data === undefined ? undefined : { id, event, data };
}

export function faultOfProblem(status: number, text: string, hint: string): Fault {
  const problem = problemIn(text);
  if (problem) return new Fault(problem.kind, problem.reason, problem.message, problem);
  return broken('ANSWER_UNEXPECTED', `The answer has status ${status} and no reason.`, { hint });
}

/** A refusal in problem details, or as the data of `event: fault`. */
export function problemIn(text: string): Fault | undefined {
  try {
    const problem = JSON.parse(text) as Partial<Fault> | null;
    if (!problem || !faultKinds.includes(problem.kind as FaultKind) || !problem.reason) return undefined;
    const { kind, reason, message = '', hint, retryAfterMs, alternatives = [], details = {} } = problem;
    return new Fault(kind as FaultKind, reason, message, {
      alternatives,
      details,
      ...(hint === undefined ? {} : { hint }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  } catch {
    return undefined;
  }
}
