/** The statements of the effect ledger and the rows they take and give. */
import type { Row, Statement } from './pool.js';
import type { EffectEntry, EffectKey, EffectOutcome, EffectOwner } from './ports/effect-ledger.js';
import { numberArray, piecesOf, optionalTextArray, textArray } from './stored-text.js';

export interface ClaimedEntry extends EffectEntry {
  readonly claim: string;
  readonly sinceMs: number;
}

export interface SettledEntry extends EffectKey, EffectOwner {
  readonly outcome: EffectOutcome;
  readonly observation: Uint8Array;
  readonly settledAtMs: number;
}

export interface FoundEntry extends EffectOwner {
  readonly claim: string;
  readonly state: 'executing' | EffectOutcome;
  readonly sinceMs: number;
  readonly tool: string;
  readonly argumentsDigest: string;
  readonly observation: Buffer | null;
}

/**
 * Whoever inserts the row holds the call, and what the call holds; of two entries for one key, or that hold the same, in a
 * batch the first does. Two unique indexes decide both, so holding costs no statement of its own.
 */
export const beginStatement: Statement = {
  name: 'effect_begin',
  text: `
insert into effect (tenant, session_id, call_id, epoch, since_ms, claim, owner_id, tool, arguments_digest, holds,
  holds_until_ms, state)
select e.*, 'executing'
from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::uuid[], $7::text[], $8::text[], $9::text[],
  $10::text[], $11::bigint[]) as e
on conflict do nothing
returning claim`,
};

export function beginValuesOf(entries: readonly ClaimedEntry[]): unknown[] {
  return [
    textArray(entries.map(({ tenant }) => tenant)),
    textArray(entries.map(({ sessionId }) => sessionId)),
    textArray(entries.map(({ callId }) => callId)),
    numberArray(entries.map(({ epoch }) => epoch)),
    numberArray(entries.map(({ sinceMs }) => sinceMs)),
    textArray(entries.map(({ claim }) => claim)),
    textArray(entries.map(({ ownerId }) => ownerId)),
    textArray(entries.map(({ tool }) => tool)),
    textArray(entries.map(({ argumentsDigest }) => argumentsDigest)),
    optionalTextArray(entries.map(({ holds }) => holds?.key)),
    numberArray(entries.map(({ holds }) => holds?.untilMs ?? null)),
  ];
}

/**
 * Each row is looked up by a subquery and then touched by its place: joined to the batch directly, the table would be read
 * from end to end under a plan made while it was small. A row that moved in between is left out, and looked at again.
 */
export const settleStatement: Statement = {
  name: 'effect_settle',
  text: `
with entry as materialized (
  select e.*, (select f.ctid from effect f
               where f.tenant = e.tenant and f.session_id = e.session_id and f.call_id = e.call_id) as place
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::bigint[], $8::int[], $9::int[])
    with ordinality as e(tenant, session_id, call_id, owner_id, epoch, state, settled_at_ms, start, size, ordinal)
)
update effect f
set state = e.state, settled_at_ms = e.settled_at_ms, observation = substring($10::bytea from e.start for e.size),
  holds = null
from entry e
where f.ctid = e.place and f.state = 'executing' and f.owner_id = e.owner_id and f.epoch = e.epoch
returning e.ordinal`,
};

export function settleValuesOf(entries: readonly SettledEntry[]): unknown[] {
  const observations = entries.map(({ observation }) => observation);
  const { starts, sizes } = piecesOf(observations);
  return [
    textArray(entries.map(({ tenant }) => tenant)),
    textArray(entries.map(({ sessionId }) => sessionId)),
    textArray(entries.map(({ callId }) => callId)),
    textArray(entries.map(({ ownerId }) => ownerId)),
    numberArray(entries.map(({ epoch }) => epoch)),
    textArray(entries.map(({ outcome }) => outcome)),
    numberArray(entries.map(({ settledAtMs }) => settledAtMs)),
    starts,
    sizes,
    Buffer.concat(observations),
  ];
}

/** A compare-and-swap on the holder: only who has seen the present owner can follow it. */
export const takeOverStatement: Statement = {
  name: 'effect_take_over',
  text: `update effect set owner_id = $6, epoch = $7, claim = $8, since_ms = $9
  where tenant = $1 and session_id = $2 and call_id = $3 and state = 'executing' and owner_id = $4 and epoch = $5
  returning true as taken`,
};

export const findStatement: Statement = {
  name: 'effect_find',
  text: `select claim, state, owner_id, epoch::text as epoch, since_ms, tool, arguments_digest, observation
  from effect where tenant = $1 and session_id = $2 and call_id = $3`,
};

export const holderStatement: Statement = {
  name: 'effect_holder',
  text: 'select since_ms, holds_until_ms from effect where holds = $1',
};

/** What a call holds is free when its time is over, whether or not anybody settles it. */
export const releaseStatement: Statement = {
  name: 'effect_release',
  text: 'update effect set holds = null where holds = $1 and holds_until_ms < $2',
};

export function foundOf(row: Row): FoundEntry {
  return {
    claim: row['claim'] as string,
    state: row['state'] as FoundEntry['state'],
    ownerId: row['owner_id'] as string,
    epoch: BigInt(row['epoch'] as string),
    sinceMs: row['since_ms'] as number,
    tool: row['tool'] as string,
    argumentsDigest: row['arguments_digest'] as string,
    observation: row['observation'] as Buffer | null,
  };
}
