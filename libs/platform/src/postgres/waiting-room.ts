/** The waiting room in Postgres. Nothing leaves it by being read, so a release survives the crash of its reader. */
import { limits } from '@toolfleet/kernel';
import { Batcher } from '../batcher.js';
import { writeGroup } from './group-write.js';
import type { Database, Row, Statement } from './pool.js';
import type { RoomLoad, WaitingRoom, WaitingSession } from './ports/waiting-room.js';
import { checkId, checkInteger, checkLimit, numberArray, piecesOf, textArray } from './stored-text.js';

const columns = 'tenant, session_id, priority, entered_at_ms, expires_at_ms, payload';

/** Sessions of any tenants in one statement, in their order, with all payloads as one binary value. */
const enterStatement: Statement = {
  name: 'waiting_enter',
  text: `
insert into waiting_session (${columns})
select tenant, session_id, priority, entered_at_ms, expires_at_ms, substring($8::bytea from start for size)
from unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::bigint[], $6::int[], $7::int[]) with ordinality
  as s(tenant, session_id, priority, entered_at_ms, expires_at_ms, start, size, ordinal)
order by ordinal
on conflict (tenant, session_id) do nothing
returning tenant, session_id`,
};

const nextStatement: Statement = {
  name: 'waiting_next',
  text: `select ${columns} from waiting_session where tenant = $1
  order by priority desc, entered_at_ms, arrival limit $2`,
};

/** By their places in the table: joined to the batch, a room that seems small would be scanned as a whole. */
const leaveStatement: Statement = {
  name: 'waiting_leave',
  text: `
delete from waiting_session where ctid = any(array(
  select (select w.ctid from waiting_session w where w.tenant = l.tenant and w.session_id = l.session_id)
  from unnest($1::text[], $2::text[]) as l(tenant, session_id)))`,
};

const findStatement: Statement = {
  name: 'waiting_find',
  text: `select ${columns} from waiting_session where tenant = $1 and session_id = $2`,
};

const countStatement: Statement = {
  name: 'waiting_count',
  text: `select count(*) as waiting from waiting_session where tenant = $1`,
};

const countsStatement: Statement = {
  name: 'waiting_counts',
  text: `select tenant, count(*) as waiting, min(entered_at_ms) as oldest_at_ms from waiting_session group by tenant`,
};

const positionStatement: Statement = {
  name: 'waiting_position',
  text: `
select (
  select count(*) from waiting_session o
  where o.tenant = $1 and o.priority >= w.priority and (o.priority > w.priority
    or (o.entered_at_ms, o.arrival) <= (w.entered_at_ms, w.arrival))
) as position
from waiting_session w where w.tenant = $1 and w.session_id = $2`,
};

const intervalStatement: Statement = {
  name: 'waiting_interval',
  text: `select interval_ms from waiting_interval where tenant = $1`,
};

/** Rows in one order, so that two writers of different tenants never wait for each other in a circle. */
const setIntervalsStatement: Statement = {
  name: 'waiting_set_intervals',
  text: `
insert into waiting_interval (tenant, interval_ms, told_at_ms)
select tenant, interval_ms, $3 from unnest($1::text[], $2::float8[]) as told (tenant, interval_ms) order by tenant
on conflict (tenant) do update set interval_ms = excluded.interval_ms, told_at_ms = excluded.told_at_ms`,
};

const expiredStatement: Statement = {
  name: 'waiting_expired',
  text: `select ${columns} from waiting_session where expires_at_ms <= $1 order by expires_at_ms limit $2`,
};

/** Who has no place has this much time; each statement wakes a server process, which costs as much as ten sessions in it do. */
const entersWithinMs = 25;
/** Of one statement: some milliseconds. */
const togetherMax = 500;
const bytesTogetherMax = 4 * 2 ** 20;
/** What waits in memory for its statement; above it the bus keeps the sessions. */
const bytesWaitingMax = 16 * bytesTogetherMax;
const leavingMax = 100_000;

interface Leaving {
  readonly tenant: string;
  readonly sessionId: string;
}

export class PostgresWaitingRoom implements WaitingRoom {
  readonly #database: Database;
  readonly #entering: Batcher<WaitingSession, boolean>;
  readonly #leaving: Batcher<readonly Leaving[], void>;

