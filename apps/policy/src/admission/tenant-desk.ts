/**
 * The single writer of one tenant's share: which of its sessions hold a place, and who goes next when one is free. Sessions
 * that wait are in the database, those that run are known from the store after a take-over, so a crash forgets nobody.
 *
 * Requests and releases come one after another (the lane of the tenant). What needs the waiting room (entering, releasing,
 * comparing with the store) is serialised among itself here, so the number of those that wait is exact.
 */
import type { SessionAdmission, SessionRouting } from '@toolfleet/contracts';
import { decodeSessionAdmission, encodeSessionAdmission, rejectionOf } from '@toolfleet/contracts';
import type { Fault, SessionRequest, TenantLoad } from '@toolfleet/kernel';
import {
  TransientMap,
  admit,
  expired,
  isFault,
  limits,
  placeIsLost,
  placesFree,
  priorityRankOf,
  refusalOf,
  releaseIntervalMs,
  boundOf,
  waitingRoomFull,
  weightOf,
} from '@toolfleet/kernel';
import type { WaitingSession } from '@toolfleet/platform/postgres';
import type { AdmissionPorts } from './admission-ports.js';
import type { Seat } from './fleet-share.js';

/** Sessions released by one look at the room: one statement each way for as many, and a crash repeats no more. */
const releaseMax = 64;
/** Places compared one by one with the store in one pass: at a millisecond each, a fifth of a second. */
const checkedMax = 200;
/** The mean follows a change of load within about this many sessions. */
const meanOver = 50;
const nothing: Promise<void> = Promise.resolve();

export class TenantDesk {
  /** When the oldest of those that wait came, as the last sweep saw it. */
  oldestEnteredAtMs = 0;
  /** Session id to when it got its place. */
  readonly #running = new TransientMap<string, number>();
  /** Of those, the ones whose start nothing durable answers for yet, and when it does. */
  readonly #starting = new TransientMap<string, Promise<void>>();
  readonly #seat: Seat;
  #waiting = 0;
  /** Of those that wait, the ones that have started and are about to leave the room. */
  #leaving = 0;
  #sessionMsMean = 0;
  #turn: Promise<unknown> = nothing;
  #loaded: Promise<void> | undefined;
  #releasing: Promise<void> | undefined;
  #again = false;
  #closed = false;

  constructor(
    readonly tenant: string,
    private readonly ports: AdmissionPorts,
  ) {
    this.#seat = ports.fleet.seat(tenant, () => this.#release());
    // A desk that nobody keeps would never give its places back.
    if (!ports.tenant(tenant)) this.#seat.close();
  }

  get load(): TenantLoad {
    return { running: this.#running.size, waiting: this.#waiting, sessionMsMean: this.#sessionMsMean };
  }

  /** Whether some place is held long enough to be compared with the store. */
  get needsCheck(): boolean {
    const before = this.ports.now() - limits.shareCheckedAfterMs;
    return [...this.#running.values()].some((sinceMs) => sinceMs <= before);
  }

  /** Learns who runs and who waits; resolves at once when it knows. Rejects when the database does not answer. */
  ready(): Promise<void> {
    this.#loaded ??= this.#read().catch((error: unknown) => {
      this.#loaded = undefined;
      throw error;
    });
    return this.#loaded;
  }

