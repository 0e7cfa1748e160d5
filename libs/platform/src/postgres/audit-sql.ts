/** The statements of the audit's chain and the rows they take. */
import type { AuditUsage, PlacedAuditEntry } from '@toolfleet/kernel';
import type { AuditAppend } from './audit-store.js';
import type { Statement } from './pool.js';
import { numberArray, piecesOf, textArray } from './stored-text.js';

/**
 * The entries of many tenants in one statement, and the fence is part of it: a chain is moved on only from the head that its
 * entries follow, and none of them may be there already. A tenant of whom either does not hold is left out as a whole; what is
 * known of it comes back, so that its writer can leave that out. Heads are found by a subquery and touched by their place (see
 * `retireStatement`): one that moved meanwhile is not found there any more.
 */
export const appendStatement: Statement = {
  name: 'audit_append',
  text: `
with entry as materialized (
  select * from unnest($1::text[], $2::bigint[], $3::bigint[], $4::uuid[], $5::int[], $6::int[]) with ordinality
    as e(tenant, seq, at_ms, key, start, size, ordinal)
), known as materialized (
  select e.tenant, e.key from entry e
  where (select a.seq from audit_entry a where a.tenant = e.tenant and a.key = e.key) is not null
), chain as materialized (
  select c.*, substring($10::bytea from (ordinal::int * 64 - 63) for 32) as from_hash,
    substring($10::bytea from (ordinal::int * 64 - 31) for 32) as to_hash,
    (select h.ctid from audit_head h where h.tenant = c.tenant) as place
  from unnest($7::text[], $8::bigint[], $9::bigint[]) with ordinality as c(tenant, from_seq, to_seq, ordinal)
  where c.tenant not in (select k.tenant from known k)
), moved as (
  update audit_head h set seq = c.to_seq, hash = c.to_hash from chain c
  where h.ctid = c.place and h.seq = c.from_seq and h.hash = c.from_hash
  returning h.tenant
), appended as (
  insert into audit_entry (tenant, seq, at_ms, key, hash, body)
  select e.tenant, e.seq, e.at_ms, e.key, substring($11::bytea from (e.ordinal::int * 32 - 31) for 32),
    convert_from(substring($12::bytea from e.start for e.size), 'UTF8')
  from entry e join moved m on m.tenant = e.tenant
), called as (
  insert into tool_usage as t (tenant, tool, version, agent, day, calls, writes, failures, last_at_ms, runs, latency_ms)
  select u.tenant, u.tool, u.version, u.agent, u.day, u.calls, u.writes, u.failures, u.last_at_ms, u.runs, u.latency_ms
  from unnest($13::text[], $14::text[], $15::text[], $16::text[], $17::date[], $18::bigint[], $19::bigint[],
    $20::bigint[], $21::bigint[], $27::bigint[], $28::bigint[])
    as u(tenant, tool, version, agent, day, calls, writes, failures, last_at_ms, runs, latency_ms)
  join moved m on m.tenant = u.tenant
  on conflict (tenant, tool, version, agent, day) do update set calls = t.calls + excluded.calls,
    writes = t.writes + excluded.writes, failures = t.failures + excluded.failures,
    runs = t.runs + excluded.runs, latency_ms = t.latency_ms + excluded.latency_ms,
    last_at_ms = greatest(t.last_at_ms, excluded.last_at_ms)
), ended as (
  insert into session_usage as s (tenant, agent, day, sessions, failures)
  select u.tenant, u.agent, u.day, u.sessions, u.failures
  from unnest($22::text[], $23::text[], $24::date[], $25::bigint[], $26::bigint[])
    as u(tenant, agent, day, sessions, failures)
  join moved m on m.tenant = u.tenant
  on conflict (tenant, agent, day) do update set sessions = s.sessions + excluded.sessions,
    failures = s.failures + excluded.failures
)
select tenant, null::uuid as key from moved union all select tenant, key from known`,
};

export function appendValuesOf(appends: readonly AuditAppend[], { tools, sessions }: AuditUsage): unknown[] {
  const entries = appends.flatMap((append) => append.entries);
  return [
    ...entryValuesOf(entries),
    textArray(appends.map(({ tenant }) => tenant)),
    numberArray(appends.map(({ from }) => from.seq)),
    numberArray(appends.map((append) => append.to.seq)),
    Buffer.concat(appends.flatMap(({ from, to }) => [from.hash, to.hash])),
    Buffer.concat(entries.map(({ hash }) => hash)),
    Buffer.concat(entries.map(({ text }) => text)),
    textArray(tools.map(({ tenant }) => tenant)),
    textArray(tools.map(({ tool }) => tool)),
    textArray(tools.map(({ version }) => version)),
    textArray(tools.map(({ agent }) => agent)),
    textArray(tools.map(({ day }) => day)),
    numberArray(tools.map(({ calls }) => calls)),
    numberArray(tools.map(({ writes }) => writes)),
    numberArray(tools.map(({ failures }) => failures)),
    numberArray(tools.map(({ lastAtMs }) => lastAtMs)),
    textArray(sessions.map(({ tenant }) => tenant)),
    textArray(sessions.map(({ agent }) => agent)),
    textArray(sessions.map(({ day }) => day)),
    numberArray(sessions.map((one) => one.sessions)),
    numberArray(sessions.map(({ failures }) => failures)),
    numberArray(tools.map(({ runs }) => runs)),
    numberArray(tools.map(({ latencyMs }) => latencyMs)),
  ];
}

