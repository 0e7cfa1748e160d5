/**
 * Which tenant's session gets the next place of the fleet when all places are taken: weighted fair queueing over running
 * cost. A tenant's cost is the milliseconds that its sessions have held their places, decayed over a horizon; whoever has
 * cost the least by its weight goes next. Only tenants are accounts, so users, request ids or keys to split buy nothing.
 *
 *     due(tenant) = (cost + running × mean session) / weight        smallest first
 *
 * The mean session counts every place that is held already, so a burst of free places is shared before any has cost
 * anything. A tenant that begins to wait is lifted to one mean session below the least cost of those that wait (the highest
 * that was ever given a place, when it is the first to wait): that is all the credit that idleness can store, and all the
 * lead that newcomers have over a tenant that worked alone before.
 */
import { limits } from '../limits.js';
import { TransientMap } from '../transient.js';

export interface FairQueueOptions {
  /** Time in which a finished session's cost decays to 1/e. */
  readonly horizonMs?: number;
  /** A session's length until some have ended. */
  readonly sessionMsGuess?: number;
}

interface Account {
  weight: number;
  running: number;
  /** Sessions that wait and would start if the fleet had a place. */
  wanted: number;
  /** Since it wants a place, or was last given one. */
  waitsSinceMs: number;
  /** Session-milliseconds as of `asOfMs`, decayed. */
  costMs: number;
  asOfMs: number;
}

/** The mean follows a change of load within about this many sessions. */
const meanOver = 50;

export class FairQueue {
  readonly #accounts = new TransientMap<string, Account>();
  readonly #waiting = new TransientMap<string, Account>();
  readonly #horizonMs: number;
  #sessionMsMean: number;
  #ended = 0;
  #running = 0;
  /** Highest cost by weight at which a place was given; decays as costs do. */
  #level = 0;
  #levelAsOfMs = 0;

  constructor(
    public capacity: number,
    { horizonMs = limits.fairHorizonMs, sessionMsGuess = limits.sessionMsGuess }: FairQueueOptions = {},
  ) {
    this.#horizonMs = horizonMs;
    this.#sessionMsMean = sessionMsGuess;
  }

  get running(): number {
    return this.#running;
  }

