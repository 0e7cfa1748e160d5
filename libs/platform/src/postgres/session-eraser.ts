/**
 * Deletes what a tenant's database holds of a person's ended sessions: heads, events, artifacts, approvals, writes of unknown
 * end, and what the effect ledger keeps of answers. The ledger's entries themselves stay as long as their calls may come again over the bus,
 * because they are what keeps a write from being run twice.
 */
import type { Database } from './pool.js';
import { newest } from './session-sql.js';
import { checkId, textArray } from './stored-text.js';

/** Heads looked at by one statement, and sessions deleted by one. */
const pageHeads = 2_000;
const erasedAtOnce = 100;
/** Calls of up to 64 KiB each. */
const pageOpen = 100;

export const headsStatement = {
  name: 'erase_heads',
  text: `select session_id, created_at_ms, active, user_id from session
  where ${newest.tenant} = $1 and ${newest.place} < ($2::bigint, $3::text)
  order by ${newest.order} limit $4`,
};

const eraseStatement = {
  name: 'erase_sessions',
  text: `
with ended as materialized (
  select s.session_id from unnest($2::text[]) as e(session_id)
  cross join lateral (
    select session_id, active from session s where s.tenant = $1 and s.session_id = e.session_id limit 1) s
  where not s.active
), events as (
  delete from session_event where tenant = $1 and session_id in (select session_id from ended)
), artifacts as (
  delete from artifact where tenant = $1 and session_id in (select session_id from ended)
), approvals as (
  delete from approval where tenant = $1 and session_id in (select session_id from ended)
), effects as (
  delete from effect where tenant = $1 and session_id in (select session_id from ended)
    and settled_at_ms < $3
), heads as (
  delete from session where tenant = $1 and session_id in (select session_id from ended)
)
select session_id from ended`,
};

const effectsStatement = {
  name: 'erase_effects_left',
  text: `select session_id, call_id, observation from effect
  where tenant = $1 and session_id = any($2::text[]) and observation is not null`,
};

const bareStatement = {
  name: 'erase_observation',
  text: `update effect set observation = $4 where tenant = $1 and session_id = $2 and call_id = $3 and state <> 'executing'`,
};

/** With whatever is left of their sessions: a call may be noted after its session was erased. */
const openStatement = {
  name: 'erase_open_page',
  text: `select o.opened_at_ms, o.session_id, o.call_id, o.call, coalesce(s.active, false) as active from open_effect o
  left join session s on s.tenant = o.tenant and s.session_id = o.session_id
  where o.tenant = $1 and (o.opened_at_ms, o.session_id, o.call_id) > ($2::bigint, $3::text, $4::text)
  order by o.opened_at_ms, o.session_id, o.call_id limit $5`,
};

const forgetOpenStatement = {
  name: 'erase_open',
  text: `delete from open_effect where tenant = $1 and session_id = $2 and call_id = $3`,
};

export interface ErasedSessions {
  readonly erased: readonly string[];
  /** Those that have not ended: nothing of them was deleted. */
  readonly running: readonly string[];
}

export interface EraseOptions {
  /** Ledger entries settled before this can be asked for no more. */
  readonly effectsBeforeMs: number;
  /** What of a stored observation may stay: how the call ended. */
  readonly bare: (observation: Uint8Array) => Uint8Array;
  /** For whom an encoded call runs. */
  readonly userOf: (call: Uint8Array) => string;
}

export class SessionEraser {
  constructor(private readonly database: Database) {}

  /** May be called again: what is gone is not found any more. */
  async erase(tenant: string, user: string, options: EraseOptions): Promise<ErasedSessions> {
    checkId('tenant', tenant);
    const erased: string[] = [];
    const running: string[] = [];
    let after: [number, string] = [Number.MAX_SAFE_INTEGER, ''];
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- a page begins where the one before ends
      const heads = await this.database.read(headsStatement, [tenant, ...after, pageHeads]);
      const own = heads.filter((head) => head['user_id'] === user);
      for (const head of own) if (head['active'] as boolean) running.push(head['session_id'] as string);
      const ended = own.filter((head) => !(head['active'] as boolean)).map((head) => head['session_id'] as string);
      // oxlint-disable-next-line no-await-in-loop
      erased.push(...(await this.#eraseAll(tenant, ended, options)));
      if (heads.length < pageHeads) break;
      const last = heads.at(-1)!;
      after = [last['created_at_ms'] as number, last['session_id'] as string];
    }
    await this.#forgetOpen(tenant, user, options);
    return { erased, running };
  }

  /** Nobody settles them any more: the ledger keeps that nobody knows. */
  async #forgetOpen(tenant: string, user: string, { userOf }: EraseOptions): Promise<void> {
    let after: [number, string, string] = [0, '', ''];
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- a page begins where the one before ends
      const page = await this.database.read(openStatement, [tenant, ...after, pageOpen]);
      for (const row of page) {
        if ((row['active'] as boolean) || userOf(row['call'] as Buffer) !== user) continue;
        // oxlint-disable-next-line no-await-in-loop -- few
        await this.database.query(forgetOpenStatement, [tenant, row['session_id'], row['call_id']]);
      }
      if (page.length < pageOpen) return;
      const last = page.at(-1)!;
      after = [last['opened_at_ms'] as number, last['session_id'] as string, last['call_id'] as string];
    }
  }

  async #eraseAll(tenant: string, sessions: readonly string[], options: EraseOptions): Promise<string[]> {
    const erased: string[] = [];
    for (let at = 0; at < sessions.length; at += erasedAtOnce) {
      const some = textArray(sessions.slice(at, at + erasedAtOnce));
      // oxlint-disable-next-line no-await-in-loop -- in steps that the statement's time allows
      const rows = await this.database.query(eraseStatement, [tenant, some, options.effectsBeforeMs]);
      erased.push(...rows.map((row) => row['session_id'] as string));
      // oxlint-disable-next-line no-await-in-loop
      await this.#bareEffects(tenant, some, options);
    }
    return erased;
  }

  async #bareEffects(tenant: string, sessions: string, { bare }: EraseOptions): Promise<void> {
    for (const row of await this.database.read(effectsStatement, [tenant, sessions])) {
      const observation = bare(row['observation'] as Buffer);
      // oxlint-disable-next-line no-await-in-loop -- few: those of the last days
      await this.database.query(bareStatement, [tenant, row['session_id'], row['call_id'], observation]);
    }
  }
}
