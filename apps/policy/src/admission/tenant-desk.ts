/**
 * The single writer of one tenant's share: which of its sessions hold a place, and who goes next when one is free. Sessions
 * that wait are in the database, those that run are known from the store after a take-over, so a crash forgets nobody.
 *
 * Requests and releases come one after another (the lane of the tenant), and what becomes of a session is decided at once, from
 * memory. The database hears of it beside that, of many sessions together.
 */
import type { SessionRouting } from '@toolfleet/contracts';
import { rejectionOf } from '@toolfleet/contracts';
import type { Admission, Fault, SessionRequest, TenantLoad } from '@toolfleet/kernel';
import {
  TransientMap,
  TransientSet,
  admit,
  expired,
  limits,
  placesFree,
  refusalOf,
  releaseIntervalMs,
  waitedTooLong,
  weightOf,
} from '@toolfleet/kernel';
import type { WaitingSession } from '@toolfleet/platform/postgres';
import type { AdmissionPorts } from './admission-ports.js';
import { ComingRequests } from './coming-requests.js';
import type { Seat } from './fleet-share.js';
import { lostPlaces } from './lost-places.js';
import { WaitingLine } from './waiting-line.js';
import type { AskedSession } from './waiting-session.js';
import { requestOf, waitingOf } from './waiting-session.js';

/** The mean follows a change of load within about this many sessions. */
const meanOver = 50;
const nothing: Promise<void> = Promise.resolve();

type Handed = { readonly sent: Promise<void> };

export class TenantDesk {
  /** When the oldest of those that wait came, as the last sweep saw it. */
  oldestEnteredAtMs = 0;
  /** Session id to when it got its place. */
  readonly #running = new TransientMap<string, number>();
  /** Of those, the ones whose start nothing durable answers for yet, and when it does. */
  readonly #starting = new TransientMap<string, Promise<void>>();
  /** Sessions on their way into the room, and when they are there. */
  readonly #entering = new TransientMap<string, Promise<void>>();
  readonly #coming = new ComingRequests();
  readonly #line: WaitingLine;
  readonly #seat: Seat;
  #sessionMsMean = 0;
  #loaded: Promise<void> | undefined;
  #isReady = false;
  /** Starts of those that waited, and looks at the room. */
  readonly #underWay = new TransientSet<Promise<void>>();
  #isReleaseDue = false;
  #isLooking = false;
  /** A start failed; others wait for the next occasion. */
  #isStalled = false;
  #closed = false;

  constructor(
    readonly tenant: string,
    private readonly ports: AdmissionPorts,
  ) {
    this.#line = new WaitingLine(tenant, ports);
    this.#seat = ports.fleet.seat(tenant, () => this.#release());
    // A desk that nobody keeps would never give its places back.
    if (!ports.tenant(tenant)) this.#seat.close();
  }

