/**
 * Streamable HTTP, with what the library leaves open: an answer has a limit of bytes, a stream that ends without one ends
 * its call, and a call that is cancelled gives its connection back, also on servers of the older revision.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { JSONRPCMessage, RequestId, TransportSendOptions } from '@modelcontextprotocol/client';
import { StreamableHTTPClientTransport, isJSONRPCNotification, isJSONRPCRequest } from '@modelcontextprotocol/client';
import { localError } from './local-errors.js';

export interface HttpEndpoint {
  readonly kind: 'http';
  readonly url: string;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface HttpTransportOptions {
  readonly endpoint: HttpEndpoint;
  readonly messageBytesMax: number;
  readonly fetch: typeof globalThis.fetch;
}

/** A request that is under way. */
interface Sending {
  tooLarge: boolean;
  /** It is answered by a stream of events, which may go on after the library has taken it. */
  streamed: boolean;
}

const sending = new AsyncLocalStorage<Sending>();
/** A server that hangs need not hear that nobody waits for it any more. */
const cancelTimeoutMs = 5_000;

export class HttpTransport extends StreamableHTTPClientTransport {
  readonly #cancels = new Map<RequestId, AbortController>();

  constructor({ endpoint, messageBytesMax, fetch }: HttpTransportOptions) {
    super(new URL(endpoint.url), {
      requestInit: { headers: endpoint.headers },
      fetch: async (input, init) => bounded(await fetch(input, init), messageBytesMax),
      // A stream that broke off is taken up again twice; longer than that is the business of the call's deadline.
      reconnectionOptions: {
        initialReconnectionDelay: 200,
        maxReconnectionDelay: 2_000,
        reconnectionDelayGrowFactor: 2,
        maxRetries: 2,
      },
      onInsufficientScope: 'throw',
    });
  }

  override async send(message: JSONRPCMessage | JSONRPCMessage[], options?: TransportSendOptions): Promise<void> {
    if (Array.isArray(message)) return super.send(message, options);
    if (isJSONRPCRequest(message)) return this.#request(message, options);
    if (!isJSONRPCNotification(message) || message.method !== 'notifications/cancelled') {
      return super.send(message, options);
    }
    const told = super.send(message, { ...options, requestSignal: AbortSignal.timeout(cancelTimeoutMs) });
    this.#cancels.get(message.params?.['requestId'] as RequestId)?.abort();
    return told;
  }

  override async close(): Promise<void> {
    for (const cancel of this.#cancels.values()) cancel.abort();
    await super.close();
  }

  async #request(message: JSONRPCMessage & { id: RequestId }, options?: TransportSendOptions): Promise<void> {
    const { id } = message;
    const cancel = new AbortController();
    const entry: Sending = { tooLarge: false, streamed: false };
    const requestSignal = options?.requestSignal
      ? AbortSignal.any([cancel.signal, options.requestSignal])
      : cancel.signal;
    this.#cancels.set(id, cancel);
    const over = () => void this.#cancels.delete(id);
    requestSignal.addEventListener('abort', over, { once: true });
    // Where the answer was in the stream, nobody waits for this one.
    const onRequestStreamEnd = () => {
      over();
      this.onmessage?.(localError(id, entry.tooLarge ? 'answerTooLarge' : 'answerLost'));
    };
    try {
      await sending.run(entry, () => super.send(message, { ...options, requestSignal, onRequestStreamEnd }));
      if (!entry.streamed) over();
    } catch (error) {
      over();
      if (!entry.tooLarge) throw error;
      this.onmessage?.(localError(id, 'answerTooLarge'));
    }
  }
}

/** The same answer with a body that breaks off at its limit. */
function bounded(response: Response, bytesMax: number): Response {
  const entry = sending.getStore();
  const { body, status, statusText, headers } = response;
  if (!body || (status >= 300 && status < 400)) return response;
  if (entry) entry.streamed = headers.get('content-type')?.includes('text/event-stream') ?? false;
  let bytes = 0;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes <= bytesMax) return controller.enqueue(chunk);
      if (entry) entry.tooLarge = true;
      controller.error(new Error('The answer is larger than allowed.'));
    },
  });
  return new Response(body.pipeThrough(counted), { status, statusText, headers });
}