  /** Mean time between two sessions that leave the room for a place; undefined for a tenant that the catalogue has not. */
  get releaseIntervalMs(): number | undefined {
    const spec = this.ports.tenant(this.tenant);
    return spec && releaseIntervalMs(spec, this.load, this.#seat);
  }

  /** Another process owns the tenant from now on. */
  close(): void {
    this.#closed = true;
    this.#seat.close();
  }

  /**
   * Resolves when the place is decided; `sent` when something durable answers for it. A repeated request of a session that
   * runs or waits changes nothing, and is answered for no sooner than the first.
   */
  async request(sessionId: string, request: SessionRequest): Promise<{ readonly sent: Promise<void> }> {
    await this.#readyIfKnown();
    if (this.#running.has(sessionId)) return this.#decided('repeated', this.#starting.get(sessionId) ?? nothing);
    const spec = this.ports.tenant(this.tenant);
    const admission = admit(request, spec, this.load, this.#seat, this.ports.now());
    switch (admission.type) {
      case 'start':
        return this.#handed(this.#start(sessionId, request));
      case 'wait': {
        const overspent = await this.#overspent(request);
        if (overspent) return this.#decided('refused', this.#refuse(sessionId, request, overspent));
        return this.#enter(sessionId, request, admission.expiresAtMs);
      }
      case 'refuse':
        return this.#decided('refused', this.#refuse(sessionId, request, admission.fault));
    }
  }

  /** The session ended, or is not wanted any more: its place goes to the next. An unknown session changes nothing. */
  async release(sessionId: string): Promise<void> {
    await this.#readyIfKnown();
    const sinceMs = this.#running.get(sessionId);
    if (sinceMs !== undefined) {
      const heldMs = this.ports.now() - sinceMs;
      this.#free(sessionId, heldMs);
      this.#sessionMsMean += (heldMs - this.#sessionMsMean) / (this.#sessionMsMean === 0 ? 1 : meanOver);
    } else if (this.#waiting > 0) {
      await this.#inTurn(() => this.#withdraw(sessionId));
    }
    this.releaseNext();
  }

  /** Starts those that wait, as far as places are free. What fails is tried again at the next occasion. */
  releaseNext(): void {
    this.#want();
    if (this.#seat.granted > 0) this.#release();
  }

  #release(): void {
    if (this.#closed) return;
    if (this.#releasing) {
      this.#again = true;
      return;
    }
    this.#releasing = this.#releaseAll()
      .catch((error: unknown) => {
        this.ports.log.warn({ err: error, tenant: this.tenant }, 'waiting sessions not released');
        this.#again = false;
      })
      .finally(() => {
        this.#releasing = undefined;
        // A place may be granted after the last look and before this line.
        if (this.#again) this.#release();
      });
  }

  /** Resolves when no release is under way. */
  async idle(): Promise<void> {
    while (this.#releasing) {
      // oxlint-disable-next-line no-await-in-loop -- one release may cause the next
      await this.#releasing;
    }
    await this.#turn;
  }

  /** Compares with the store, so that neither a lost release nor a lost start counts for ever. */
  async check(): Promise<void> {
    await this.ready();
    await this.#inTurn(() => this.#compare());
    this.releaseNext();
  }

  /** A session that waited too long, unless it left the room since somebody saw it there. */
  async expire(sessionId: string): Promise<void> {
    await this.ready();
    await this.#inTurn(async () => {
      const waiting = await this.ports.room.find(this.tenant, sessionId);
      if (waiting && !this.#running.has(sessionId)) await this.#giveUp([waiting]);
    });
  }

  #decided(verdict: Parameters<AdmissionPorts['count']>[0], sent: Promise<void>): { sent: Promise<void> } {
    this.ports.count(verdict);
    return this.#handed(sent);
  }

  #handed(sent: Promise<void>): { sent: Promise<void> } {
    // Whoever was told of the place may look at `sent` later; a failure before that is no crash.
    sent.catch(() => undefined);
    return { sent };
  }

  /** How many would start if the fleet had places for them. */
  #want(): void {
    if (this.#closed) return;
    const spec = this.ports.tenant(this.tenant);
    const wanted = spec ? Math.min(placesFree(spec, this.load), this.#waiting - this.#leaving) : 0;
    this.#seat.want(weightOf(spec), Math.max(0, wanted));
  }

  #hold(sessionId: string, sinceMs: number): void {
    this.#running.set(sessionId, sinceMs);
    this.#seat.take(weightOf(this.ports.tenant(this.tenant)));
  }

  /** The place goes round only once it is known whether this tenant wants it again. */
  #free(sessionId: string, heldMs?: number): void {
    if (!this.#running.delete(sessionId)) return;
    this.#seat.giveBack(heldMs);
    this.#want();
  }

  async #start(sessionId: string, request: SessionRequest, granted = false): Promise<void> {
    const now = this.ports.now();
    if (granted && this.#seat.use()) this.#running.set(sessionId, now);
    else this.#hold(sessionId, now);
    // Whoever comes from the waiting room leaves it then, and the next one waits for that: the bus is quicker.
    const routing = { sessionId, request, admittedAtMs: now };
    const sent = granted ? this.ports.route(routing) : this.#startFresh(routing);
    this.#starting.set(sessionId, sent);
    try {
      await sent;
    } catch (error) {
      // The record is tried again and must find the place free.
      this.#free(sessionId);
      throw error;
    } finally {
      this.#starting.delete(sessionId);
    }
  }

  /** The lane does not wait for the book of budgets; the place is held meanwhile. */
  async #startFresh(routing: SessionRouting): Promise<void> {
    const { sessionId, request } = routing;
    const overspent = await this.#overspent(request);
    this.ports.count(overspent ? 'refused' : 'started');
    if (!overspent) return this.ports.route(routing, 'finished');
    await this.#refuse(sessionId, request, overspent);
    this.#free(sessionId);
    this.releaseNext();
  }

  async #overspent(request: SessionRequest): Promise<Fault | undefined> {
    const spec = this.ports.tenant(this.tenant);
    return spec && this.ports.budgetFault?.(spec, request);
  }