  constructor(database: Database) {
    this.#database = database;
    this.#entering = new Batcher({
      flush: (sessions) => writeGroup(sessions, (group) => this.#enterAll(group)),
      itemsMax: togetherMax,
      weightMax: bytesTogetherMax,
      weightOf: ({ payload }) => payload.byteLength,
      waitingMax: bytesWaitingMax,
    });
    this.#leaving = new Batcher({
      flush: (groups) => this.#leaveAll(groups),
      itemsMax: togetherMax,
      weightMax: togetherMax,
      weightOf: ({ length }) => length,
      waitingMax: leavingMax,
    });
  }

  async enter(session: WaitingSession): Promise<boolean> {
    const { tenant, sessionId, priority, enteredAtMs, expiresAtMs } = session;
    checkId('tenant', tenant);
    checkId('sessionId', sessionId);
    checkInteger('priority', priority, 32);
    checkInteger('enteredAtMs', enteredAtMs, 53);
    checkInteger('expiresAtMs', expiresAtMs, 53);
    return this.#entering.add(session, entersWithinMs);
  }

  async #enterAll(sessions: readonly WaitingSession[]): Promise<PromiseSettledResult<boolean>[]> {
    const values = enterValuesOf(sessions);
    const rows = await this.#database.repeat(() => this.#database.query(enterStatement, values));
    const entered = new Set(rows.map((row) => nameOf(row['tenant'] as string, row['session_id'] as string)));
    // A session that comes twice in one statement has entered once.
    return sessions.map((one) => ({
      status: 'fulfilled',
      value: entered.delete(nameOf(one.tenant, one.sessionId)),
    }));
  }

  async #leaveAll(groups: readonly (readonly Leaving[])[]): Promise<void[]> {
    const leaving = groups.flat();
    const values = [
      textArray(leaving.map(({ tenant }) => tenant)),
      textArray(leaving.map(({ sessionId }) => sessionId)),
    ];
    await this.#database.repeat(() => this.#database.query(leaveStatement, values));
    return groups.map(() => undefined);
  }

  async next(tenant: string, limit: number): Promise<WaitingSession[]> {
    checkId('tenant', tenant);
    checkLimit(limit);
    return (await this.#database.read(nextStatement, [tenant, limit])).map(waitingOf);
  }

  async leave(tenant: string, sessionIds: readonly string[]): Promise<void> {
    checkId('tenant', tenant);
    for (const sessionId of sessionIds) checkId('sessionId', sessionId);
    if (sessionIds.length > 0)
      await this.#leaving.add(
        sessionIds.map((sessionId) => ({ tenant, sessionId })),
        limits.besideTheWayMs,
      );
  }

  async find(tenant: string, sessionId: string): Promise<WaitingSession | undefined> {
    checkId('tenant', tenant);
    checkId('sessionId', sessionId);
    const [row] = await this.#database.read(findStatement, [tenant, sessionId]);
    return row && waitingOf(row);
  }

  async count(tenant: string): Promise<number> {
    checkId('tenant', tenant);
    const [row] = await this.#database.read(countStatement, [tenant]);
    return row?.['waiting'] as number;
  }

  async position(tenant: string, sessionId: string): Promise<number | undefined> {
    checkId('tenant', tenant);
    checkId('sessionId', sessionId);
    const [row] = await this.#database.read(positionStatement, [tenant, sessionId]);
    return row?.['position'] as number | undefined;
  }

  async counts(): Promise<ReadonlyMap<string, RoomLoad>> {
    const rows = await this.#database.read(countsStatement, []);
    return new Map(
      rows.map((row) => [
        row['tenant'] as string,
        { waiting: row['waiting'] as number, oldestEnteredAtMs: row['oldest_at_ms'] as number },
      ]),
    );
  }

  async interval(tenant: string): Promise<number | undefined> {
    checkId('tenant', tenant);
    const [row] = await this.#database.read(intervalStatement, [tenant]);
    return row?.['interval_ms'] as number | undefined;
  }

  async setIntervals(intervalMs: ReadonlyMap<string, number>, nowMs: number): Promise<void> {
    if (intervalMs.size === 0) return;
    checkInteger('nowMs', nowMs, 53);
    for (const tenant of intervalMs.keys()) checkId('tenant', tenant);
    const values = [textArray([...intervalMs.keys()]), `{${[...intervalMs.values()].join()}}`, nowMs];
    await this.#database.repeat(() => this.#database.query(setIntervalsStatement, values));
  }

  async expired(nowMs: number, limit: number): Promise<WaitingSession[]> {
    checkInteger('nowMs', nowMs, 53);
    checkLimit(limit);
    return (await this.#database.read(expiredStatement, [nowMs, limit])).map(waitingOf);
  }
}

/** No id has a NUL in it. */
const nameOf = (tenant: string, sessionId: string): string => `${tenant}\0${sessionId}`;

function enterValuesOf(sessions: readonly WaitingSession[]): unknown[] {
  const payloads = sessions.map(({ payload }) => payload);
  const { starts, sizes } = piecesOf(payloads);
  return [
    textArray(sessions.map(({ tenant }) => tenant)),
    textArray(sessions.map(({ sessionId }) => sessionId)),
    numberArray(sessions.map(({ priority }) => priority)),
    numberArray(sessions.map(({ enteredAtMs }) => enteredAtMs)),
    numberArray(sessions.map(({ expiresAtMs }) => expiresAtMs)),
    starts,
    sizes,
    Buffer.concat(payloads),
  ];
}

function waitingOf(row: Row): WaitingSession {
  return {
    tenant: row['tenant'] as string,
    sessionId: row['session_id'] as string,
    priority: row['priority'] as number,
    enteredAtMs: row['entered_at_ms'] as number,
    expiresAtMs: row['expires_at_ms'] as number,
    payload: row['payload'] as Buffer,
  };
}
