/** The waiting room in Postgres. Nothing leaves it by being read, so a release survives the crash of its reader. */
import { overloaded } from '@toolfleet/kernel';
import type { Database, Row, Statement } from './pool.js';
import type { RoomLoad, WaitingRoom, WaitingSession } from './ports/waiting-room.js';
import { checkId, checkInteger, checkLimit, textArray } from './stored-text.js';

const columns = 'tenant, session_id, priority, entered_at_ms, expires_at_ms, payload';

/** Counts no further than the bound, so a full room costs no more to refuse than a nearly full one to enter. */
const enterStatement: Statement = {
  name: 'waiting_enter',
  text: `
with room as (
  select count(*) as taken from (select from waiting_session where tenant = $1 limit $7) w
), entered as (
  insert into waiting_session (${columns})
  select $1, $2, $3, $4, $5, $6 from room where taken < $7
  on conflict (tenant, session_id) do nothing
  returning true
)
select exists (select from entered) as entered,
  exists (select from waiting_session where tenant = $1 and session_id = $2) as waited`,
};

const nextStatement: Statement = {
  name: 'waiting_next',
  text: `select ${columns} from waiting_session where tenant = $1
  order by priority desc, entered_at_ms, arrival limit $2`,
};

const leaveStatement: Statement = {
  name: 'waiting_leave',
  text: `delete from waiting_session where tenant = $1 and session_id = any($2::text[]) returning true`,
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

export class PostgresWaitingRoom implements WaitingRoom {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async enter(session: WaitingSession, tenantMax: number): Promise<boolean> {
    const { tenant, sessionId, priority, enteredAtMs, expiresAtMs, payload } = session;
    checkId('tenant', tenant);
    checkId('sessionId', sessionId);
    checkInteger('priority', priority, 32);
    checkInteger('enteredAtMs', enteredAtMs, 53);
    checkInteger('expiresAtMs', expiresAtMs, 53);
    checkInteger('tenantMax', tenantMax, 32);
    const values = [tenant, sessionId, priority, enteredAtMs, expiresAtMs, Buffer.from(payload), tenantMax];
    const [row] = await this.#database.repeat(() => this.#database.query(enterStatement, values));
    if (row?.['entered'] !== true && row?.['waited'] !== true) {
      throw overloaded('WAITING_ROOM_FULL', 'Too many sessions of this tenant wait already.', {
        details: { tenant, waitingMax: String(tenantMax) },
      });
    }
    return row['entered'] === true;
  }

  async next(tenant: string, limit: number): Promise<WaitingSession[]> {
    checkId('tenant', tenant);
    checkLimit(limit);
    return (await this.#database.read(nextStatement, [tenant, limit])).map(waitingOf);
  }

  async leave(tenant: string, sessionIds: readonly string[]): Promise<number> {
    checkId('tenant', tenant);
    for (const sessionId of sessionIds) {
      checkId('sessionId', sessionId);
    }
    const values = [tenant, textArray(sessionIds)];
    return (await this.#database.repeat(() => this.#database.query(leaveStatement, values))).length;
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
