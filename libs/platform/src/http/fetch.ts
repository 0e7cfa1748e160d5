/**
 * `fetch` for libraries that bring their own protocol over HTTP. Its connections are its own, so that a library's long
 * streams take none from the tools; how long an answer may take is left to the caller's signal.
 */
import { Agent, fetch } from 'undici';

export interface FetchClient {
  readonly fetch: typeof globalThis.fetch;
  close(): Promise<void>;
}

export interface FetchClientOptions {
  /** Connections per origin. */
  readonly connectionsMax: number;
  /** DNS, TCP and TLS together. */
  readonly connectTimeoutMs?: number;
}

export function createFetch({ connectionsMax, connectTimeoutMs = 1_500 }: FetchClientOptions): FetchClient {
  const dispatcher = new Agent({
    connections: connectionsMax,
    connect: { timeout: connectTimeoutMs },
    // A stream of events may be silent for as long as a call may take.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 30_000,
    keepAliveMaxTimeout: 60_000,
    allowH2: false,
    maxHeaderSize: 16_384,
  });
  // The library's types are those of its own version of the standard.
  const bound = ((input: string | URL, init?: object) =>
    fetch(input, { ...init, dispatcher })) as typeof globalThis.fetch;
  return { fetch: bound, close: () => dispatcher.destroy() };
}
