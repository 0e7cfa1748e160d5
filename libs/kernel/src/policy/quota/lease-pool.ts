/**
 * What one replica holds of one quota: chunks, each spent within one slice of the moment it was asked for, by the replica's
 * own clock. What lapses unspent, or turns out cheaper than it was taken for, goes back into the slice it came from with
 * the next request: crediting it anywhere else would let a window have more than its limit.
 */
import type { Quota, QuotaAsk, QuotaGrant } from './window.js';
import { sliceMsOf, slicesKept } from './window.js';

/** What a replica takes ahead of its calls: at most an eighth, so that a few idle replicas starve nobody. */
const aheadShare = 1 / 8;
/** A burst is seen in a quarter of a lease's life: a chunk grows at most fourfold from one request to the next. */
const burstShare = 1 / 4;
/** What draws on a budget is a session's turn, and most sessions have more than one: their first asks for those to come. */
const turnsAhead = 8;

export interface Demand {
  /** What the call at hand lacks. */
  readonly need: number;
  /** What all calls that wait here lack together. */
  readonly waiting: number;
  /** Taken since the last request, that long ago. */
  readonly taken: number;
  readonly elapsedMs: number;
}

/**
 * What waits, or else what this replica spends in a lease's life at its present rate, or the next turns of a session, up to
 * an eighth of the limit.
 */
export function chunkOf(
  { limit, windowMs, budget }: Pick<Quota, 'limit' | 'windowMs' | 'budget'>,
  demand: Demand,
): number {
  const { need, waiting, taken, elapsedMs } = demand;
  const lifeMs = sliceMsOf({ windowMs });
  const atRate = Math.ceil((taken * lifeMs) / Math.max(elapsedMs, lifeMs * burstShare));
  const ahead = Math.min(Math.max(atRate, budget ? need * turnsAhead : 0), Math.floor(limit * aheadShare));
  return Math.min(limit, Math.max(need, waiting, ahead));
}

interface Chunk {
  readonly slice: number;
  readonly expiresAtMs: number;
  left: number;
}

/** What was taken, by the slice it was granted in. */
export type Taken = readonly { readonly slice: number; readonly amount: number }[];

export class LeasePool {
  /** Oldest first. */
  #chunks: Chunk[] = [];
  /** Of all chunks: every turn asks for it several times. */
  #left = 0;
  readonly #back = new Map<number, number>();
  #charge = 0;
  #taken = 0;
  #askedAtMs = -Infinity;
  /** Wanted by requests that are under way. */
  #coming = 0;
  #usedAtMs = -Infinity;
  #lastGranted = 0;
  #bookLeft: number | undefined;
  #refusal: { readonly need: number; readonly grant: QuotaGrant; readonly atMs: number } | undefined;
  /** What calls that wait for this quota lack together; kept by whoever has them wait. */
  waiting = 0;

  /** The limit may change while chunks of it are held. */
  constructor(public quota: Quota) {}

