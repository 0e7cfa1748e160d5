/**
 * A client of somebody else's gRPC service: bytes in, bytes out, each call with its own deadline and signal. A call leaves
 * only over a connection that stands, so "not sent" is known and not guessed; nothing is repeated by the client itself. The
 * server's status becomes a fault, or the refusal of the tool.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Metadata, connectivityState, credentials, status } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';
import { expired, unreachable } from '@toolfleet/kernel';
import type { GrpcRefusal } from './grpc-status.js';
import { endOfStatus } from './grpc-status.js';

export interface ForeignGrpcOptions {
  /** host:port. */
  readonly address: string;
  /** Absent: no TLS. `ca`: in place of the authorities that Node knows, PEM. */
  readonly tls?: { readonly ca?: Buffer | undefined } | undefined;
  readonly answerBytesMax: number;
  /** Default 3,000. */
  readonly connectTimeoutMs?: number;
}

export interface ForeignGrpcCall {
  /** `package.Service/Method` */
  readonly method: string;
  readonly request: Uint8Array;
  /** Names in lower case. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly deadlineAtMs: number;
  readonly signal: AbortSignal;
}

export type ForeignGrpcAnswer = { readonly ok: true; readonly bytes: Uint8Array } | GrpcRefusal;

const asIs = (bytes: Buffer): Buffer => bytes;

export class ForeignGrpc {
  readonly #client: Client;
  readonly #connectTimeoutMs: number;

  constructor({ address, tls, answerBytesMax, connectTimeoutMs = 3_000 }: ForeignGrpcOptions) {
    this.#connectTimeoutMs = connectTimeoutMs;
    const channel = tls ? credentials.createSsl(tls.ca ?? null) : credentials.createInsecure();
    this.#client = new Client(address, channel, {
      'grpc.max_receive_message_length': answerBytesMax,
      // A server could ask for retries of writes by its service config.
      'grpc.enable_retries': 0,
      'grpc.service_config_disable_resolution': 1,
      'grpc.initial_reconnect_backoff_ms': 200,
      'grpc.max_reconnect_backoff_ms': 2_000,
      'grpc.keepalive_time_ms': 60_000,
      'grpc.primary_user_agent': 'toolfleet',
    });
  }

  async unary(call: ForeignGrpcCall): Promise<ForeignGrpcAnswer> {
    await this.#connected(call);
    const { method, request, metadata, deadlineAtMs, signal } = call;
    const { promise, resolve, reject } = Promise.withResolvers<ForeignGrpcAnswer>();
    const sent = new Metadata();
    for (const [name, value] of Object.entries(metadata)) sent.set(name, value);
    let answering = false;
    const settle = (error: ServiceError | null, bytes: Buffer | undefined): void => {
      if (!error) return resolve({ ok: true, bytes: bytes ?? Buffer.alloc(0) });
      if (error.code === status.CANCELLED && signal.aborted) return reject(cancelled('maybe', error));
      const end = endOfStatus(error, { answering });
      if ('ok' in end) resolve(end);
      else reject(end);
    };
    const options = { deadline: deadlineAtMs };
    const running = this.#client.makeUnaryRequest(
      ...([`/${method}`, asIs, asIs, Buffer.from(request), sent, options] as const),
      settle,
    );
    running.on('metadata', () => (answering = true));
    const cancel = (): void => running.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) cancel();
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  /** One request after the other on a stream of both directions; for what a server says of itself. */
  async converse(
    method: string,
    { deadlineAtMs, signal }: Pick<ForeignGrpcCall, 'deadlineAtMs' | 'signal'>,
    talk: (ask: (request: Uint8Array) => Promise<Uint8Array>) => Promise<void>,
  ): Promise<void> {
    await this.#connected({ deadlineAtMs, signal });
    const options = { deadline: deadlineAtMs };
    const stream = this.#client.makeBidiStreamRequest(`/${method}`, asIs, asIs, new Metadata(), options);
    const cancel = (): void => stream.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) cancel();
    // The reader below hears of it, too.
    stream.on('error', () => undefined);
    const answers = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    try {
      await talk(async (request) => {
        stream.write(Buffer.from(request));
        const { done, value } = await answers.next();
        if (done) throw unreachable('UPSTREAM_CONNECTION_LOST', 'The service ended the stream.', { details: notSent });
        return value;
      });
      stream.end();
    } catch (error) {
      const { code } = error as Partial<ServiceError>;
      if (code === undefined) throw error;
      if (code === status.CANCELLED && signal.aborted) throw cancelled('no', error);
      const end = endOfStatus(error as ServiceError, { answering: false });
      throw 'ok' in end ? unreachable('UPSTREAM_FAILED', 'The service refused.', { cause: error }) : end;
    } finally {
      signal.removeEventListener('abort', cancel);
      stream.cancel();
    }
  }

  close(): void {
    this.#client.close();
  }

  /** Fails at once where the last attempt to connect did: the channel tries again by itself. */
  async #connected({ deadlineAtMs, signal }: Pick<ForeignGrpcCall, 'deadlineAtMs' | 'signal'>): Promise<void> {
    const channel = this.#client.getChannel();
    const untilMs = Math.min(deadlineAtMs, Date.now() + this.#connectTimeoutMs);
    for (;;) {
      if (signal.aborted) throw cancelled('no');
      const state = channel.getConnectivityState(true);
      if (state === connectivityState.READY) return;
      const failed = state === connectivityState.TRANSIENT_FAILURE || state === connectivityState.SHUTDOWN;
      if (failed || Date.now() >= untilMs) throw notConnected();
      // oxlint-disable-next-line no-await-in-loop -- one state follows another
      await changed(channel, state, untilMs, signal);
    }
  }
}

/** Resolves when the state is another, the time is over, or nobody waits any more. */
async function changed(
  channel: ReturnType<Client['getChannel']>,
  state: connectivityState,
  untilMs: number,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const watched = new Promise<void>((resolve) => channel.watchConnectivityState(state, untilMs, () => resolve()));
  const late = sleep(Math.max(0, untilMs - Date.now()), undefined, { signal: either }).catch(() => undefined);
  await Promise.race([watched, late]);
  over.abort();
}

const notSent = { sent: 'no' } as const;
const notConnected = () =>
  unreachable('UPSTREAM_CONNECT_FAILED', 'No connection to the service could be made.', { details: notSent });
const cancelled = (sent: 'no' | 'maybe', cause?: unknown) =>
  expired('CANCELLED', 'The call is over.', { details: { sent }, cause });
