/**
 * The leases of one process. While a lease has room, taking from it is memory only; otherwise all that wait for the same
 * quotas share one request to the book, and one more is sent ahead when half of a lease is spent. Nothing is granted twice
 * and nothing beyond what the book granted: see the kernel's `window.ts` for the bound that follows.
 *
 * While the book is away a process goes on within what it holds, for the life of a lease (a 30th of the window, 2 s of a
 * minute), and refuses after that: `overloaded` QUOTA_UNAVAILABLE, to be tried again in a second. A quota that cannot be
 * kept is not ignored, because the ones it protects, a provider's limit or another tenant, cannot object in time.
 */
import type { Fault, Quota, QuotaAsk, QuotaGrant, Taken } from '@toolfleet/kernel';
import { LeasePool, degraded, overloaded, quotaExceeded } from '@toolfleet/kernel';
import { keepNewest } from '../keep-newest.js';
import { waitFor } from '../waits.js';
import type { QuotaStore } from '../postgres/ports/quota-store.js';

export interface QuotaLeasesOptions {
  readonly store: QuotaStore;
  readonly listener?: QuotaListener | undefined;
  /** Milliseconds of a clock that never jumps. */
  readonly now?: () => number;
  /** How long a call waits for a lease: a round trip takes 2 ms, a database that needs 2 s is away. */
  readonly waitMsMax?: number;
}

export interface QuotaListener {
  leased(quota: Quota, amount: number): void;
  used(quota: Quota, amount: number): void;
  refused(quota: Quota): void;
}

/** Room that was taken. */
export interface QuotaRoom {
  /** What it cost in the end: less goes back to all, more is charged and the next ones wait for it. */
  settle(cost: number): void;
}

/** Quotas come from a catalogue that changes while we run; older ones make room. */
const poolsMax = 10_000;
/** After a failure nobody asks for so long: a book that is away hears one request a second from each process. */
const pauseMs = 1_000;

const unlimited: QuotaRoom = { settle: () => undefined };

export class QuotaLeases {
  readonly #pools = new Map<string, LeasePool>();
  /** Requests under way, by the quotas they are for. */
  readonly #flights = new Map<string, Promise<void>>();
  readonly #now: () => number;
  #pausedUntilMs = -Infinity;

  constructor(private readonly options: QuotaLeasesOptions) {
    this.#now = options.now ?? (() => performance.now());
  }

  /**
   * Room for `amount` in all of the quotas, in each or in none; at once while the leases have it. An amount above a limit
   * counts as the limit, otherwise it would never run. Fault overloaded: QUOTA_EXCEEDED, QUOTA_UNAVAILABLE.
   */
  take(quotas: readonly Quota[], amount: number): QuotaRoom | Promise<QuotaRoom> {
    if (quotas.length === 0) return unlimited;
    const pools = quotas.map((quota) => this.#poolOf(quota));
    return this.#takeHeld(pools, amount) ?? this.#wait(pools, amount);
  }

  /** As far as this process knows; undefined before it has asked. */
  left({ id }: Pick<Quota, 'id'>): number | undefined {
    return this.#pools.get(id)?.leftAt(this.#now());
  }

  /** What is held goes back, so that others need not wait for it to count no more. */
  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    for (const pool of pools) pool.release();
    const asks = pools.filter((pool) => pool.owes).map((pool) => pool.returns());
    if (asks.length > 0) await this.#ask(asks).catch(() => undefined);
  }

  #poolOf(quota: Quota): LeasePool {
    let pool = this.#pools.get(quota.id);
    if (!pool) {
      pool = new LeasePool(quota);
      keepNewest(this.#pools, quota.id, pool, poolsMax);
    }
    pool.quota = quota;
    return pool;
  }

