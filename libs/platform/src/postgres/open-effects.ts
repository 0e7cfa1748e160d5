/** The writes whose end nobody knows, in Postgres. Rows are few, so each statement is one row's or one page's. */
import type { Database, Row, Statement } from './pool.js';
import type { EffectKey } from './ports/effect-ledger.js';
import type { DueEffect, NotedEffect, OpenEffect, OpenEffects } from './ports/open-effects.js';
import { checkId, checkInteger, checkLimit, checkText, textArray } from './stored-text.js';

const columns =
  'o.tenant, o.session_id, o.call_id, o.tool, o.tool_class, o.opened_at_ms, o.tries, o.next_try_at_ms, o.call';
const ofEffect = 'f.tenant = o.tenant and f.session_id = o.session_id and f.call_id = o.call_id';
const ofKey = 'o.tenant = $1 and o.session_id = $2 and o.call_id = $3';

const noteStatement: Statement = {
  name: 'open_effect_note',
  text: `insert into open_effect (tenant, session_id, call_id, tool, tool_class, opened_at_ms, next_try_at_ms, call)
  values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing`,
};

/** Several executors may ask at once: each skips the rows that another one holds. */
const dueStatement: Statement = {
  name: 'open_effect_due',
  text: `
with due as (
  select o.ctid as place from open_effect o
  where o.tool_class = any($1::text[]) and o.next_try_at_ms <= $2
  order by o.next_try_at_ms limit $4 for update skip locked
), put_off as (
  update open_effect o set next_try_at_ms = $3, tries = o.tries + 1 from due where o.ctid = due.place returning ${columns}
)
select ${columns}, f.state, f.observation from put_off o join effect f on ${ofEffect}`,
};

const againStatement: Statement = {
  name: 'open_effect_again',
  text: `update open_effect o set next_try_at_ms = $4 where ${ofKey}`,
};

const unknownStatement: Statement = {
  name: 'open_effect_unknown',
  text: `select ${columns} from open_effect o join effect f on ${ofEffect}
  where f.state = 'unknown' and ($1::text is null or o.tenant = $1)
  order by o.opened_at_ms, o.session_id, o.call_id limit $2`,
};

const censusStatement: Statement = {
  name: 'open_effect_census',
  text: `select count(*)::int as count, min(o.opened_at_ms) as oldest_at_ms from open_effect o join effect f on ${ofEffect}
  where f.state = 'unknown'`,
};

/** Reads the whole table, which is some hundred rows after the worst outage, once in an hour. */
const overdueStatement: Statement = {
  name: 'open_effect_overdue',
  text: `select ${columns} from open_effect o where o.opened_at_ms < $1 order by o.opened_at_ms limit $2`,
};

const findStatement: Statement = {
  name: 'open_effect_find',
  text: `select ${columns} from open_effect o join effect f on ${ofEffect} where ${ofKey} and f.state = 'unknown'`,
};

/** The epoch grows, so whoever held the call is fenced; a repetition after a lost answer finds its own words. */
const resolveStatement: Statement = {
  name: 'open_effect_resolve',
  text: `
with resolved as (
  update effect o set state = $4, observation = $5, owner_id = $6, settled_at_ms = $7, epoch = o.epoch + 1
  where ${ofKey} and o.state = 'unknown' returning true
), put_off as (
  update open_effect o set next_try_at_ms = $8 where ${ofKey} and exists (select from resolved)
)
select true as mine from resolved
union all
select true from effect o where ${ofKey} and o.state = $4 and o.observation = $5 and o.owner_id = $6 and o.settled_at_ms = $7`,
};

const toldStatement: Statement = {
  name: 'open_effect_told',
  text: `delete from open_effect o where ${ofKey}`,
};

export class PostgresOpenEffects implements OpenEffects {
  constructor(private readonly database: Database) {}

  async note(effect: OpenEffect & { readonly nextTryAtMs: number | null }): Promise<void> {
    checkText('tool', effect.tool);
    checkText('toolClass', effect.toolClass);
    checkInteger('openedAtMs', effect.openedAtMs, 53);
    const { tool, toolClass, openedAtMs, nextTryAtMs, call } = effect;
    await this.#change(noteStatement, [...keyOf(effect), tool, toolClass, openedAtMs, nextTryAtMs, Buffer.from(call)]);
  }

  /** What is put off in a statement whose answer is lost comes back when that time is over. */
  async due(options: Parameters<OpenEffects['due']>[0]): Promise<DueEffect[]> {
    const { toolClasses, nowMs, againAtMs, limit } = options;
    checkLimit(limit);
    const rows = await this.database.query(dueStatement, [textArray(toolClasses), nowMs, againAtMs, limit]);
    return rows.map((row) => ({
      ...notedOf(row),
      state: row['state'] as DueEffect['state'],
      observation: row['observation'] as Buffer | null,
    }));
  }

  async tryAgainAt(key: EffectKey, nextTryAtMs: number | null): Promise<void> {
    await this.#change(againStatement, [...keyOf(key), nextTryAtMs]);
  }

  async unknown(options: Parameters<OpenEffects['unknown']>[0]): Promise<NotedEffect[]> {
    const { tenant, limit } = options;
    if (tenant !== undefined) checkId('tenant', tenant);
    checkLimit(limit);
    return (await this.database.read(unknownStatement, [tenant ?? null, limit])).map(notedOf);
  }

  async find(key: EffectKey): Promise<NotedEffect | undefined> {
    const [row] = await this.database.read(findStatement, keyOf(key));
    return row && notedOf(row);
  }

  async resolve(key: EffectKey, end: Parameters<OpenEffects['resolve']>[1]): Promise<boolean> {
    const { outcome, observation, by, atMs, tellAgainAtMs } = end;
    checkId('by', by);
    const values = [...keyOf(key), outcome, Buffer.from(observation), by, atMs, tellAgainAtMs];
    return (await this.#change(resolveStatement, values)).length > 0;
  }

  async census(): ReturnType<OpenEffects['census']> {
    const [row] = await this.database.read(censusStatement, []);
    return { count: row!['count'] as number, oldestAtMs: (row!['oldest_at_ms'] as number | null) ?? undefined };
  }

  async overdue({ openedBeforeMs, limit }: Parameters<OpenEffects['overdue']>[0]): Promise<NotedEffect[]> {
    checkLimit(limit);
    return (await this.database.read(overdueStatement, [openedBeforeMs, limit])).map(notedOf);
  }

  async told(key: EffectKey): Promise<void> {
    await this.#change(toldStatement, keyOf(key));
  }

  #change(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
    return this.database.repeat(() => this.database.query(statement, values));
  }
}

function keyOf({ tenant, sessionId, callId }: EffectKey): string[] {
  checkId('tenant', tenant);
  checkId('sessionId', sessionId);
  checkId('callId', callId);
  return [tenant, sessionId, callId];
}

const notedOf = (row: Row): NotedEffect => ({
  tenant: row['tenant'] as string,
  sessionId: row['session_id'] as string,
  callId: row['call_id'] as string,
  tool: row['tool'] as string,
  toolClass: row['tool_class'] as string,
  openedAtMs: row['opened_at_ms'] as number,
  tries: row['tries'] as number,
  nextTryAtMs: row['next_try_at_ms'] as number | null,
  call: row['call'] as Buffer,
});
