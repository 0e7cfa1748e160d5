/**
 * The sessions of the partitions that this process owns: one owner per session, read from the database when its first
 * record arrives, forgotten when it has ended. On a gained partition every session that has not ended is picked up again,
 * so a session whose records are all acknowledged is not left alone by a crash.
 */
import type { Session, SessionEvent, SessionInput } from '@toolfleet/kernel';
import { TransientMap, conflict, decide, isFault, overloaded, replay } from '@toolfleet/kernel';
import { decodeSessionEvent } from '@toolfleet/contracts';
import type { SessionStore } from '@toolfleet/platform/postgres';
import type { Logger } from '@toolfleet/platform/telemetry';
import type { OwnerPorts } from './session-owner.js';
import { SessionOwner } from './session-owner.js';

export interface SessionsOptions {
  readonly store: SessionStore;
  readonly ports: Omit<OwnerPorts, 'release'>;
  /** Asks the model for the first turn of a session that is looked for in the store meanwhile; returns how to stop. */
  readonly askAhead?: (session: Session) => () => void;
  /** Told of a session that is read back and whose end was not told yet, with what is stored of it. */
  readonly readBack?: (session: Session, events: readonly SessionEvent[]) => Promise<void>;
  readonly partitionOf: (tenant: string, sessionId: string) => number;
  readonly sessionsMax: number;
  readonly log: Logger;
}

/** How often deadlines are looked at; a call's deadline has seconds of grace, so this need not be finer. */
const wakeEveryMs = 100;
/** Redelivered records come first, so that fewer effects are sent again. */
const recoverAfterMs = 1_000;
const recoverPage = 500;
/** After this a message or cancel for a session that is not there belongs to none that was ever admitted. */
const startWithinMs = 60_000;
/** A session dropped because the bus or the database was away, or another owner was faster, is picked up again after this. */
const reviveAfterMs = 2_000;
/** One whose work can never be stored or sent comes back until its deadline ends it, and each time asks the model. */
const revivePoisonedAfterMs = 30_000;

interface Entry {
  readonly partition: number;
  readonly owner: Promise<SessionOwner>;
  loaded?: SessionOwner;
}