  get free(): number {
    return Math.max(0, this.capacity - this.#running);
  }

  /** A session holds a place from now on, whatever the capacity says: it started at once, or was found running. */
  take(tenant: string, weight: number, nowMs: number): void {
    this.#place(this.#account(tenant, weight, nowMs), nowMs);
  }

  /** `heldMs` is absent for a place that was never used: it says nothing about how long sessions are. */
  giveBack(tenant: string, nowMs: number, heldMs?: number): void {
    const account = this.#accounts.get(tenant);
    if (!account || account.running === 0) return;
    this.#advance(account, nowMs);
    account.running--;
    this.#running--;
    if (heldMs === undefined) return;
    this.#ended = Math.min(this.#ended + 1, meanOver);
    this.#sessionMsMean += (Math.max(1, heldMs) - this.#sessionMsMean) / this.#ended;
  }

  /** How many sessions of the tenant would start if there were places; 0 when none waits. */
  want(tenant: string, weight: number, wanted: number, nowMs: number): void {
    if (wanted === 0 && !this.#waiting.has(tenant)) return;
    const account = this.#account(tenant, weight, nowMs);
    if (account.wanted === 0) {
      const credit = this.#sessionMsMean;
      account.costMs = Math.max(account.costMs, weight * (this.#floorAt(nowMs) - credit));
      account.waitsSinceMs = nowMs;
    }
    account.wanted = wanted;
    if (wanted > 0) this.#waiting.set(tenant, account);
    else this.#waiting.delete(tenant);
  }

  /** Gives a free place to one that waits: the tenant holds it from now on. Undefined when nobody waits or none is free. */
  next(nowMs: number): string | undefined {
    if (this.#waiting.size === 0 || this.#running >= this.capacity) return undefined;
    const tenant = this.#starved(nowMs) ?? this.#due(nowMs);
    const account = this.#waiting.get(tenant)!;
    account.waitsSinceMs = nowMs;
    if (--account.wanted === 0) this.#waiting.delete(tenant);
    this.#place(account, nowMs);
    return tenant;
  }

  /** Places that the tenant comes to hold while those that wait now go on waiting; unbounded while the fleet has room. */
  placesOf(tenant: string, weight: number): number {
    if (this.#running < this.capacity) return Infinity;
    let [contended, weights] = [this.capacity, this.#waiting.has(tenant) ? 0 : weight];
    for (const [name, account] of this.#accounts) {
      if (account.wanted > 0) weights += account.weight;
      else if (name !== tenant) contended -= account.running;
    }
    return (Math.max(1, contended) * weight) / weights;
  }

  /** Another process accounts for the tenant from now on. */
  leave(tenant: string): void {
    const account = this.#accounts.get(tenant);
    if (!account) return;
    this.#running -= account.running;
    this.#accounts.delete(tenant);
    this.#waiting.delete(tenant);
  }

  #account(tenant: string, weight: number, nowMs: number): Account {
    let account = this.#accounts.get(tenant);
    if (!account) {
      account = { weight, running: 0, wanted: 0, waitsSinceMs: nowMs, costMs: 0, asOfMs: nowMs };
      this.#accounts.set(tenant, account);
    }
    this.#advance(account, nowMs);
    account.weight = weight;
    return account;
  }

  #place(account: Account, nowMs: number): void {
    this.#level = Math.max(this.#levelAt(nowMs), account.costMs / account.weight);
    this.#levelAsOfMs = nowMs;
    account.running++;
    this.#running++;
  }

  /** Exact for any step: what is held adds, what was held decays. */
  #advance(account: Account, nowMs: number): void {
    const stepMs = nowMs - account.asOfMs;
    if (stepMs <= 0) return;
    const kept = Math.exp(-stepMs / this.#horizonMs);
    account.costMs = account.costMs * kept + account.running * this.#horizonMs * (1 - kept);
    account.asOfMs = nowMs;
  }

  /** Cost by weight from which a tenant that begins to wait is measured. */
  #floorAt(nowMs: number): number {
    if (this.#waiting.size === 0) return this.#levelAt(nowMs);
    let least = Infinity;
    for (const account of this.#waiting.values()) {
      this.#advance(account, nowMs);
      least = Math.min(least, account.costMs / account.weight);
    }
    return least;
  }

  #levelAt(nowMs: number): number {
    return this.#level * Math.exp(-Math.max(0, nowMs - this.#levelAsOfMs) / this.#horizonMs);
  }

  /** Ties go to whoever waits longest, then by name, so that the same history gives the same order everywhere. */
  #due(nowMs: number): string {
    let chosen: { readonly tenant: string; readonly due: number; readonly sinceMs: number } | undefined;
    for (const [tenant, account] of this.#waiting) {
      this.#advance(account, nowMs);
      const due = (account.costMs + account.running * this.#sessionMsMean) / account.weight;
      const sinceMs = account.waitsSinceMs;
      const order = chosen ? due - chosen.due || sinceMs - chosen.sinceMs || (tenant < chosen.tenant ? -1 : 1) : -1;
      if (order < 0) chosen = { tenant, due, sinceMs };
    }
    return chosen!.tenant;
  }

  /** The tenant that has waited longest for a place, once that is a whole horizon: no debt outlasts it. */
  #starved(nowMs: number): string | undefined {
    let oldest: [string, number] | undefined;
    for (const [tenant, { waitsSinceMs }] of this.#waiting) {
      if (nowMs - waitsSinceMs < this.#horizonMs) continue;
      if (!oldest || waitsSinceMs < oldest[1]) oldest = [tenant, waitsSinceMs];
    }
    return oldest?.[0];
  }
}
