/**
 * Model calls over HTTP: a place in the route's queue, its breaker, one exchange, one whole answer. The deadline covers
 * all of it, so a call that waited long gets less time at the provider.
 */
import type { ModelAnswer } from '@toolfleet/kernel';
import { RetryBudget, keepNewest } from '@toolfleet/kernel';
import type { Breakers } from '../breaker/index.js';
import { HttpClient, urlOf, type ExchangeSink, type ResponseHeaders } from '../http/index.js';
import { anthropic } from './anthropic.js';
import { EventStream } from './event-stream.js';
import { Gate } from './gate.js';
import type { ModelClient, ModelRequest, ModelRoute, ModelUsageReport } from './model-client.js';
import { answerTooLarge, faultOfStatus, noRetry } from './model-fault.js';
import { openai } from './openai.js';
import type { AnswerReader, Provider } from './provider.js';

const providers: Readonly<Record<ModelRoute['provider'], Provider>> = { openai, anthropic };

export interface HttpModelClientOptions {
  readonly http: HttpClient;
  readonly breakers: Breakers;
  readonly onUsage?: (report: ModelUsageReport) => void;
  readonly onRetry?: (route: string) => void;
  /** Calls that may wait for a route. 1,024: a few times what a process holds in flight. */
  readonly queueMax?: number;
  /** 4 MiB: far above what a model writes in one turn, token by token in SSE frames of a few hundred bytes. */
  readonly answerBytesMax?: number;
}

/** What is derived from a route once. */
interface Lane {
  readonly gate: Gate;
  readonly retries: RetryBudget;
  readonly provider: Provider;
  readonly origin: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly secret: string | undefined;
}

/** Routes come from a catalogue that changes while we run; older names make room. */
const lanesMax = 256;

export class HttpModelClient implements ModelClient {
  readonly #gates = new Map<string, { readonly gate: Gate; readonly insideMax: number }>();
  readonly #retries = new Map<string, RetryBudget>();
  readonly #lanes = new WeakMap<ModelRoute, Lane>();

  constructor(private readonly options: HttpModelClientOptions) {}

  async answer(request: ModelRequest, signal: AbortSignal): Promise<ModelAnswer> {
    const lane = this.#laneOf(request.route);
    this.#mayGo(request, lane);
    const wait = lane.gate.enter(request.deadlineAtMs, signal);
    if (wait !== undefined) await wait;
    try {
      const breaker = this.options.breakers.of(breakerNameOf(request.route));
      return await breaker.call((signal) => this.#call(request, lane, signal), signal);
    } finally {
      lane.gate.leave();
    }
  }

  /** What an open breaker would refuse costs no retry. One budget a provider: its routes fail together. */
  #mayGo({ route, isRetry }: ModelRequest, lane: Lane): void {
    if (!isRetry) return lane.retries.earn();
    this.options.breakers.of(breakerNameOf(route)).check();
    const waitMs = lane.retries.spend(Date.now());
    if (waitMs > 0) throw noRetry(waitMs);
    this.options.onRetry?.(route.name);
  }

  async #call(request: ModelRequest, lane: Lane, signal: AbortSignal): Promise<ModelAnswer> {
    const { route } = request;
    const startedAtMs = Date.now();
    const reader = lane.provider.reader(request.onText ?? ignore, lane.secret);
    const sink = new AnswerSink(reader, route.stream, this.options.answerBytesMax ?? 4 * 1_024 * 1_024, lane.secret);
    await this.options.http.exchange(
      {
        origin: lane.origin,
        path: lane.path,
        method: 'POST',
        headers: { ...lane.headers, 'x-toolfleet-session': request.sessionId },
        body: lane.provider.encode(request),
        signal,
        deadlineAtMs: Math.min(request.deadlineAtMs, startedAtMs + route.timeoutMs),
        firstByteTimeoutMs: route.firstByteTimeoutMs,
        // A model may think for minutes after its first byte; only the route says how long is too long.
        idleTimeoutMs: route.timeoutMs,
      },
      sink,
    );
    const answer = sink.finish();
    this.options.onUsage?.({
      route: route.name,
      model: route.model,
      sessionId: request.sessionId,
      usage: answer.usage,
      latencyMs: Date.now() - startedAtMs,
    });
    return answer;
  }

  #laneOf(route: ModelRoute): Lane {
    let lane = this.#lanes.get(route);
    if (lane === undefined) {
      const provider = providers[route.provider];
      const url = urlOf(route.baseUrl);
      lane = {
        gate: this.#gateOf(route),
        retries: this.#retriesOf(url.origin),
        provider,
        origin: url.origin,
        path: `${url.pathname.replace(/\/+$/, '')}${provider.path}${url.search}`,
        headers: {
          'content-type': 'application/json',
          accept: route.stream ? 'text/event-stream' : 'application/json',
          ...provider.headers(route),
        },
        secret: route.apiKey?.reveal(),
      };
      this.#lanes.set(route, lane);
    }
    return lane;
  }

  #retriesOf(origin: string): RetryBudget {
    const budget = this.#retries.get(origin) ?? new RetryBudget();
    keepNewest(this.#retries, origin, budget, lanesMax);
    return budget;
  }

  /** By name, so that a route that is read again from the catalogue keeps its queue. */
  #gateOf({ name, concurrencyMax }: ModelRoute): Gate {
    const known = this.#gates.get(name);
    if (known?.insideMax === concurrencyMax) return known.gate;
    const gate = new Gate(concurrencyMax, this.options.queueMax ?? 1_024);
    keepNewest(this.#gates, name, { gate, insideMax: concurrencyMax }, lanesMax);
    return gate;
  }
}

const breakerNameOf = ({ name }: ModelRoute): string => `model:${name}`;

function ignore(): void {}

/** Of a refusal only the beginning is read: it is for a person to look at. */
const refusalBytesMax = 16 * 1_024;

type Mode = 'stream' | 'body' | 'refusal';

class AnswerSink implements ExchangeSink {
  #mode: Mode = 'body';
  #status = 0;
  #headers: ResponseHeaders = {};
  #bytes = 0;
  readonly #chunks: Buffer[] = [];
  readonly #events: EventStream;

  constructor(
    private readonly reader: AnswerReader,
    private readonly streamAsked: boolean,
    private readonly bytesMax: number,
    private readonly secret: string | undefined,
  ) {
    this.#events = new EventStream((data) => this.reader.event(data));
  }

  start(status: number, headers: ResponseHeaders): void {
    this.#status = status;
    this.#headers = headers;
    const type = String(headers['content-type'] ?? '');
    const streamed = type.includes('event-stream') || (this.streamAsked && !type.includes('json'));
    if (status < 200 || status > 299) this.#mode = 'refusal';
    else this.#mode = streamed ? 'stream' : 'body';
  }

  data(chunk: Buffer): boolean | undefined {
    this.#bytes += chunk.length;
    if (this.#mode === 'refusal') return this.#chunks.push(chunk) > 0 && this.#bytes >= refusalBytesMax;
    if (this.#bytes > this.bytesMax) throw answerTooLarge(this.bytesMax);
    if (this.#mode === 'stream') return this.#events.push(chunk);
    this.#chunks.push(chunk);
    return undefined;
  }

  finish(): ModelAnswer {
    if (this.#mode === 'stream') this.#events.end();
    else {
      const text = Buffer.concat(this.#chunks, this.#bytes).toString();
      if (this.#mode === 'refusal') throw faultOfStatus(this.#status, this.#headers, text, this.secret);
      this.reader.body(text);
    }
    return this.reader.finish();
  }
}
