/**
 * HTTP to tools and models over undici's pools, one per origin. Every wait is bounded (connect, idle, deadline), an
 * answer is cut off while it is read, never buffered beyond its limit, and no redirect is followed: a status is handed
 * back as it is and the caller decides what it means.
 */
import { invalid, overloaded } from '@toolfleet/kernel';
import { Agent } from 'undici';
import { Exchange, type ExchangeRequest, type ExchangeSink, type ResponseHeaders } from './exchange.js';

export interface HttpClientOptions {
  /** Connections per origin. 256: each is one call in flight, and a process runs a few hundred calls at once. */
  readonly connectionsMax?: number;
  /** Origins with open connections. 256: far above a catalogue's upstreams, far below the file descriptors of a pod. */
  readonly originsMax?: number;
  /** DNS, TCP and TLS together. */
  readonly connectTimeoutMs?: number;
  /** An answer that begins and then pauses for longer than this is lost; a whole-call limit is the deadline's work. */
  readonly idleTimeoutMs?: number;
  /** Calls in flight or queued for a connection, over all origins. */
  readonly inFlightMax?: number;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | undefined;
  readonly signal: AbortSignal;
  readonly deadlineAtMs: number;
  readonly responseBytesMax: number;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ResponseHeaders;
  readonly body: Buffer;
}

export class HttpClient {
  readonly #agent: Agent;
  readonly #inFlightMax: number;
  #inFlight = 0;
  readonly #released = (): void => {
    this.#inFlight -= 1;
  };

  constructor(options: HttpClientOptions = {}) {
    this.#inFlightMax = options.inFlightMax ?? 4_096;
    const idleMs = options.idleTimeoutMs ?? 60_000;
    this.#agent = new Agent({
      connections: options.connectionsMax ?? 256,
      maxOrigins: options.originsMax ?? 256,
      connect: { timeout: options.connectTimeoutMs ?? 1_500 },
      // The first byte may take as long as the deadline allows (exports take minutes); only pauses within are idle.
      headersTimeout: 0,
      bodyTimeout: idleMs,
      keepAliveTimeout: 30_000,
      keepAliveMaxTimeout: 60_000,
      pipelining: 1,
      // HTTP/2 would put every call of an origin on one connection, and one loss would take them all.
      allowH2: false,
      maxHeaderSize: 16_384,
    });
  }

  /** Calls that are in flight or queued for a connection. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Any status is an answer. Faults: `unreachable` (connect, reset), `expired`, `invalid`, or the abort's own reason. */
  async request(request: HttpRequest): Promise<HttpResponse> {
    const url = urlOf(request.url);
    const sink = new BodySink(request.responseBytesMax);
    await this.exchange(
      {
        origin: url.origin,
        path: url.pathname + url.search,
        method: request.method,
        headers: request.headers ?? {},
        body: request.body,
        signal: request.signal,
        deadlineAtMs: request.deadlineAtMs,
      },
      sink,
    );
    return sink.response();
  }

  /** The same for answers that are consumed as they come; the sink keeps its own limits. */
  exchange(request: ExchangeRequest, sink: ExchangeSink): Promise<void> {
    if (this.#inFlight >= this.#inFlightMax) {
      return Promise.reject(
        overloaded('HTTP_CALLS_TOO_MANY', 'Too many calls are in flight.', { retryAfterMs: 1_000 }),
      );
    }
    this.#inFlight += 1;
    return new Exchange(request, sink, this.#released).run(this.#agent);
  }

  /** Cuts what is in flight. */
  close(): Promise<void> {
    return this.#agent.destroy();
  }
}

class BodySink implements ExchangeSink {
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #status = 0;
  #headers: ResponseHeaders = {};

  constructor(private readonly bytesMax: number) {}

  start(status: number, headers: ResponseHeaders): void {
    this.#status = status;
    this.#headers = headers;
    if (Number(headers['content-length'] ?? 0) > this.bytesMax) throw tooLarge(this.bytesMax, status);
  }

  data(chunk: Buffer): undefined {
    this.#bytes += chunk.length;
    if (this.#bytes > this.bytesMax) throw tooLarge(this.bytesMax, this.#status);
    this.#chunks.push(chunk);
  }

  /** Copies even a single chunk: undici's chunks are views of a 64 KB socket buffer that would live on with them. */
  response(): HttpResponse {
    return { status: this.#status, headers: this.#headers, body: Buffer.concat(this.#chunks, this.#bytes) };
  }
}

/** The status came before the size was known: it says whether the request was granted. */
export function tooLarge(bytesMax: number, status: number): Error {
  return invalid('RESPONSE_TOO_LARGE', 'The answer is larger than allowed.', {
    details: { bytesMax: String(bytesMax), status: String(status), sent: 'maybe' },
  });
}

/** Only plain HTTP and HTTPS; credentials in a URL would end up in logs. */
export function urlOf(url: string | URL): URL {
  const parsed = typeof url === 'string' ? URL.parse(url) : url;
  if (parsed === null || !['http:', 'https:'].includes(parsed.protocol) || parsed.username || parsed.password) {
    throw invalid('URL_MALFORMED', 'The address of the upstream is not a plain http or https URL.', {
      details: { sent: 'no' },
    });
  }
  return parsed;
}
