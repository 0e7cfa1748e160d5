/**
 * The sessions of the partitions that this process owns: one owner per session, read from the database when its first
 * record arrives, forgotten when it has ended. On a gained partition every session that has not ended is picked up again,
 * so a session whose records are all acknowledged is not left alone by a crash.
 */
import type { Session, SessionInput } from '@toolfleet/kernel';
import { conflict, isFault, replay } from '@toolfleet/kernel';
import { decodeSessionEvent } from '@toolfleet/contracts';
import type { SessionStore } from '@toolfleet/platform/postgres';
import type { Logger } from '@toolfleet/platform/telemetry';
import type { OwnerPorts } from './session-owner.js';
import { SessionOwner } from './session-owner.js';

export interface SessionsOptions {
  readonly store: SessionStore;
  readonly ports: Omit<OwnerPorts, 'release'>;
  readonly partitionOf: (tenant: string, sessionId: string) => number;
  readonly sessionsMax: number;
  readonly log: Logger;
}

/** How often deadlines are looked at; a call's deadline has seconds of grace, so this need not be finer. */
const wakeEveryMs = 100;
/** Redelivered records come first, so that fewer effects are sent again. */
const recoverAfterMs = 1_000;
const recoverPage = 500;
/** A session dropped because the bus or the database was away is picked up again after this. */
const reviveAfterMs = 2_000;

interface Entry {
  readonly partition: number;
  readonly owner: Promise<SessionOwner>;
  loaded?: SessionOwner;
}

export class Sessions {
  readonly #entries = new Map<string, Entry>();
  readonly #revivals = new Map<string, { tenant: string; sessionId: string; atMs: number }>();
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
    for (const { loaded } of this.#entries.values()) loaded?.drop(notOwner());
  }

  /** Resolves when the input is durable and its effects are sent. The lane may go on as soon as `decided` has resolved. */
  async apply(tenant: string, sessionId: string, input: SessionInput): Promise<{ done: Promise<void> }> {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- an owner that went meanwhile is replaced by reading the session again
      const owner = await this.#ownerOf(tenant, sessionId);
      if (!owner.gone) return { done: owner.apply(input) };
    }
  }

  assigned(gained: readonly number[], lost: readonly number[]): void {
    for (const partition of [...lost, ...gained]) this.#forget(partition);
    for (const partition of lost) this.#owned.delete(partition);
    for (const partition of gained) {
      this.#owned.add(partition);
      setTimeout(() => void this.#recover(partition), recoverAfterMs).unref();
    }
  }

  #ownerOf(tenant: string, sessionId: string): Promise<SessionOwner> {
    const key = keyOf(tenant, sessionId);
    const known = this.#entries.get(key);
    if (known) return known.owner;
    if (this.#entries.size >= this.options.sessionsMax) this.#makeRoom();
    const entry: Entry = {
      partition: this.options.partitionOf(tenant, sessionId),
      owner: this.#load(tenant, sessionId).then((session) => {
        const owner = new SessionOwner(tenant, sessionId, this.#ports, session);
        entry.loaded = owner;
        if (this.#entries.get(key) !== entry) owner.drop(notOwner());
        return owner;
      }),
    };
    this.#entries.set(key, entry);
    entry.owner.catch(() => this.#entries.delete(key));
    return entry.owner;
  }

  async #load(tenant: string, sessionId: string): Promise<Session | undefined> {
    const stored = await this.options.store.load(tenant, sessionId);
    return stored && replay(stored.events.map(decodeSessionEvent));
  }

  #release(owner: SessionOwner, reason: unknown): void {
    const key = keyOf(owner.tenant, owner.sessionId);
    const entry = this.#entries.get(key);
    if (entry?.loaded === owner) this.#entries.delete(key);
    const fenced = isFault(reason) && reason.kind === 'conflict';
    if (reason === undefined || fenced) return;
    this.options.log.warn({ err: reason, session: owner.sessionId }, 'session dropped, it is picked up again');
    const { tenant, sessionId } = owner;
    this.#revivals.set(key, { tenant, sessionId, atMs: Date.now() + reviveAfterMs });
  }

  #forget(partition: number): void {
    for (const [key, entry] of this.#entries) {
      if (entry.partition !== partition) continue;
      this.#entries.delete(key);
      entry.loaded?.drop(notOwner());
    }
  }

  /** Sessions that only wait can be read again. */
  #makeRoom(): void {
    let room = Math.ceil(this.options.sessionsMax / 100);
    for (const [key, { loaded }] of this.#entries) {
      if (room === 0) return;
      if (!loaded?.idle) continue;
      const { tenant, sessionId, wakeAtMs } = loaded;
      loaded.drop(undefined);
      // Its deadline must still be kept.
      if (wakeAtMs < Infinity) this.#revivals.set(key, { tenant, sessionId, atMs: wakeAtMs });
      room--;
    }
  }

  #wake(): void {
    const now = Date.now();
    for (const { loaded } of this.#entries.values()) {
      if (loaded && now >= loaded.wakeAtMs) loaded.wake(now);
    }
    for (const [key, { tenant, sessionId, atMs }] of this.#revivals) {
      if (now < atMs) continue;
      this.#revivals.delete(key);
      if (this.#owned.has(this.options.partitionOf(tenant, sessionId))) this.#revive(tenant, sessionId);
    }
  }

  #revive(tenant: string, sessionId: string): void {
    this.#ownerOf(tenant, sessionId).catch((error: unknown) => {
      this.options.log.warn({ err: error, session: sessionId }, 'session could not be read, trying again');
      const key = keyOf(tenant, sessionId);
      this.#revivals.set(key, { tenant, sessionId, atMs: Date.now() + reviveAfterMs });
    });
  }

  async #recover(partition: number): Promise<void> {
    let after: { tenant: string; sessionId: string } | undefined;
    let count = 0;
    try {
      for (;;) {
        if (!this.#owned.has(partition)) return;
        // oxlint-disable-next-line no-await-in-loop -- page by page
        const heads = await this.options.store.activeIn(partition, { limit: recoverPage, ...(after ? { after } : {}) });
        for (const { tenant, sessionId } of heads) this.#revive(tenant, sessionId);
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

const keyOf = (tenant: string, sessionId: string) => `${tenant}/${sessionId}`;
const notOwner = () => conflict('NOT_OWNER', 'This process no longer owns the session.');
