/** The statements of the session store and the rows they take and give. */
import type { Row, Statement } from './pool.js';
import type { SessionHead, StoredEvent } from './ports/session-store.js';
import type { SessionWrite } from './session-commit.js';
import { numberArray, piecesOf, textArray } from './stored-text.js';

/**
 * A group commit is one statement, whatever its size, and the fence is part of it: a session whose head is not at
 * `commit_seq - 1` is left out together with its events, so nobody has to be rolled back for it. The subquery looks at the
 * head as of the start of the statement, the last `where` at the newest one, after waiting for whoever was writing it.
 * It is an upsert and a subquery on purpose: neither leaves the planner a choice, where an update joined to the batch is
 * planned as a scan of the whole table as long as that seems small.
 * All payloads travel as one binary value: an array of bytea would be sent as hexadecimal text, twice the size.
 *
 * A turn of a head and three events of 600 bytes, on two shared cores, fsync on (`testing/measure-commits.ts`):
 *   256 owners: 12,000 commits/s, CPU a commit 25 us here and 59 us on the server, so 21 us a row
 *    32 owners:  8,300 commits/s, 43 us and 73 us
 *     1 owner:   1,490 commits/s, 242 us and 330 us
 * One statement a commit instead of groups: 450 us and 680 us at 256, whatever the number of owners.
 */
export const commitStatement: Statement = {
  name: 'session_commit',
  text: `
with head as materialized (
  select *
  from unnest($1::text[], $2::text[], $3::int[], $4::int[], $5::int[], $6::bool[], $7::bigint[], $8::bigint[],
              $9::bigint[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[]) with ordinality
    as h(tenant, session_id, partition, commit_seq, seq, active, next_wake_at_ms, created_at_ms,
         updated_at_ms, status, agent, user_id, request_id, usage, ordinal)
), written as (
  insert into session as s (tenant, session_id, partition, commit_seq, seq, active, next_wake_at_ms, created_at_ms,
                            updated_at_ms, status, agent, user_id, request_id, usage)
  select tenant, session_id, partition, commit_seq, seq, active, next_wake_at_ms, created_at_ms,
         updated_at_ms, status, agent, user_id, request_id, usage::jsonb
  from head h
  where h.commit_seq - 1 = coalesce(
    (select c.seq from session c where c.tenant = h.tenant and c.session_id = h.session_id), 0)
  on conflict (tenant, session_id) do update
    set commit_seq = excluded.commit_seq, seq = excluded.seq, active = excluded.active,
        next_wake_at_ms = excluded.next_wake_at_ms, updated_at_ms = excluded.updated_at_ms,
        status = excluded.status, usage = excluded.usage
    where s.seq = excluded.commit_seq - 1
  returning s.tenant, s.session_id
), accepted as (
  select h.ordinal, h.tenant, h.session_id from head h join written w using (tenant, session_id)
), appended as (
  insert into session_event (tenant, session_id, seq, type, at_ms, payload)
  select a.tenant, a.session_id, e.seq, e.type, e.at_ms, substring($21::bytea from e.start for e.size)
  from unnest($15::int[], $16::int[], $17::bigint[], $18::text[], $19::int[], $20::int[])
    as e(ordinal, seq, at_ms, type, start, size)
  join accepted a using (ordinal)
)
select ordinal from accepted`,
};

export function commitValuesOf(writes: readonly SessionWrite[]): unknown[] {
  const heads = writes.map(({ head }) => head);
  const ordinals = writes.flatMap((write, at) => write.events.map(() => at + 1));
  const events = writes.flatMap((write) => write.events);
  const payloads = events.map(({ payload }) => payload);
  const { starts, sizes } = piecesOf(payloads);
  return [
    textArray(heads.map(({ tenant }) => tenant)),
    textArray(heads.map(({ sessionId }) => sessionId)),
    numberArray(heads.map(({ partition }) => partition)),
    numberArray(writes.map(({ firstSeq }) => firstSeq)),
    numberArray(heads.map(({ seq }) => seq)),
    numberArray(heads.map(({ active }) => active)),
    numberArray(heads.map(({ nextWakeAtMs }) => nextWakeAtMs)),
    numberArray(heads.map(({ createdAtMs }) => createdAtMs)),
    numberArray(heads.map(({ updatedAtMs }) => updatedAtMs)),
    textArray(heads.map(({ status }) => status)),
    textArray(heads.map(({ agent }) => agent)),
    textArray(heads.map(({ userId }) => userId)),
    textArray(heads.map(({ requestId }) => requestId)),
    textArray(heads.map(({ usage }) => JSON.stringify(usage))),
    numberArray(ordinals),
    numberArray(events.map(({ seq }) => seq)),
    numberArray(events.map(({ atMs }) => atMs)),
    textArray(events.map(({ type }) => type)),
    starts,
    sizes,
    Buffer.concat(payloads),
  ];
}

