/**
 * A client of one of our own gRPC services: bytes in, bytes out, every call with a deadline. The refusal that the other
 * side put into its status comes back as the fault it was.
 */
import { Client, credentials, Metadata, status } from '@grpc/grpc-js';
import type { ChannelCredentials, ServiceError } from '@grpc/grpc-js';
import { broken, expired, Fault, faultKinds, grpcStatusOf, unreachable } from '@toolfleet/kernel';
import type { FaultKind, Refusal } from '@toolfleet/kernel';

export interface GrpcClientOptions {
  /** host:port. */
  readonly address: string;
  readonly deadlineMs: number;
  /** An answer is at most so long. Default 4 MiB, what our servers take. */
  readonly answerBytesMax?: number;
  /** Default: no TLS. `grpcChannelCredentials` has those of the settings. */
  readonly channel?: ChannelCredentials;
  /** Metadata of each call. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Told how long a unary call took, however it ended. */
  readonly onCall?: (method: string, tookMs: number) => void;
}

const asIs = (bytes: Buffer): Buffer => bytes;

export class GrpcClient {
  readonly #client: Client;
  readonly #deadlineMs: number;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #onCall: GrpcClientOptions['onCall'];

  constructor(options: GrpcClientOptions) {
    const { address, deadlineMs, answerBytesMax = 4 * 1024 * 1024, headers = {}, onCall } = options;
    this.#headers = headers;
    this.#deadlineMs = deadlineMs;
    this.#onCall = onCall;
    this.#client = new Client(address, options.channel ?? credentials.createInsecure(), {
      'grpc.max_receive_message_length': answerBytesMax,
      'grpc.initial_reconnect_backoff_ms': 200,
      'grpc.max_reconnect_backoff_ms': 2_000,
    });
  }

  /** `method` is `package.Service/Method`, `headers` are metadata of this call beside the client's own. */
  unary(method: string, request: Uint8Array, headers: Readonly<Record<string, string>> = {}): Promise<Uint8Array> {
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    const options = { deadline: Date.now() + this.#deadlineMs };
    const bytes = Buffer.from(request);
    const beganAtMs = performance.now();
    const metadata = metadataOf({ ...this.#headers, ...headers });
    this.#client.makeUnaryRequest(`/${method}`, asIs, asIs, bytes, metadata, options, (error, answer) => {
      this.#onCall?.(method, performance.now() - beganAtMs);
      if (error) reject(faultOfStatus(error));
      else resolve(answer ?? Buffer.alloc(0));
    });
    return promise;
  }

  /** A server stream, as long as it lasts; leaving the loop or aborting the signal cancels it. */
  async *stream(method: string, request: Uint8Array, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const call = this.#client.makeServerStreamRequest(
      `/${method}`,
      asIs,
      asIs,
      Buffer.from(request),
      metadataOf(this.#headers),
    );
    const cancel = () => call.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    try {
      for await (const bytes of call as AsyncIterable<Buffer>) yield bytes;
    } catch (error) {
      throw faultOfStatus(error as ServiceError);
    } finally {
      signal.removeEventListener('abort', cancel);
      call.cancel();
    }
  }

  close(): void {
    this.#client.close();
  }
}

function metadataOf(headers: Readonly<Record<string, string>>): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return metadata;
}

function faultOfStatus(error: ServiceError): Fault {
  const refusal = refusalIn(error.details);
  if (refusal) {
    const { kind, reason, message, hint, retryAfterMs, alternatives = [], details = {} } = refusal;
    return new Fault(kind, reason, message, {
      alternatives,
      details,
      ...(hint === undefined ? {} : { hint }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }
  if (error.code === status.DEADLINE_EXCEEDED) {
    return expired('SERVICE_TIMED_OUT', 'The service did not answer in time.', { cause: error });
  }
  if (error.code === status.UNAVAILABLE) {
    return unreachable('SERVICE_UNREACHABLE', 'The service is not reachable.', { cause: error, retryAfterMs: 1_000 });
  }
  const kind = faultKinds.find((kind: FaultKind) => grpcStatusOf[kind] === error.code);
  if (kind && kind !== 'broken') return new Fault(kind, 'SERVICE_REFUSED', 'The service refused.', { cause: error });
  return broken('SERVICE_FAILED', 'The service failed.', { cause: error });
}

/** Our services send their refusal as the status message; anybody else's text is not JSON of this shape. */
function refusalIn(text: string): Refusal | undefined {
  try {
    const refusal = JSON.parse(text) as Partial<Refusal> | null;
    const ours = faultKinds.includes(refusal?.kind as FaultKind) && typeof refusal?.reason === 'string';
    return ours ? (refusal as Refusal) : undefined;
  } catch {
    return undefined;
  }
}
