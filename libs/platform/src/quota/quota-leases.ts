/**
 * The leases of one process. While a lease has room, taking from it is memory only; otherwise all that wait for a quota
 * share one request to the book, for just the quotas that lack, and one more is sent ahead when half of a lease is spent.
 * What nobody here draws on any more goes back. Nothing is granted twice and nothing beyond what the book granted: see the
 * kernel's `window.ts` for the bound that follows.
 *
 * While the book is away a process goes on within what it holds, for the life of a lease (a 30th of the window, 2 s of a
 * minute), and refuses after that: `overloaded` QUOTA_UNAVAILABLE, to be tried again in a second. A quota that cannot be
 * kept is not ignored, because the ones it protects, a provider's limit or another tenant, cannot object in time.
 */
import type { Fault, Quota, QuotaAsk, QuotaGrant } from '@toolfleet/kernel';
import { LeasePool, TransientMap, degraded, overloaded, quotaExceeded, keepNewest } from '@toolfleet/kernel';
import { waitFor } from '../waits.js';
import type { QuotaStore } from '../postgres/ports/quota-store.js';

export interface QuotaLeasesOptions {
  readonly store: Pick<QuotaStore, 'lease'>;
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

/** Of each quota the same, or as each counts. */
export type Amount = number | ((quota: Quota) => number);

/** Room that was taken. */
export interface QuotaRoom {
  /** What it cost in the end: less goes back to all, more is charged and the next ones wait for it. */
  settle(cost: Amount): void;
}

/** What is wanted of one quota: at most its limit, otherwise what is above one would never run. */
interface Want {
  readonly pool: LeasePool;
  readonly amount: number;
}

/** Quotas come from a catalogue that changes while we run; older ones make room. */
const poolsMax = 10_000;
/** After a failure nobody asks for so long: a book that is away hears one request a second from each process. */
const pauseMs = 1_000;
/** What a user's sessions hold of a day outlives them by less than an hour; so long after the last of them it goes back. */
const idleMs = 60_000;
const idleSweepMs = 10_000;
const returnedMax = 500;

const unlimited: QuotaRoom = { settle: () => undefined };

export class QuotaLeases {
  readonly #pools = new Map<string, LeasePool>();
  /** Requests under way: whether they brought anything. */
  readonly #flights = new TransientMap<LeasePool, Promise<boolean>>();
  readonly #now: () => number;
  readonly #sweep: NodeJS.Timeout;
  #pausedUntilMs = -Infinity;

  constructor(private readonly options: QuotaLeasesOptions) {
    this.#now = options.now ?? (() => performance.now());
    this.#sweep = setInterval(() => void this.returnIdle(), idleSweepMs).unref();
  }