  #takeHeld(pools: readonly LeasePool[], amount: number): QuotaRoom | undefined {
    const nowMs = this.#now();
    if (pools.some((pool) => pool.held(nowMs) < within(pool, amount))) return undefined;
    const taken = pools.map((pool): [LeasePool, Taken] => [pool, pool.take(within(pool, amount), nowMs)!]);
    for (const { quota } of pools) this.options.listener?.used(quota, amount);
    this.#renew(pools, nowMs);
    return {
      settle: (cost) => {
        for (const [pool, parts] of taken) pool.settle(parts, cost);
        for (const { quota } of cost === amount ? [] : pools) this.options.listener?.used(quota, cost - amount);
      },
    };
  }

  /** Each alone: one without room holds up no other. Needs one more than is held, so that a refusal is remembered. */
  #renew(pools: readonly LeasePool[], nowMs: number): void {
    if (nowMs < this.#pausedUntilMs) return;
    for (const pool of pools) {
      if (pool.renews(nowMs)) this.#fly([pool], pool.held(nowMs) + 1).catch(() => undefined);
    }
  }

  async #wait(pools: readonly LeasePool[], amount: number): Promise<QuotaRoom> {
    const giveUpAtMs = this.#now() + this.#waitMsMax;
    for (const pool of pools) pool.waiting += amount;
    try {
      while (this.#now() < giveUpAtMs) {
        const fault = this.#refusal(pools, amount);
        if (fault) throw fault;
        // oxlint-disable-next-line no-await-in-loop -- others may have been faster: then one more request is sent
        await this.#fly(pools, amount);
        const room = this.#takeHeld(pools, amount);
        if (room) return room;
      }
      throw unavailable();
    } finally {
      for (const pool of pools) pool.waiting -= amount;
    }
  }

  /** Of the quota that takes longest to have room. */
  #refusal(pools: readonly LeasePool[], amount: number): Fault | undefined {
    const nowMs = this.#now();
    const known = pools.flatMap((pool) => {
      const state = pool.held(nowMs) < within(pool, amount) && pool.refusalOf(within(pool, amount), nowMs);
      return state ? [{ quota: pool.quota, state }] : [];
    });
    const [worst] = known.toSorted((one, other) => other.state.retryAfterMs - one.state.retryAfterMs);
    if (worst) {
      this.options.listener?.refused(worst.quota);
      return quotaExceeded(worst.quota, worst.state);
    }
    return nowMs < this.#pausedUntilMs ? unavailable() : undefined;
  }

  /** Joins a request that is under way for the same quotas. */
  #fly(pools: readonly LeasePool[], amount: number): Promise<void> {
    const key = pools.map(({ quota }) => quota.id).join('\n');
    let flight = this.#flights.get(key);
    if (!flight) {
      flight = this.#lease(pools, amount).finally(() => this.#flights.delete(key));
      this.#flights.set(key, flight);
    }
    return flight;
  }

  async #lease(pools: readonly LeasePool[], amount: number): Promise<void> {
    const askedAtMs = this.#now();
    const asks = pools.map((pool) => pool.ask(amount, askedAtMs));
    let grants: readonly QuotaGrant[];
    try {
      grants = await this.#ask(asks);
    } catch (cause) {
      this.#pausedUntilMs = this.#now() + pauseMs;
      for (const [at, pool] of pools.entries()) pool.failed(asks[at]!);
      throw unavailable(cause);
    }
    for (const [at, pool] of pools.entries()) {
      pool.granted(asks[at]!, grants[at]!, askedAtMs, this.#now());
      if (grants[at]!.granted > 0) this.options.listener?.leased(pool.quota, grants[at]!.granted);
    }
  }

  /** A lease that comes later than this has lapsed, and nobody waits for it any more. */
  async #ask(asks: readonly QuotaAsk[]): Promise<QuotaGrant[]> {
    return waitFor(this.options.store.lease(asks), { withinMs: this.#waitMsMax, late: () => unavailable() });
  }

  get #waitMsMax(): number {
    return this.options.waitMsMax ?? 2_000;
  }
}

const within = ({ quota }: LeasePool, amount: number) => Math.min(amount, quota.limit);

function unavailable(cause?: unknown): Fault {
  const message = 'The quota of this tenant cannot be asked for at the moment.';
  const hint = 'Try again in a moment.';
  return degraded('database', overloaded('QUOTA_UNAVAILABLE', message, { retryAfterMs: pauseMs, hint, cause }));
}