const headColumns = `tenant, session_id, partition, seq, active, next_wake_at_ms, created_at_ms, updated_at_ms, status, agent,
  user_id, request_id, usage`;

export const headStatement: Statement = {
  name: 'session_head',
  text: `select ${headColumns} from session where tenant = $1 and session_id = $2`,
};

/**
 * Heads and events of one snapshot: two statements could see a commit between them. Every session that starts is looked
 * for, so the look-ups of many ride in one statement, as their commits do.
 */
export const loadStatement: Statement = {
  name: 'session_load',
  text: `select k.ordinal, h.* from unnest($1::text[], $2::text[]) with ordinality as k(of_tenant, of_session, ordinal)
  cross join lateral (
    select ${headColumns},
    array(select e.payload from session_event e where e.tenant = s.tenant and e.session_id = s.session_id order by e.seq)
      as events
    from session s where s.tenant = k.of_tenant and s.session_id = k.of_session limit 1) h`,
};

/**
 * Columns as session_newest has them: its ids are under another name of their collation, so who does not ask in that name is
 * never planned over it.
 */
export const newest = {
  tenant: 'tenant collate "POSIX"',
  place: '(created_at_ms, session_id collate "POSIX")',
  order: 'created_at_ms desc, session_id collate "POSIX" desc',
} as const;

/** Walks session_newest from the cursor on; the filters cost the rows they skip, within the statement's timeout. */
export const listStatement: Statement = {
  name: 'session_list',
  text: `select ${headColumns} from session
  where ${newest.tenant} = $1
    and ${newest.place} < (coalesce($2::bigint, 9223372036854775807), coalesce($3::text, ''))
    and ($4::text is null or status = $4) and ($5::text is null or agent = $5)
  order by ${newest.order} limit $6`,
};

export const activeStatement: Statement = {
  name: 'session_active_in',
  text: `select ${headColumns} from session
  where active and partition = $1 and (tenant, session_id) > ($2::text collate "C", $3::text collate "C")
  order by tenant, session_id limit $4`,
};

export interface SessionAt {
  readonly tenant: string;
  readonly sessionId: string;
  readonly seq: number;
}

/**
 * A session that has gone on since is left active: its own end retires it. Rows are found by a subquery and touched by their
 * place, so that no plan made while the table was small can read all of it; a row that moved in between has gone on. Nothing
 * asks whether it is active still: that would let such a plan read all that are.
 */
export const retireStatement: Statement = {
  name: 'session_retire',
  text: `
with ended as materialized (
  select r.seq, (select c.ctid from session c where c.tenant = r.tenant and c.session_id = r.session_id) as place
  from unnest($1::text[], $2::text[], $3::int[]) as r(tenant, session_id, seq)
)
update session s set active = false from ended e where s.ctid = e.place and s.seq = e.seq`,
};

export function retireValuesOf(sessions: readonly SessionAt[]): unknown[] {
  return [
    textArray(sessions.map(({ tenant }) => tenant)),
    textArray(sessions.map(({ sessionId }) => sessionId)),
    numberArray(sessions.map(({ seq }) => seq)),
  ];
}

export const eventsStatement: Statement = {
  name: 'session_events_after',
  text: `select seq, type, at_ms, payload from session_event
  where tenant = $1 and session_id = $2 and seq > $3 order by seq limit $4`,
};

/** A column of a row, as the type that the schema says it has. */
export function headOf(row: Row): SessionHead {
  return {
    tenant: row['tenant'] as string,
    sessionId: row['session_id'] as string,
    partition: row['partition'] as number,
    status: row['status'] as string,
    active: row['active'] as boolean,
    agent: row['agent'] as string,
    userId: row['user_id'] as string,
    requestId: row['request_id'] as string,
    seq: row['seq'] as number,
    nextWakeAtMs: row['next_wake_at_ms'] as number | null,
    usage: row['usage'] as Record<string, number>,
    createdAtMs: row['created_at_ms'] as number,
    updatedAtMs: row['updated_at_ms'] as number,
  };
}

export function eventOf(row: Row): StoredEvent {
  return {
    seq: row['seq'] as number,
    type: row['type'] as string,
    atMs: row['at_ms'] as number,
    payload: row['payload'] as Buffer,
  };
}