  /**
   * Room in all of the quotas, in each or in none; at once while the leases have it. Fault overloaded: QUOTA_EXCEEDED,
   * QUOTA_UNAVAILABLE; of a budget BUDGET_EXHAUSTED.
   */
  take(quotas: readonly Quota[], amount: Amount): QuotaRoom | Promise<QuotaRoom> {
    if (quotas.length === 0) return unlimited;
    const wants = quotas.map((quota): Want => {
      return { pool: this.#poolOf(quota), amount: Math.min(quota.limit, amountOf(amount, quota)) };
    });
    return this.#takeHeld(wants) ?? this.#wait(wants);
  }

  /** As far as this process knows; undefined before it has asked. */
  left({ id }: Pick<Quota, 'id'>): number | undefined {
    return this.#pools.get(id)?.leftAt(this.#now());
  }

  /** What is held goes back, so that others need not wait for it to count no more. */
  async close(): Promise<void> {
    clearInterval(this.#sweep);
    await this.#giveBack([...this.#pools.values()]);
  }

  /** What nobody here has drawn on for a minute goes back. */
  async returnIdle(): Promise<void> {
    const nowMs = this.#now();
    if (nowMs < this.#pausedUntilMs) return;
    await this.#giveBack([...this.#pools.values()].filter((pool) => pool.isIdle(idleMs, nowMs)));
  }

  async #giveBack(pools: readonly LeasePool[]): Promise<void> {
    for (const pool of pools) pool.release();
    const owing = pools.filter((pool) => pool.owes);
    for (let from = 0; from < owing.length; from += returnedMax) {
      const some = owing.slice(from, from + returnedMax);
      const asks = some.map((pool) => pool.returns());
      // oxlint-disable-next-line no-await-in-loop -- nobody waits for it, and calls come first
      await this.#ask(some, asks).catch(() => undefined);
    }
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

  #takeHeld(wants: readonly Want[]): QuotaRoom | undefined {
    const nowMs = this.#now();
    if (wants.some((want) => lacks(want, nowMs))) return undefined;
    const { listener } = this.options;
    const taken = wants.map(({ pool, amount }) => {
      listener?.used(pool.quota, amount);
      return pool.take(amount, nowMs)!;
    });
    this.#renew(wants, nowMs);
    return {
      settle: (cost) => {
        for (const [at, { pool, amount }] of wants.entries()) {
          const spent = amountOf(cost, pool.quota);
          pool.settle(taken[at]!, spent);
          if (spent !== amount) listener?.used(pool.quota, spent - amount);
        }
      },
    };
  }

  /** Each alone: one without room holds up no other. Needs one more than is held, so that a refusal is remembered. */
  #renew(wants: readonly Want[], nowMs: number): void {
    if (nowMs < this.#pausedUntilMs) return;
    for (const { pool } of wants) {
      if (!pool.renews(nowMs) || this.#flights.has(pool)) continue;
      this.#fly([{ pool, amount: pool.held(nowMs) + 1 }]).catch(() => undefined);
    }
  }

  async #wait(wants: readonly Want[]): Promise<QuotaRoom> {
    const giveUpAtMs = this.#now() + this.#waitMsMax;
    for (const { pool, amount } of wants) pool.waiting += amount;
    // A request of others brings nothing when one of their quotas has no room; after that we ask for ourselves.
    let brings = true;
    try {
      for (let nowMs = this.#now(); nowMs < giveUpAtMs; nowMs = this.#now()) {
        const lacking = wants.filter((want) => lacks(want, nowMs));
        const fault = this.#refusal(lacking, nowMs);
        if (fault) throw fault;
        const flight: Promise<boolean> | undefined = brings ? this.#flightOf(lacking) : undefined;
        // oxlint-disable-next-line no-await-in-loop -- others may have been faster: then one more request is sent
        brings = await (flight ?? this.#fly(lacking));
        const room = this.#takeHeld(wants);
        if (room) return room;
      }
      throw unavailable();
    } finally {
      for (const { pool, amount } of wants) pool.waiting -= amount;
    }
  }

  /** Of the quota that takes longest to have room. */
  #refusal(lacking: readonly Want[], nowMs: number): Fault | undefined {
    const known = lacking.flatMap(({ pool, amount }) => {
      const state = pool.refusalOf(amount, nowMs);
      return state ? [{ quota: pool.quota, state }] : [];
    });
    const [worst] = known.toSorted((one, other) => other.state.retryAfterMs - one.state.retryAfterMs);
    if (worst) {
      this.options.listener?.refused(worst.quota);
      return quotaExceeded(worst.quota, worst.state);
    }
    return nowMs < this.#pausedUntilMs ? unavailable() : undefined;
  }

  #flightOf(lacking: readonly Want[]): Promise<boolean> | undefined {
    for (const { pool } of lacking) {
      const flight = this.#flights.get(pool);
      if (flight) return flight;
    }
    return undefined;
  }

  #fly(wants: readonly Want[]): Promise<boolean> {
    const flight = this.#lease(wants).finally(() => {
      for (const { pool } of wants) if (this.#flights.get(pool) === flight) this.#flights.delete(pool);
    });
    for (const { pool } of wants) this.#flights.set(pool, flight);
    return flight;
  }

  async #lease(wants: readonly Want[]): Promise<boolean> {
    const askedAtMs = this.#now();
    const pools = wants.map(({ pool }) => pool);
    const asks = wants.map(({ pool, amount }) => pool.ask(amount, askedAtMs));
    const grants = await this.#ask(pools, asks);
    for (const [at, pool] of pools.entries()) {
      pool.granted(asks[at]!, grants[at]!, askedAtMs, this.#now());
      if (grants[at]!.granted > 0) this.options.listener?.leased(pool.quota, grants[at]!.granted);
    }
    return grants.some(({ granted }) => granted > 0);
  }

  /** A lease that comes later than this has lapsed, and nobody waits for it any more. */
  async #ask(pools: readonly LeasePool[], asks: readonly QuotaAsk[]): Promise<QuotaGrant[]> {
    try {
      const grants = this.options.store.lease(asks);
      return await waitFor(grants, { withinMs: this.#waitMsMax, late: () => unavailable() });
    } catch (cause) {
      this.#pausedUntilMs = this.#now() + pauseMs;
      for (const [at, pool] of pools.entries()) pool.failed(asks[at]!);
      throw unavailable(cause);
    }
  }

  get #waitMsMax(): number {
    return this.options.waitMsMax ?? 2_000;
  }
}

const amountOf = (amount: Amount, quota: Quota) => (typeof amount === 'number' ? amount : amount(quota));

const lacks = ({ pool, amount }: Want, nowMs: number): boolean => pool.held(nowMs) < amount;

function unavailable(cause?: unknown): Fault {
  const message = 'The quota of this tenant cannot be asked for at the moment.';
  const hint = 'Try again in a moment.';
  return degraded('database', overloaded('QUOTA_UNAVAILABLE', message, { retryAfterMs: pauseMs, hint, cause }));
}