  #refuse(sessionId: string, request: SessionRequest, fault: Fault): Promise<void> {
    return this.ports.refuse(rejectionOf(sessionId, request, refusalOf(fault), this.ports.now()));
  }

  async #enter(sessionId: string, request: SessionRequest, expiresAtMs: number): Promise<{ sent: Promise<void> }> {
    const spec = this.ports.tenant(this.tenant)!;
    const enteredAtMs = this.ports.now();
    const payload = encodeSessionAdmission({ tenant: this.tenant, sessionId, requested: request });
    const priority = priorityRankOf(request);
    const waiting = { tenant: this.tenant, sessionId, priority, enteredAtMs, expiresAtMs, payload };
    try {
      const entered = await this.#inTurn(async () => {
        const fresh = await this.ports.room.enter(waiting, spec.waitingSessionsMax);
        if (fresh) this.#waiting++;
        return fresh;
      });
      this.releaseNext();
      return this.#decided(entered ? 'waiting' : 'repeated', nothing);
    } catch (error) {
      if (!isFault(error) || error.reason !== 'WAITING_ROOM_FULL') throw error;
      return this.#decided('refused', this.#refuse(sessionId, request, waitingRoomFull(spec, this.load, this.#seat)));
    }
  }

  async #releaseAll(): Promise<void> {
    do {
      this.#again = false;
      // oxlint-disable-next-line no-await-in-loop -- each look at the room depends on the one before
      while (!this.#closed && (await this.#inTurn(() => this.#releaseSome()))) continue;
    } while (this.#again && !this.#closed);
  }

  /** They leave the room after the bus has them: a crash in between repeats their start, which changes nothing. */
  async #releaseSome(): Promise<boolean> {
    const spec = this.ports.tenant(this.tenant);
    const free = spec ? Math.min(placesFree(spec, this.load), this.#seat.granted, releaseMax) : 0;
    if (free === 0) return false;
    try {
      const next = await this.ports.room.next(this.tenant, free);
      if (next.length < free) this.#waiting = next.length;
      await this.#startOf(next);
      return next.length > 0;
    } finally {
      this.#leaving = 0;
      this.#want();
    }
  }

  async #startOf(next: readonly WaitingSession[]): Promise<void> {
    const now = this.ports.now();
    const isLate = (one: WaitingSession) => one.expiresAtMs <= now && !this.#running.has(one.sessionId);
    const due = next.filter((one) => !isLate(one));
    await this.#giveUp(next.filter(isLate));
    const fresh = due.filter(({ sessionId }) => !this.#running.has(sessionId));
    this.#leaving = due.length;
    await Promise.all(fresh.map((waiting) => this.#start(waiting.sessionId, requestOf(waiting), true)));
    for (const _ of fresh) this.ports.count('released');
    await this.#leave(due.map(({ sessionId }) => sessionId));
  }

  async #giveUp(waiting: readonly WaitingSession[]): Promise<void> {
    const giveUp = async (one: WaitingSession): Promise<void> => {
      await this.#refuse(one.sessionId, requestOf(one), this.#waitedTooLong());
      this.ports.count('expired');
    };
    // Together, so that their outcomes share a send; those are on the bus before the room forgets the sessions.
    await Promise.all(waiting.map(giveUp));
    await this.#leave(waiting.map(({ sessionId }) => sessionId));
  }

  #waitedTooLong(): Fault {
    const spec = this.ports.tenant(this.tenant);
    const bound = spec && boundOf(spec, this.load, this.#seat);
    const hint =
      bound === 'fleet' ? 'The fleet is full; other tenants have the places.' : 'All places of the tenant are taken.';
    return expired('WAITED_TOO_LONG', 'No place became free before the session expired.', {
      ...(bound && { hint, details: { bound } }),
    });
  }

  /** A session with a history has ended otherwise, and its outcome is told already. */
  async #withdraw(sessionId: string): Promise<void> {
    const waiting = await this.ports.room.find(this.tenant, sessionId);
    if (!waiting) return;
    if (!(await this.ports.head(this.tenant, sessionId))) {
      const refusal = refusalOf(expired('CANCELLED', 'The session was cancelled while it waited.'));
      await this.ports.refuse(rejectionOf(sessionId, requestOf(waiting), refusal, this.ports.now(), 'cancelled'));
    }
    await this.#leave([sessionId]);
    this.ports.count('withdrawn');
  }

  async #leave(sessionIds: readonly string[]): Promise<void> {
    if (sessionIds.length === 0) return;
    const left = await this.ports.room.leave(this.tenant, sessionIds);
    this.#waiting = Math.max(0, this.#waiting - left);
    // Both at once: counted as waiting no more and still as leaving, they would take the place of those behind them.
    this.#leaving = 0;
    this.#want();
  }

  /** Anybody can invent a tenant; it must not cost the database anything. */
  async #readyIfKnown(): Promise<void> {
    if (this.ports.tenant(this.tenant)) await this.ready();
  }

  async #read(): Promise<void> {
    const [active, waiting] = await Promise.all([this.ports.activeOf(this.tenant), this.ports.room.count(this.tenant)]);
    for (const { sessionId, updatedAtMs } of active) this.#hold(sessionId, updatedAtMs);
    this.#waiting = waiting;
  }

  async #compare(): Promise<void> {
    const active = new Map((await this.ports.activeOf(this.tenant)).map((head) => [head.sessionId, head]));
    // A continued session runs again without asking anew; it holds a place like any other.
    for (const { sessionId, updatedAtMs } of active.values()) {
      if (!this.#running.has(sessionId)) this.#hold(sessionId, updatedAtMs);
    }
    const before = this.ports.now() - limits.shareCheckedAfterMs;
    const doubtful = [...this.#running].filter(([id, sinceMs]) => sinceMs <= before && !active.has(id));
    for (const [sessionId, sinceMs] of doubtful.slice(0, checkedMax)) {
      // oxlint-disable-next-line no-await-in-loop -- few, and spread out on purpose
      const head = await this.ports.head(this.tenant, sessionId);
      const stored = head ? (holdsPlace(head) ? 'active' : 'ended') : 'unseen';
      if (!placeIsLost(sinceMs, stored, this.ports.now())) continue;
      this.#free(sessionId);
      this.ports.log.warn({ tenant: this.tenant, session: sessionId, stored }, 'place given back without a release');
    }
    this.#waiting = await this.ports.room.count(this.tenant);
  }

  /** One after another. A failure is its caller's, not the next one's. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

/** A session that has ended stays listed in the store until its outcome is told; it holds no place by then. */
export const holdsPlace = ({ active, status }: { readonly active: boolean; readonly status: string }) =>
  active && status === 'active';

const requestOf = (waiting: WaitingSession): SessionRequest =>
  (decodeSessionAdmission(waiting.payload) as SessionAdmission & { requested: SessionRequest }).requested;