  held(nowMs: number): number {
    while (this.#chunks.length > 0 && this.#chunks[0]!.expiresAtMs <= nowMs) this.#letGo(this.#chunks.shift()!);
    return this.#left;
  }

  /** Nothing when less is held. */
  take(amount: number, nowMs: number): Taken | undefined {
    if (this.held(nowMs) < amount) return undefined;
    const taken: { slice: number; amount: number }[] = [];
    for (let lacking = amount; lacking > 0;) {
      const chunk = this.#chunks[0]!;
      const part = Math.min(lacking, chunk.left);
      if (part > 0) taken.push({ slice: chunk.slice, amount: part });
      lacking -= part;
      chunk.left -= part;
      if (chunk.left === 0) this.#chunks.shift();
    }
    this.#left -= amount;
    this.#taken += amount;
    this.#usedAtMs = nowMs;
    return taken;
  }

  /** What was taken cost `cost` in the end. */
  settle(taken: Taken, cost: number): void {
    let spare = -cost;
    for (const { amount } of taken) spare += amount;
    if (spare < 0) this.#charge -= spare;
    for (let at = taken.length - 1; at >= 0 && spare > 0; at -= 1) {
      const { slice, amount } = taken[at]!;
      this.giveBack(slice, Math.min(spare, amount));
      spare -= amount;
    }
  }

  /** To what is held of that slice, where there is some: it may still be spent here. */
  giveBack(slice: number, amount: number): void {
    const chunk = this.#chunks.find((one) => one.slice === slice);
    if (chunk) {
      chunk.left += amount;
      this.#left += amount;
    } else if (amount > 0) this.#back.set(slice, (this.#back.get(slice) ?? 0) + amount);
  }

  /** Whether it is time to ask before anything lacks: half of the last chunk is gone. Chunks of three are not worth it. */
  renews(nowMs: number): boolean {
    return this.#lastGranted > 3 && !this.refusalOf(Infinity, nowMs) && this.held(nowMs) * 2 < this.#lastGranted;
  }

  /** The answer to it goes to `granted` or `failed`. */
  ask(amount: number, nowMs: number): QuotaAsk {
    const { limit } = this.quota;
    const held = this.held(nowMs);
    const need = Math.max(0, Math.min(amount, limit) - held);
    const waiting = this.waiting - held - this.#coming;
    const want = chunkOf(this.quota, { need, waiting, taken: this.#taken, elapsedMs: nowMs - this.#askedAtMs });
    this.#taken = 0;
    this.#askedAtMs = nowMs;
    this.#coming += want;
    return { ...this.returns(), need, want };
  }

  /** An ask that wants nothing: only what goes back, newest slice first as it counts longest, and what is owed. */
  returns(): QuotaAsk {
    const { id, limit, windowMs } = this.quota;
    const slice = Math.max(...this.#back.keys());
    const back = this.#back.size > 0 ? { slice, amount: this.#back.get(slice)! } : undefined;
    this.#back.delete(slice);
    const charge = this.#charge;
    this.#charge = 0;
    for (const old of this.#back.keys()) if (old <= slice - slicesKept) this.#back.delete(old);
    return { id, limit, sliceMs: sliceMsOf({ windowMs }), need: 0, want: 0, charge, back };
  }

  /** What is held and what the book said to have left when it was last asked; undefined before that. */
  leftAt(nowMs: number): number | undefined {
    return this.#bookLeft === undefined ? undefined : this.#bookLeft + this.held(nowMs);
  }

  /** The life of a lease counts from before it was asked for, so that no two clocks need agree. */
  granted(ask: QuotaAsk, grant: QuotaGrant, askedAtMs: number, nowMs: number): void {
    this.#coming -= ask.want;
    this.#bookLeft = grant.remaining;
    if (grant.retryAfterMs > 0) this.#refusal = { need: ask.need, grant, atMs: nowMs };
    if (grant.granted === 0) return;
    this.#refusal = undefined;
    this.#lastGranted = grant.granted;
    this.#chunks.push({ slice: grant.slice, expiresAtMs: askedAtMs + ask.sliceMs, left: grant.granted });
    this.#chunks.sort((one, other) => one.expiresAtMs - other.expiresAtMs);
    this.#left += grant.granted;
  }

  /** Nobody knows whether it was booked: what was owed is owed again, what went back is not spent a second time. */
  failed({ charge, want }: QuotaAsk): void {
    this.#coming -= want;
    this.#charge += charge;
  }

  /** Something is to go back, and nobody has taken or asked for anything for so long. */
  isIdle(forMs: number, nowMs: number): boolean {
    const sinceMs = Math.max(this.#usedAtMs, this.#askedAtMs);
    return nowMs - sinceMs >= forMs && this.waiting === 0 && this.#coming === 0 && (this.held(nowMs) > 0 || this.owes);
  }

  /** All that is held, made ready to go back. */
  release(): void {
    for (const chunk of this.#chunks.splice(0)) this.#letGo(chunk);
  }

  get owes(): boolean {
    return this.#back.size > 0 || this.#charge > 0;
  }

  /** No longer among the chunks, unless another of its slice is. */
  #letGo({ slice, left }: Chunk): void {
    this.#left -= left;
    this.giveBack(slice, left);
  }

  /**
   * That the book would refuse `amount` now, as far as it told; nothing when asking may help. It is looked at again after
   * the life of a lease, because others may have given back what they did not spend.
   */
  refusalOf(amount: number, nowMs: number): QuotaGrant | undefined {
    const known = this.#refusal;
    if (!known || this.owes || amount < known.need) return undefined;
    const passedMs = nowMs - known.atMs;
    if (passedMs >= Math.min(known.grant.retryAfterMs, sliceMsOf(this.quota))) return undefined;
    const left = (ms: number) => Math.max(0, Math.ceil(ms - passedMs));
    const { retryAfterMs, resetsInMs } = known.grant;
    return { ...known.grant, retryAfterMs: left(retryAfterMs), resetsInMs: left(resetsInMs) };
  }
}
