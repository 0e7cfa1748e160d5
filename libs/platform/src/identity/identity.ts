/** What a process knows of its callers: whose tokens count, and whom it has refused. */
import type { Caller } from '@toolfleet/kernel';
import { broken } from '@toolfleet/kernel';
import type { RefusedCallers } from './refused-callers.js';
import type { TokenVerifier } from './token-verifier.js';
import { bearerOf } from './token-verifier.js';

export class Identity {
  /** By request of HTTP, or metadata of gRPC: whatever a handler has in hand. */
  readonly #callers = new WeakMap<object, Caller>();
  /** A publisher's records come many at a time, each with the same header: it is read once. */
  #last: { readonly header: unknown; readonly token: string } | undefined;

  constructor(
    private readonly verifier: TokenVerifier,
    readonly refused: RefusedCallers,
  ) {}

  /** `header`: `authorization`. `atMs`: when it arrived, absent: now. */
  async callerOf(header: unknown, atMs?: number): Promise<Caller> {
    if (this.#last === undefined || this.#last.header !== header) this.#last = { header, token: bearerOf(header) };
    return this.verifier.verify(this.#last.token, atMs);
  }

  /** The same at once, where the header is that of the call before and its token was verified then; undefined elsewhere. */
  known(header: unknown, atMs: number): Caller | undefined {
    return this.#last?.header === header ? this.verifier.known(this.#last!.token, atMs) : undefined;
  }

  /** For the handlers that come after the guard. */
  admit(carrier: object, caller: Caller): void {
    this.#callers.set(carrier, caller);
  }

  find(carrier: object): Caller | undefined {
    return this.#callers.get(carrier);
  }

  /** The caller of a request that the guard let through. */
  of(carrier: object): Caller {
    const caller = this.#callers.get(carrier);
    if (caller) return caller;
    throw broken('CALLER_UNKNOWN', 'A handler that is open to all asks who calls.');
  }

  async close(): Promise<void> {
    this.refused.close();
    await this.verifier.close();
  }
}
