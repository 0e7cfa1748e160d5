/**
 * Sessions in Postgres, committed in groups that form by themselves: one statement, one round trip, one flush of the log for
 * all sessions that had something to say meanwhile.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { conflict, type Fault } from '@toolfleet/kernel';
import { Batcher } from '../batcher.js';
import { databaseFaultOf, databaseUnreachable } from './database-fault.js';
import type { Database } from './pool.js';
import type {
  ActiveSessionsOptions,
  SessionCommit,
  SessionHead,
  SessionListOptions,
  SessionStore,
  StoredEvent,
} from './ports/session-store.js';
import { checkCommit, commitBytesOf, roundsOf, writeOf, type SessionWrite } from './session-commit.js';
import * as sql from './session-sql.js';
import { checkId, checkInteger, checkLimit, checkText, textArray } from './stored-text.js';

export interface SessionStoreOptions {
  /** A caller is told DATABASE_UNREACHABLE after this, wherever its commit is then. */
  readonly commitWithinMs?: number;
  readonly commitsPerGroupMax?: number;
}

/** Small enough that a group takes milliseconds, large enough that the round trip no longer shows in a commit's cost. */
const groupItemsMax = 256;
const groupBytesMax = 4 * 2 ** 20;
/** Nobody waits for a retirement, so sessions that end one by one share a statement and its flush. */
const retireLingerMs = 100;
/** Sessions read at once: an answer carries all their events, some hundred kilobytes for a long one. */
const loadItemsMax = 32;
/** What may wait in memory while the database is away: half a minute of a busy owner. */
const waitingBytesMax = 64 * 2 ** 20;

interface SessionKey {
  readonly tenant: string;
  readonly sessionId: string;
}

interface StoredSession {
  readonly head: SessionHead;
  readonly events: Uint8Array[];
}

interface PendingCommit {
  readonly commit: SessionCommit;
  readonly deadlineAtMs: number;
}

export class PostgresSessionStore implements SessionStore {
  readonly #database: Database;
  readonly #commitWithinMs: number;
  readonly #group: Batcher<PendingCommit, void>;
  readonly #retired: Batcher<sql.SessionAt, void>;
  readonly #loads: Batcher<SessionKey, StoredSession | undefined>;

