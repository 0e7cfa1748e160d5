/**
 * One HTTP exchange on undici's dispatch interface: no streams, no bodies buffered here, one timer. It settles at the
 * first of: the sink has all it needs, the answer ends, the deadline, the first-byte limit, the caller's abort, a
 * network fault. Settling never waits for the connection, which is then drained for a moment or cut.
 */
import { expired, unreachable } from '@toolfleet/kernel';
import type { Dispatcher } from 'undici';
import { networkFault } from './network-fault.js';

export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Receives the answer as it comes. A fault thrown by any method ends the exchange with it and cuts the connection. */
export interface ExchangeSink {
  start(status: number, headers: ResponseHeaders): void;
  /** Return true when the answer is whole: the exchange succeeds at once and what follows is thrown away. */
  data(chunk: Buffer): boolean | undefined;
}

export interface ExchangeRequest {
  readonly origin: string;
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | undefined;
  readonly signal: AbortSignal;
  readonly deadlineAtMs: number;
  /** Longest wait, once the request is on its way, for the first byte of the answer's body; later is `unreachable`. */
  readonly firstByteTimeoutMs?: number | undefined;
  /** Longest pause within the answer, in place of the client's; later is `unreachable`. */
  readonly idleTimeoutMs?: number | undefined;
}

/** A sink that is satisfied early leaves the rest this long to arrive, so that the connection can be kept. */
const drainMs = 1_000;
/** setTimeout wraps around above this. */
const timerMsMax = 2 ** 31 - 1;

type Phase = 'first-byte' | 'deadline' | 'drain';

export class Exchange implements Dispatcher.DispatchHandler {
  readonly result: Promise<void>;
  #resolve!: () => void;
  #reject!: (reason: unknown) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;
  #cutReason: Error | undefined;
  #timer: NodeJS.Timeout | undefined;
  #phase: Phase = 'deadline';
  #held = true;
  readonly #onAbort = (): void => this.#fail(this.request.signal.reason);

  /** `released` is called once, when undici holds nothing of this exchange any more. */
  constructor(
    private readonly request: ExchangeRequest,
    private readonly sink: ExchangeSink,
    private readonly released: () => void,
  ) {
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  run(dispatcher: Dispatcher): Promise<void> {
    const { request } = this;
    if (request.signal.aborted || request.deadlineAtMs <= Date.now()) {
      this.#fail(request.signal.aborted ? request.signal.reason : this.#late());
      this.#release();
      return this.result;
    }
    request.signal.addEventListener('abort', this.#onAbort, { once: true });
    this.#arm('deadline');
    try {
      dispatcher.dispatch(
        {
          origin: request.origin,
          path: request.path,
          method: request.method as Dispatcher.HttpMethod,
          headers: request.headers as Record<string, string>,
          body: request.body ?? null,
          ...(request.idleTimeoutMs === undefined ? {} : { bodyTimeout: request.idleTimeoutMs }),
        },
        this,
      );
    } catch (error) {
      this.onResponseError(undefined, error);
    }
    return this.result;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#cutReason !== undefined) controller.abort(this.#cutReason);
    // Waiting for a free connection is our own load and says nothing about the upstream.
    else if (this.request.firstByteTimeoutMs !== undefined) this.#arm('first-byte');
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: ResponseHeaders): void {
    // Interim answers (1xx) come before the real one and mean nothing here.
    if (this.#settled || status < 200) return;
    try {
      this.sink.start(status, headers);
    } catch (error) {
      this.#fail(error);
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return;
    if (this.#phase === 'first-byte') this.#arm('deadline');
    try {
      if (this.sink.data(chunk) === true) this.#succeed(true);
    } catch (error) {
      this.#fail(error);
    }
  }

  onResponseEnd(): void {
    this.#succeed(false);
    this.#release();
  }

  onResponseError(_controller: unknown, error: unknown): void {
    this.#fail(networkFault(error, this.#controller !== undefined));
    this.#release();
  }

  /** Whichever is nearer, the first byte's limit or the deadline. */
  #arm(phase: 'first-byte' | 'deadline'): void {
    clearTimeout(this.#timer);
    const { deadlineAtMs, firstByteTimeoutMs = Infinity } = this.request;
    const leftMs = deadlineAtMs - Date.now();
    this.#phase = phase === 'first-byte' && firstByteTimeoutMs < leftMs ? 'first-byte' : 'deadline';
    const waitMs = this.#phase === 'first-byte' ? firstByteTimeoutMs : leftMs;
    this.#timer = setTimeout(() => this.#onTimer(), Math.min(Math.max(waitMs, 0), timerMsMax));
  }

  #onTimer(): void {
    if (this.#phase === 'drain') return this.#cut(this.#late());
    this.#fail(this.#phase === 'deadline' ? this.#late() : this.#silent());
  }

  #succeed(early: boolean): void {
    if (this.#settled) return;
    this.#settle();
    if (early) {
      this.#phase = 'drain';
      this.#timer = setTimeout(() => this.#onTimer(), drainMs);
    }
    this.#resolve();
  }

  #fail(reason: unknown): void {
    if (this.#settled) return;
    this.#settle();
    this.#reject(reason);
    this.#cut(reason instanceof Error ? reason : this.#late());
  }

  #release(): void {
    clearTimeout(this.#timer);
    if (this.#held) this.released();
    this.#held = false;
  }

  #settle(): void {
    this.#settled = true;
    clearTimeout(this.#timer);
    this.request.signal.removeEventListener('abort', this.#onAbort);
  }

  /** A request still queued in undici has no controller yet; it is cut when its turn comes. */
  #cut(reason: Error): void {
    this.#cutReason = reason;
    if (this.#controller !== undefined && !this.#controller.aborted) this.#controller.abort(reason);
  }

  #late(): Error {
    return expired('DEADLINE_PASSED', 'The deadline passed before the upstream had answered.', this.#sent());
  }

  #silent(): Error {
    return unreachable('UPSTREAM_SILENT', 'The upstream did not begin to answer in time.', this.#sent());
  }

  #sent(): { details: { sent: string } } {
    return { details: { sent: this.#controller === undefined ? 'no' : 'maybe' } };
  }
}