function entryValuesOf(entries: readonly PlacedAuditEntry[]): unknown[] {
  const { starts, sizes } = piecesOf(entries.map(({ text }) => text));
  return [
    textArray(entries.map(({ tenant }) => tenant)),
    numberArray(entries.map(({ seq }) => seq)),
    numberArray(entries.map(({ atMs }) => atMs)),
    textArray(entries.map(({ key }) => key)),
    starts,
    sizes,
  ];
}

export const headsStatement: Statement = {
  name: 'audit_heads',
  text: `select h.* from unnest($1::text[]) as k(tenant)
  cross join lateral (select * from audit_head h where h.tenant = k.tenant limit 1) h`,
};

export const openStatement: Statement = {
  name: 'audit_open',
  text: `insert into audit_head (tenant, hash) select t, $2::bytea from unnest($1::text[]) as u(t) order by t on conflict do nothing`,
};

/** Walks all tenants by their names: one row each, so ten thousand are a few milliseconds. */
export const unsignedStatement: Statement = {
  name: 'audit_unsigned',
  text: `select * from audit_head where tenant > $1 and seq > checkpoint_seq order by tenant limit $2`,
};

export const entriesStatement: Statement = {
  name: 'audit_entries',
  text: `select seq, hash, body from audit_entry where tenant = $1 and seq > $2 and seq <= $3 order by seq limit $4`,
};

export const newestStatement: Statement = {
  name: 'audit_newest',
  text: `select seq, hash, body from audit_entry where tenant = $1 and seq < $2 order by seq desc limit $3`,
};

/** By the first half of their keys, so only the session's own rows are read. */
export const ofSessionStatement: Statement = {
  name: 'audit_of_session',
  text: `select seq, hash, body from audit_entry where tenant = $1 and key >= $2::uuid and key <= $3::uuid and seq < $4
  order by seq desc limit $5`,
};

export const hashStatement: Statement = {
  name: 'audit_hash',
  text: `select hash from audit_entry where tenant = $1 and seq = $2`,
};

export const checkpointsStatement: Statement = {
  name: 'audit_checkpoints',
  text: `select seq, kind, at_ms, hash, key_id, signature from audit_checkpoint
  where tenant = $1 and kind = $2 and seq > $3 and seq <= $4 order by seq limit $5`,
};

/** Signed by whoever was first; the head remembers the newest. */
export const signStatement: Statement = {
  name: 'audit_sign',
  text: `
with signed as materialized (
  select c.*, substring($6::bytea from (ordinal::int * 96 - 95) for 32) as hash,
    substring($6::bytea from (ordinal::int * 96 - 63) for 64) as signature,
    (select h.ctid from audit_head h where h.tenant = c.tenant) as place
  from unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::text[]) with ordinality
    as c(tenant, seq, kind, at_ms, key_id, ordinal)
), written as (
  insert into audit_checkpoint (tenant, seq, kind, at_ms, hash, key_id, signature)
  select tenant, seq, kind, at_ms, hash, key_id, signature from signed order by tenant on conflict do nothing
)
update audit_head h set checkpoint_seq = greatest(h.checkpoint_seq, case when s.kind = 'head' then s.seq else 0 end)
from signed s where h.ctid = s.place`,
};

/** The newest signature that is older than `$2`. */
export const signedBeforeStatement: Statement = {
  name: 'audit_signed_before',
  text: `select h.tenant, c.seq, c.hash from audit_head h cross join lateral (
    select seq, hash from audit_checkpoint c
    where c.tenant = h.tenant and c.kind = 'head' and c.at_ms < $2 and c.seq > h.truncated_seq order by seq desc limit 1) c
  where h.tenant > $1 order by h.tenant limit $3`,
};

export const deleteStatement: Statement = {
  name: 'audit_delete',
  text: `delete from audit_entry where tenant = $1 and seq <= $2
  and seq < $3 + (select min(seq) from audit_entry where tenant = $1) returning seq`,
};

/** What it signed is gone; a later beginning replaces the one before. */
export const truncatedStatement: Statement = {
  name: 'audit_truncated',
  text: `
with gone as (
  delete from audit_checkpoint where tenant = $1 and (seq < $2 or (seq = $2 and kind = 'head'))
)
update audit_head set truncated_seq = greatest(truncated_seq, $2) where tenant = $1`,
};

/** By tenant, or of all: whoever asks plans a change, so it may take the statement's time. */
export const toolTrafficStatement: Statement = {
  name: 'audit_tool_traffic',
  text: `select tenant, tool, agent, sum(calls)::bigint as calls, sum(writes)::bigint as writes,
    sum(failures)::bigint as failures
  from tool_usage where day >= $1::date and ($2::text = '' or tenant = $2)
  group by tenant, tool, agent order by 4 desc, 1, 2, 3 limit $3`,
};

export const sessionTrafficStatement: Statement = {
  name: 'audit_session_traffic',
  text: `select tenant, agent, sum(sessions)::bigint as sessions, sum(failures)::bigint as failures
  from session_usage where day >= $1::date and ($2::text = '' or tenant = $2)
  group by tenant, agent order by 3 desc, 1, 2 limit $3`,
};

export const recordedSinceStatement: Statement = {
  name: 'audit_recorded_since',
  text: `select least((select min(day) from tool_usage where day >= $1::date and ($2::text = '' or tenant = $2)),
    (select min(day) from session_usage where day >= $1::date and ($2::text = '' or tenant = $2)))::text as day`,
};

export const usageBeforeStatement: Statement = {
  name: 'audit_usage_before',
  text: `
with sessions as (delete from session_usage where day < $1::date)
delete from tool_usage where day < $1::date`,
};