  constructor(database: Database, options: SessionStoreOptions = {}) {
    this.#database = database;
    this.#commitWithinMs = options.commitWithinMs ?? 15_000;
    this.#group = new Batcher({
      flush: (pending) => this.#commitGroup(pending.map(({ commit }) => commit)),
      itemsMax: options.commitsPerGroupMax ?? groupItemsMax,
      weightMax: groupBytesMax,
      weightOf: ({ commit }) => commitBytesOf(commit),
      waitingMax: waitingBytesMax,
      deadlineAtMsOf: ({ deadlineAtMs }) => deadlineAtMs,
      onDeadline: () => databaseUnreachable(),
    });
    this.#retired = new Batcher({
      flush: (sessions) => this.#retire(sessions),
      itemsMax: groupItemsMax,
      weightMax: groupBytesMax,
      weightOf: ({ tenant, sessionId }) => tenant.length + sessionId.length,
      waitingMax: waitingBytesMax,
    });
    this.#loads = new Batcher({
      flush: (keys) => this.#load(keys),
      itemsMax: loadItemsMax,
      weightMax: groupBytesMax,
      weightOf: ({ tenant, sessionId }) => tenant.length + sessionId.length,
      waitingMax: waitingBytesMax,
    });
  }

  async retire(tenant: string, sessionId: string, seq: number): Promise<void> {
    checkKey(tenant, sessionId);
    checkInteger('seq', seq, 32);
    await this.#retired.add({ tenant, sessionId, seq });
  }

  async commit(commit: SessionCommit): Promise<void> {
    checkCommit(commit);
    await this.#group.add({ commit, deadlineAtMs: Date.now() + this.#commitWithinMs });
  }

  async load(tenant: string, sessionId: string): Promise<StoredSession | undefined> {
    checkKey(tenant, sessionId);
    return this.#loads.add({ tenant, sessionId });
  }

  async head(tenant: string, sessionId: string): Promise<SessionHead | undefined> {
    checkKey(tenant, sessionId);
    const [row] = await this.#database.read(sql.headStatement, [tenant, sessionId]);
    return row === undefined ? undefined : sql.headOf(row);
  }

  async list(tenant: string, options: SessionListOptions): Promise<SessionHead[]> {
    const { before, status, agent, limit } = options;
    checkKey(tenant, before?.sessionId ?? 'none');
    checkText('status', status ?? '');
    checkText('agent', agent ?? '');
    checkLimit(limit);
    const values = [
      tenant,
      before?.createdAtMs ?? null,
      before?.sessionId ?? null,
      status ?? null,
      agent ?? null,
      limit,
    ];
    return (await this.#database.read(sql.listStatement, values)).map(sql.headOf);
  }

  async activeIn(partition: number, options: ActiveSessionsOptions): Promise<SessionHead[]> {
    const { after, limit } = options;
    checkInteger('partition', partition, 32);
    // A tenant without a session id is the place before the tenant's first session.
    checkKey(after?.tenant ?? 'none', after?.sessionId || 'none');
    checkLimit(limit);
    const values = [partition, after?.tenant ?? '', after?.sessionId ?? '', limit];
    return (await this.#database.read(sql.activeStatement, values)).map(sql.headOf);
  }

  async eventsAfter(tenant: string, sessionId: string, seq: number, limit: number): Promise<StoredEvent[]> {
    checkKey(tenant, sessionId);
    checkInteger('seq', seq, 32);
    checkLimit(limit);
    return this.#events(tenant, sessionId, seq, limit);
  }

  async #events(tenant: string, sessionId: string, seq: number, limit: number): Promise<StoredEvent[]> {
    return (await this.#database.read(sql.eventsStatement, [tenant, sessionId, seq, limit])).map(sql.eventOf);
  }

  /** Resolves when every commit and retirement taken so far has ended. */
  async drained(): Promise<void> {
    await Promise.all([this.#group.idle(), this.#retired.idle()]);
  }

  async #retire(sessions: readonly sql.SessionAt[]): Promise<void[]> {
    await sleep(retireLingerMs);
    const values = sql.retireValuesOf(sessions);
    await this.#database.repeat(() => this.#database.query(sql.retireStatement, values));
    return sessions.map(() => undefined);
  }

  async #load(keys: readonly SessionKey[]): Promise<(StoredSession | undefined)[]> {
    const tenants = textArray(keys.map(({ tenant }) => tenant));
    const rows = await this.#database.read(sql.loadStatement, [tenants, textArray(keys.map((key) => key.sessionId))]);
    const found: (StoredSession | undefined)[] = keys.map(() => undefined);
    for (const row of rows) {
      found[(row['ordinal'] as number) - 1] = { head: sql.headOf(row), events: row['events'] as Buffer[] };
    }
    return found;
  }

  async #commitGroup(commits: readonly SessionCommit[]): Promise<PromiseSettledResult<void>[]> {
    const results: PromiseSettledResult<void>[] = commits.map(() => ({ status: 'fulfilled', value: undefined }));
    for (const round of roundsOf(commits)) {
      // oxlint-disable-next-line no-await-in-loop -- a later round continues the sessions of an earlier one
      for (const [at, reason] of await this.#write(round)) {
        results[at] = { status: 'rejected', reason };
      }
    }
    return results;
  }

  /** Writes what it can and returns the faults of the rest, by place in the batch. */
  async #write(writes: readonly SessionWrite[]): Promise<Map<number, Fault>> {
    try {
      const values = sql.commitValuesOf(writes);
      const rows = await this.#database.repeat(() => this.#database.query(sql.commitStatement, values));
      const accepted = new Set(rows.map((row) => row['ordinal'] as number));
      return await this.#eachAlone(
        writes.filter((_, at) => !accepted.has(at + 1)),
        (write) => this.#explainMiss(write),
      );
    } catch (error) {
      const fault = databaseFaultOf(error);
      // The server refuses a statement as a whole. Which session it was shows when each is written alone.
      if (fault.kind === 'broken' && writes.length > 1) {
        return this.#eachAlone(writes, (write) => this.#write([write]));
      }
      return faultOfAll(writes, fault);
    }
  }

  /** A write that the fence left out: already there, in part there, or another owner's. */
  async #explainMiss(write: SessionWrite): Promise<Map<number, Fault>> {
    if (write.parts.length > 1) {
      const parts = write.parts.map(({ at, commit }) => writeOf(at, commit));
      return this.#eachAlone(parts, (part) => this.#write([part]));
    }
    const { head, firstSeq, events } = write;
    const stored = await this.#events(head.tenant, head.sessionId, firstSeq - 1, events.length);
    if (stored.length === events.length && stored.every((event, at) => isSameEvent(event, events[at]))) {
      return new Map();
    }
    const details = { sessionId: head.sessionId, firstSeq: String(firstSeq) };
    return faultOfAll([write], conflict('SESSION_FENCED', 'Another owner has written this session.', { details }));
  }

  async #eachAlone(
    writes: readonly SessionWrite[],
    write: (write: SessionWrite) => Promise<Map<number, Fault>>,
  ): Promise<Map<number, Fault>> {
    const faults = new Map<number, Fault>();
    for (const one of writes) {
      // A read that fails here concerns this session only: the others of the group are settled.
      // oxlint-disable-next-line no-await-in-loop -- rare, and parts of one session keep their order
      for (const [at, fault] of await write(one).catch((error) => faultOfAll([one], databaseFaultOf(error)))) {
        faults.set(at, fault);
      }
    }
    return faults;
  }
}

function faultOfAll(writes: readonly SessionWrite[], fault: Fault): Map<number, Fault> {
  return new Map(writes.flatMap(({ parts }) => parts.map(({ at }) => [at, fault] as const)));
}

function isSameEvent(stored: StoredEvent, event: StoredEvent | undefined): boolean {
  return (
    event !== undefined &&
    stored.seq === event.seq &&
    stored.type === event.type &&
    Buffer.compare(stored.payload, event.payload) === 0
  );
}

function checkKey(tenant: string, sessionId: string): void {
  checkId('tenant', tenant);
  checkId('sessionId', sessionId);
}