export class Sessions {
  readonly #entries = new TransientMap<string, Entry>();
  readonly #revivals = new TransientMap<string, { tenant: string; sessionId: string; atMs: number }>();
  readonly #owned = new Set<number>();
  readonly #ports: OwnerPorts;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: SessionsOptions) {
    this.#ports = { ...options.ports, release: (owner, reason) => this.#release(owner, reason) };
  }

  get size(): number {
    return this.#entries.size;
  }

  start(): void {
    this.#timer = setInterval(() => this.#wake(), wakeEveryMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.assigned([], [...this.#owned]);
    this.#revivals.clear();
  }

  /** The lane may go on when this resolves; `done` does when the input is durable and its effects are sent. */
  async apply(
    tenant: string,
    sessionId: string,
    input: SessionInput,
    sentAtMs: number,
  ): Promise<{ done: Promise<void> }> {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- an owner that went meanwhile is replaced by reading the session again
      const owner = await this.#ownerOf(tenant, sessionId, input);
      if (owner.gone) {
        // It may have ended before it was entered: left there it would be found again for ever.
        this.#strike(keyOf(tenant, sessionId), owner);
        continue;
      }
      // A start that is being redone may come behind what was sent after it; without a session that would be lost.
      const early = !owner.session && (input.type === 'cancel' || input.type === 'userMessage');
      if (early && Date.now() - sentAtMs < startWithinMs) throw notStarted();
      return { done: owner.apply(input) };
    }
  }

  assigned(gained: readonly number[], lost: readonly number[]): void {
    for (const partition of lost) this.#owned.delete(partition);
    for (const partition of [...lost, ...gained]) this.#forget(partition);
    for (const partition of gained) {
      this.#owned.add(partition);
      setTimeout(() => void this.#recover(partition), recoverAfterMs).unref();
    }
  }

  #ownerOf(tenant: string, sessionId: string, first?: SessionInput): Promise<SessionOwner> {
    const key = keyOf(tenant, sessionId);
    const known = this.#entries.get(key);
    if (known) return known.owner;
    const partition = this.options.partitionOf(tenant, sessionId);
    // A handler that outlives its partition must not open the session beside its new owner.
    if (!this.#owned.has(partition)) return Promise.reject(notOwner());
    if (this.#entries.size >= this.options.sessionsMax && !this.#makeRoom()) return Promise.reject(full());
    this.#revivals.delete(key);
    const wanted = () => this.#entries.get(key) === entry;
    const entry: Entry = { partition, owner: this.#open(tenant, sessionId, wanted, first) };
    this.#entries.set(key, entry);
    void this.#settle(key, entry);
    return entry.owner;
  }

  #strike(key: string, owner: SessionOwner): void {
    const entry = this.#entries.get(key);
    if (entry && (entry.loaded === undefined || entry.loaded === owner)) this.#entries.delete(key);
  }

  async #settle(key: string, entry: Entry): Promise<void> {
    try {
      entry.loaded = await entry.owner;
      if (this.#entries.get(key) !== entry) entry.loaded.drop(notOwner());
      else if (entry.loaded.gone) this.#entries.delete(key);
    } catch {
      // Whoever brought the record hears why; the next record reads the session again.
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    }
  }

  /** A start is nearly always a new session's: its model is asked beside the look into the store, 1 ms of the first turn. */
  async #open(
    tenant: string,
    sessionId: string,
    wanted: () => boolean,
    first: SessionInput | undefined,
  ): Promise<SessionOwner> {
    const fresh = first?.type === 'start' ? begun(first) : undefined;
    const stopAhead = fresh?.phase === 'model' ? this.options.askAhead?.(fresh) : undefined;
    let owner: SessionOwner | undefined;
    try {
      const stored = await this.options.store.load(tenant, sessionId);
      const events = stored?.events.map(decodeSessionEvent) ?? [];
      const session = replay(events);
      // Forgotten while it was read: an owner made now would call the model for nothing.
      if (!wanted()) throw notOwner();
      owner = new SessionOwner(tenant, sessionId, this.#ports, session, stored?.head.active === false);
      if (session && stored?.head.active) this.#readBack(owner, session, events);
      return owner;
    } finally {
      if (!owner || owner.session) stopAhead?.();
    }
  }

  #readBack(owner: SessionOwner, session: Session, events: readonly SessionEvent[]): void {
    this.options.readBack?.(session, events).catch((error: unknown) => owner.drop(error));
  }

  #release(owner: SessionOwner, reason: unknown): void {
    const key = keyOf(owner.tenant, owner.sessionId);
    const entry = this.#entries.get(key);
    if (entry?.loaded === owner) this.#entries.delete(key);
    if (reason === undefined || !this.#owned.has(this.options.partitionOf(owner.tenant, owner.sessionId))) return;
    this.options.log.warn({ err: reason, session: owner.sessionId }, 'session dropped, it is picked up again');
    const { tenant, sessionId } = owner;
    const waitMs = isFault(reason) && reason.retryable ? reviveAfterMs : revivePoisonedAfterMs;
    this.#revivals.set(key, { tenant, sessionId, atMs: Date.now() + waitMs });
  }

  #forget(partition: number): void {
    for (const [key, entry] of this.#entries) {
      if (entry.partition !== partition) continue;
      this.#entries.delete(key);
      entry.loaded?.drop(notOwner());
    }
  }

  /** Sessions that only wait can be read again. False when all are at work. */
  #makeRoom(): boolean {
    const wanted = Math.ceil(this.options.sessionsMax / 100);
    let room = wanted;
    for (const [key, { loaded }] of this.#entries) {
      if (room === 0) break;
      if (!loaded?.idle) continue;
      const { tenant, sessionId, wakeAtMs } = loaded;
      loaded.drop(undefined);
      // Its deadline must still be kept.
      if (wakeAtMs < Infinity) this.#revivals.set(key, { tenant, sessionId, atMs: wakeAtMs });
      room--;
    }
    return room < wanted;
  }

  #wake(): void {
    const now = Date.now();
    for (const { loaded } of this.#entries.values()) {
      if (loaded && now >= loaded.wakeAtMs) loaded.wake(now);
    }
    for (const [key, { tenant, sessionId, atMs }] of this.#revivals) {
      if (now < atMs) continue;
      this.#revivals.delete(key);
      void this.#revive(tenant, sessionId);
    }
  }

  async #revive(tenant: string, sessionId: string): Promise<void> {
    if (!this.#owned.has(this.options.partitionOf(tenant, sessionId))) return;
    try {
      const owner = await this.#ownerOf(tenant, sessionId);
      // Its start was never stored: the record that brings it is still on the bus.
      if (!owner.session && owner.idle) owner.drop(undefined);
    } catch (error) {
      this.options.log.warn({ err: error, session: sessionId }, 'session could not be read, trying again');
      const key = keyOf(tenant, sessionId);
      this.#revivals.set(key, { tenant, sessionId, atMs: Date.now() + reviveAfterMs });
    }
  }

  async #recover(partition: number): Promise<void> {
    let after: { tenant: string; sessionId: string } | undefined;
    let count = 0;
    try {
      for (;;) {
        if (!this.#owned.has(partition)) return;
        // oxlint-disable-next-line no-await-in-loop -- page by page
        const heads = await this.options.store.activeIn(partition, { limit: recoverPage, ...(after ? { after } : {}) });
        // A page at a time: a partition with many sessions must not flood the database with reads.
        // oxlint-disable-next-line no-await-in-loop
        await Promise.all(heads.map(({ tenant, sessionId }) => this.#revive(tenant, sessionId)));
        count += heads.length;
        after = heads.at(-1);
        if (heads.length < recoverPage) break;
      }
      if (count > 0) this.options.log.info({ partition, count }, 'sessions picked up');
    } catch (error) {
      this.options.log.warn({ err: error, partition }, 'sessions of the partition could not be listed, trying again');
      setTimeout(() => void this.#recover(partition), reviveAfterMs).unref();
    }
  }
}

/** The session as its start makes it. */
const begun = (start: SessionInput): Session => replay(decide(undefined, start, Date.now()).events)!;
const keyOf = (tenant: string, sessionId: string) => `${tenant}/${sessionId}`;
const notStarted = () => conflict('SESSION_NOT_STARTED', 'The session has not started yet.');
const notOwner = () => conflict('NOT_OWNER', 'This process no longer owns the session.');
const full = () =>
  overloaded('SESSIONS_FULL', 'This process has as many sessions at work as it may hold.', { retryAfterMs: 1_000 });