  get load(): TenantLoad {
    return { running: this.#running.size, waiting: this.#line.waiting, sessionMsMean: this.#sessionMsMean };
  }

  /** Whether some place is held long enough to be compared with the store. */
  get needsCheck(): boolean {
    const before = this.ports.now() - limits.shareCheckedAfterMs;
    return [...this.#running.values()].some((sinceMs) => sinceMs <= before);
  }

  /** Learns who runs and who waits; resolves at once when it knows. Rejects when the database does not answer. */
  ready(): Promise<void> {
    this.#loaded ??= this.#read().then(
      () => void (this.#isReady = true),
      (error: unknown) => {
        this.#loaded = undefined;
        throw error;
      },
    );
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
    this.#line.close();
  }

  /**
   * Resolves when the place is decided; `sent` when something durable answers for it. A repeated request of a session that
   * runs or waits changes nothing, and is answered for no sooner than the first. `record`: the request as it came.
   */
  async request(sessionId: string, request: SessionRequest, record?: Uint8Array): Promise<Handed> {
    await this.#readyIfKnown();
    this.#coming.arrived(sessionId);
    const first = this.#entering.get(sessionId) ?? this.#starting.get(sessionId);
    if (first || this.#running.has(sessionId)) return this.#decided('repeated', first ?? nothing);
    const admission = this.#admissionOf(request);
    switch (admission.type) {
      case 'start':
        return this.#handed(this.#start(sessionId, request));
      case 'wait':
        return this.#handed(this.#enter({ sessionId, requested: request, record }, admission.expiresAtMs));
      case 'refuse':
        return this.#decided('refused', this.#refuse(sessionId, request, admission.fault));
    }
  }

  /** Before the request has come by its lane; undefined unless it would be refused there. Then it is expected there. */
  refuseAtOnce(sessionId: string, request: SessionRequest): Promise<void> | undefined {
    if (this.#closed || !this.#isReady) return undefined;
    if (this.#running.has(sessionId) || this.#entering.has(sessionId)) return undefined;
    const now = this.ports.now();
    const admission = this.#admissionOf(request, this.#coming.count(now));
    if (admission.type !== 'refuse') {
      this.#coming.add(sessionId, now);
      return undefined;
    }
    this.ports.count('refused');
    return this.#refuse(sessionId, request, admission.fault);
  }

  /** The session ended, or is not wanted any more: its place goes to the next. An unknown session changes nothing. */
  async release(sessionId: string): Promise<void> {
    await this.#readyIfKnown();
    await this.#entering.get(sessionId)?.catch(() => undefined);
    const sinceMs = this.#running.get(sessionId);
    if (sinceMs !== undefined) {
      const heldMs = this.ports.now() - sinceMs;
      this.#free(sessionId, heldMs);
      this.#sessionMsMean += (heldMs - this.#sessionMsMean) / (this.#sessionMsMean === 0 ? 1 : meanOver);
    } else if (this.#line.waiting > 0) {
      await this.#withdraw(sessionId);
    }
    this.releaseNext();
  }

  /** Starts those that wait, as far as places are free. What fails is tried again at the next occasion. */
  releaseNext(): void {
    this.#isStalled = false;
    this.#want();
    if (this.#seat.granted > 0) this.#release();
  }

  /** Resolves when nothing is under way for those that wait. */
  async idle(): Promise<void> {
    while (this.#isReleaseDue || this.#underWay.size > 0) {
      // oxlint-disable-next-line no-await-in-loop -- one start may cause the next
      await Promise.all([...this.#underWay, nothing]);
    }
  }

  /** Compares with the store, so that neither a lost release nor a lost start counts for ever. */
  async check(): Promise<void> {
    await this.ready();
    await this.#compare();
    this.releaseNext();
  }

  /** Compares with what somebody counted in the room. */
  reckon(waiting: number, askedAtMs: number): void {
    this.#line.reckon(waiting, askedAtMs);
    if (this.#line.needsLook) this.#lookForMore();
  }

  /** A session that waited too long, unless it left the room since somebody saw it there. */
  async expire(sessionId: string): Promise<void> {
    await this.ready();
    const waiting = await this.#line.withdraw(sessionId);
    if (!waiting) return;
    if (this.#running.has(sessionId)) await this.#line.leave(sessionId);
    else await this.#giveUp(waiting);
  }

  #admissionOf(request: SessionRequest, coming = 0): Admission {
    return admit(request, this.ports.tenant(this.tenant), { ...this.load, coming }, this.#seat, this.ports.now());
  }

  #decided(verdict: Parameters<AdmissionPorts['count']>[0], sent: Promise<void>): Handed {
    this.ports.count(verdict);
    return this.#handed(sent);
  }

  #handed(sent: Promise<void>): Handed {
    // Whoever was told of the place may look at `sent` later; a failure before that is no crash.
    sent.catch(() => undefined);
    return { sent };
  }

  /** How many would start if the fleet had places for them. */
  #want(): void {
    if (this.#closed) return;
    const spec = this.ports.tenant(this.tenant);
    const wanted = spec && !this.#isStalled ? Math.min(placesFree(spec, this.load), this.#line.inRoom) : 0;
    this.#seat.want(weightOf(spec), wanted);
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
    const routing = { sessionId, request, admittedAtMs: now };
    const sent = granted ? this.ports.route(routing, 'finished') : this.#startFresh(routing);
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

  #enter(asked: AskedSession, expiresAtMs: number): Promise<void> {
    const entered = this.#enterRoom(asked, expiresAtMs).finally(() => {
      this.#entering.delete(asked.sessionId);
      this.releaseNext();
    });
    this.#entering.set(asked.sessionId, entered);
    return entered;
  }

  async #enterRoom(asked: AskedSession, expiresAtMs: number): Promise<void> {
    const waiting = waitingOf(asked, { enteredAtMs: this.ports.now(), expiresAtMs });
    const end = await this.#line.enter(waiting, this.#overspent(asked.requested));
    if (typeof end === 'boolean') return this.ports.count(end ? 'waiting' : 'repeated');
    this.ports.count('refused');
    await this.#refuse(asked.sessionId, asked.requested, end);
  }

  /** Not at once: whoever grants a place is in the middle of granting others. */
  #release(): void {
    if (this.#closed || this.#isReleaseDue) return;
    this.#isReleaseDue = true;
    queueMicrotask(() => {
      this.#isReleaseDue = false;
      this.#releaseAll();
    });
  }

  #releaseAll(): void {
    while (!this.#closed && this.#placesGranted > 0) {
      if (this.#line.needsLook) return this.#lookForMore();
      const next = this.#line.take();
      if (!next) break;
      this.#follow(this.#startWaiting(next));
    }
    this.#want();
  }

  get #placesGranted(): number {
    const spec = this.ports.tenant(this.tenant);
    return spec ? Math.min(placesFree(spec, this.load), this.#seat.granted) : 0;
  }

  #lookForMore(): void {
    if (this.#closed || this.#isLooking) return;
    this.#isLooking = true;
    const look = async (): Promise<void> => {
      try {
        await this.#line.look(Math.max(1, this.#placesGranted));
      } finally {
        this.#isLooking = false;
      }
      this.releaseNext();
    };
    this.#follow(look());
  }

  #follow(work: Promise<void>): void {
    const followed = work
      .catch((error: unknown) =>
        this.ports.log.warn({ err: error, tenant: this.tenant }, 'waiting sessions not released'),
      )
      .finally(() => this.#underWay.delete(followed));
    this.#underWay.add(followed);
  }

  /** It leaves the room once something durable answers for it: a crash in between repeats its start, which changes nothing. */
  async #startWaiting(waiting: WaitingSession): Promise<void> {
    const { sessionId, expiresAtMs } = waiting;
    if (!this.#running.has(sessionId)) {
      if (expiresAtMs <= this.ports.now()) return this.#giveUp(waiting);
      try {
        await this.#start(sessionId, requestOf(waiting), true);
      } catch (error) {
        this.#isStalled = true;
        this.#line.putBack(waiting);
        this.#want();
        throw error;
      }
      this.ports.count('released');
    }
    await this.#line.leave(sessionId);
  }

  async #giveUp(waiting: WaitingSession): Promise<void> {
    const fault = waitedTooLong(this.ports.tenant(this.tenant), this.load, this.#seat);
    await this.#dismiss(waiting, () => this.#refuse(waiting.sessionId, requestOf(waiting), fault));
    this.ports.count('expired');
  }

  /** The room forgets it once its end is told. */
  async #dismiss(waiting: WaitingSession, tell: () => Promise<void>): Promise<void> {
    try {
      await tell();
    } catch (error) {
      this.#line.putBack(waiting);
      throw error;
    }
    await this.#line.leave(waiting.sessionId);
  }

  /** A session with a history has ended otherwise, and its outcome is told already. */
  async #withdraw(sessionId: string): Promise<void> {
    const waiting = await this.#line.withdraw(sessionId);
    if (!waiting) return;
    await this.#dismiss(waiting, async () => {
      if (await this.ports.head(this.tenant, sessionId)) return;
      const refusal = refusalOf(expired('CANCELLED', 'The session was cancelled while it waited.'));
      await this.ports.refuse(rejectionOf(sessionId, requestOf(waiting), refusal, this.ports.now(), 'cancelled'));
    });
    this.ports.count('withdrawn');
  }

  /** Anybody can invent a tenant; it must not cost the database anything. */
  async #readyIfKnown(): Promise<void> {
    if (this.ports.tenant(this.tenant)) await this.ready();
  }

  async #read(): Promise<void> {
    const [active] = await Promise.all([this.ports.activeOf(this.tenant), this.#line.look()]);
    for (const { sessionId, updatedAtMs } of active) this.#hold(sessionId, updatedAtMs);
  }

  async #compare(): Promise<void> {
    const active = new Map((await this.ports.activeOf(this.tenant)).map((head) => [head.sessionId, head]));
    // A continued session runs again without asking anew; it holds a place like any other.
    for (const { sessionId, updatedAtMs } of active.values()) {
      if (!this.#running.has(sessionId)) this.#hold(sessionId, updatedAtMs);
    }
    for await (const { sessionId, stored } of lostPlaces(this.tenant, this.#running, active, this.ports)) {
      this.#free(sessionId);
      this.ports.log.warn({ tenant: this.tenant, session: sessionId, stored }, 'place given back without a release');
    }
  }
}
