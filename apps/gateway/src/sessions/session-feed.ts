/**
 * Hands the broadcast of session events to whoever watches. A subscription keeps a bounded number of events; one more and
 * it keeps none and says that it fell behind, because the store has them all: a slow watcher costs reads, never memory.
 */
import { decodeSessionEvent, decodeSessionEvents, decodeSessionOutcome } from '@toolfleet/contracts';
import type { Fault, Refusal } from '@toolfleet/kernel';
import { TransientMap, overloaded, unreachable } from '@toolfleet/kernel';
import type { BusRecord } from '@toolfleet/platform/kafka';
import type { AcceptedSessions } from './accepted-sessions.js';

/** A busy session has a few events a second; 256 cover a client that stops reading for a minute. */
const eventsMax = 256;
const bytesMax = 1024 * 1024;

export interface WatchedEvent {
  readonly seq: number;
  readonly type: string;
  /** As stored: an encoded SessionEvent. */
  readonly bytes: Uint8Array;
}

export interface FeedNews {
  readonly events: readonly WatchedEvent[];
  /** Events were dropped here: read them from the store. */
  readonly behind: boolean;
  /** Admission refused the session: nothing will come. */
  readonly refusal?: Refusal | undefined;
  /** The process stops: the watcher goes on elsewhere. */
  readonly closed?: Fault | undefined;
}

export class Subscription {
  #events: WatchedEvent[] = [];
  #bytes = 0;
  #behind = false;
  #refusal: Refusal | undefined;
  #closed: Fault | undefined;
  #arrived = Promise.withResolvers<void>();

  constructor(
    readonly tenant: string,
    readonly sessionId: string,
    readonly close: () => void,
  ) {}

  push(events: readonly WatchedEvent[]): void {
    for (const event of events) {
      this.#bytes += event.bytes.byteLength;
      this.#events.push(event);
    }
    if (this.#events.length > eventsMax || this.#bytes > bytesMax) this.#drop();
    this.#arrived.resolve();
  }

  /** Events may have passed by: the store has them. */
  missed(): void {
    this.#drop();
    this.#arrived.resolve();
  }

  refuse(refusal: Refusal): void {
    this.#refusal = refusal;
    this.#arrived.resolve();
  }

  end(fault: Fault): void {
    this.#closed = fault;
    this.#arrived.resolve();
  }

  /** What has arrived since the last call. */
  take(): FeedNews {
    const news = { events: this.#events, behind: this.#behind, refusal: this.#refusal, closed: this.#closed };
    this.#events = [];
    this.#bytes = 0;
    this.#behind = false;
    this.#arrived = Promise.withResolvers();
    return news;
  }

  /** Resolves with true when something has arrived, with false after `idleMs` or when the signal aborts. */
  async arrival(idleMs: number, signal: AbortSignal): Promise<boolean> {
    const { promise: over, resolve: giveUp } = Promise.withResolvers<false>();
    const stop = () => giveUp(false);
    const timer = setTimeout(stop, idleMs);
    signal.addEventListener('abort', stop, { once: true });
    try {
      if (signal.aborted) return false;
      return await Promise.race([this.#arrived.promise.then(() => true), over]);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
  }

  #drop(): void {
    this.#events = [];
    this.#bytes = 0;
    this.#behind = true;
  }
}

export class SessionFeed {
  readonly #bySession = new TransientMap<string, Set<Subscription>>();
  #count = 0;
  #closed: Fault | undefined;

  constructor(
    private readonly accepted: AcceptedSessions,
    private readonly watchersMax: number,
    /** Told how many watch, whenever that changes. */
    private readonly onWatchers: (count: number) => void = () => {},
  ) {}

  get watchers(): number {
    return this.#count;
  }

  get closed(): boolean {
    return this.#closed !== undefined;
  }

  /** Throws `overloaded` WATCHERS_FULL. Whoever subscribes must close. */
  subscribe(tenant: string, sessionId: string): Subscription {
    if (this.#closed) throw this.#closed;
    if (this.#count >= this.watchersMax) {
      throw overloaded('WATCHERS_FULL', 'This gateway serves as many watchers as it may.', {
        retryAfterMs: 1_000,
        details: { watchersMax: String(this.watchersMax) },
        hint: 'Try again, or ask for the session now and then instead.',
      });
    }
    const subscription = new Subscription(tenant, sessionId, () => this.#remove(subscription));
    let set = this.#bySession.get(sessionId);
    if (!set) this.#bySession.set(sessionId, (set = new Set()));
    set.add(subscription);
    this.onWatchers((this.#count += 1));
    return subscription;
  }

  /** The broadcast is read from here on: what fell before is in the store. */
  caughtUp(): void {
    for (const set of this.#bySession.values()) for (const subscription of set) subscription.missed();
  }

  /** A record of `session.events`; decoded only when somebody watches its session. */
  onEvents(record: BusRecord): void {
    const watching = this.#bySession.get(record.key);
    if (!watching) return;
    const { tenant, events } = decodeSessionEvents(record.value);
    const decoded = events.map((bytes) => {
      const { seq, type } = decodeSessionEvent(bytes);
      return { seq, type, bytes };
    });
    for (const subscription of watching) if (subscription.tenant === tenant) subscription.push(decoded);
  }

  /** A record of `session.outcomes`: a session that was never admitted has no events to tell of it. */
  onOutcome(record: BusRecord): void {
    const watching = this.#bySession.get(record.key);
    if (!watching && !this.accepted.has(record.key)) return;
    const { tenant, status, turns, refusal, finishedAtMs } = decodeSessionOutcome(record.value);
    // Without a turn and an event: refused by admission, or cancelled while it waited. Any other is in the store by now.
    if (!refusal || !(status === 'rejected' || (status === 'cancelled' && turns === 0))) {
      return this.accepted.forget(record.key);
    }
    if (this.accepted.get(tenant, record.key)) this.accepted.refuse(record.key, refusal, finishedAtMs);
    for (const subscription of watching ?? []) if (subscription.tenant === tenant) subscription.refuse(refusal);
  }

  /** Ends every watch, so that clients move to another gateway. */
  close(): void {
    this.#closed = unreachable('GATEWAY_STOPPING', 'This gateway stops.', {
      retryAfterMs: 500,
      hint: 'Watch again from the last seq; nothing is lost.',
    });
    for (const set of this.#bySession.values()) for (const subscription of set) subscription.end(this.#closed);
  }

  #remove(subscription: Subscription): void {
    const set = this.#bySession.get(subscription.sessionId);
    if (!set?.delete(subscription)) return;
    if (set.size === 0) this.#bySession.delete(subscription.sessionId);
    this.onWatchers((this.#count -= 1));
  }
}
