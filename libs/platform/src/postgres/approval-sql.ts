/** The statements of the approval store and the rows they take and give. */
import type { Row, Statement } from './pool.js';
import type {
  Approval,
  ApprovalKey,
  ApprovalObstacle,
  ApprovalRequest,
  ApprovalVote,
  OpenApprovalsBound,
} from './ports/approval-store.js';

const columns = `tenant, session_id, call_id, tool, arguments_digest, policy_revision, approvers_needed, requested_at_ms,
  expires_at_ms, payload, state, votes, settled_at_ms, obstacle`;

/**
 * Two that ask at the same moment do not see each other: a tenant may have as many more than its bound as processes ask at
 * once. One session's calls are asked for one by one.
 */
export const requestStatement: Statement = {
  name: 'approval_request',
  text: `
with found as (
  select
    (select call_id from approval where tenant = $1 and session_id = $2 and state = 'pending'
       and tool = $4 and arguments_digest = $5 and call_id <> $3 limit 1) as same_call,
    (select count(*) from approval where tenant = $1 and session_id = $2 and state = 'pending') as of_session,
    (select count(*) from (select 1 from approval where tenant = $1 and state = 'pending' limit $12::int) open) as of_tenant
), met as (
  select case
    when same_call is not null then jsonb_build_object('type', 'askedAlready', 'callId', same_call)
    when of_session >= $11::int then jsonb_build_object('type', 'full', 'scope', 'session', 'max', $11::int)
    when of_tenant >= $12::int then jsonb_build_object('type', 'full', 'scope', 'tenant', 'max', $12::int)
  end as obstacle from found
)
insert into approval (tenant, session_id, call_id, tool, arguments_digest, policy_revision, approvers_needed,
  requested_at_ms, expires_at_ms, payload, state, settled_at_ms, obstacle)
select $1, $2, $3, $4, $5, $6, $7::int, $8::bigint, $9::bigint, $10::bytea,
  case when obstacle is null then 'pending' else 'denied' end, case when obstacle is not null then $8::bigint end, obstacle
from met
on conflict (tenant, session_id, call_id) do nothing`,
};

export function requestValuesOf(request: ApprovalRequest, bound: OpenApprovalsBound): unknown[] {
  const { tenant, sessionId, callId, tool, argumentsDigest, policyRevision } = request;
  const { approversNeeded, requestedAtMs, expiresAtMs, payload } = request;
  const texts = [tenant, sessionId, callId, tool, argumentsDigest, policyRevision];
  const numbers = [approversNeeded, requestedAtMs, expiresAtMs];
  return [...texts, ...numbers, Buffer.from(payload), bound.ofSession, bound.ofTenant];
}

/** Votes of a pending approval all approve, since one denial settles it: their number is the count towards the need. */
export const decideStatement: Statement = {
  name: 'approval_decide',
  text: `
update approval set
  votes = votes || $5::jsonb,
  state = case when not $7::bool then 'denied'
               when jsonb_array_length(votes) + 1 >= approvers_needed then 'approved' else 'pending' end,
  settled_at_ms = case when not $7::bool or jsonb_array_length(votes) + 1 >= approvers_needed then $8::bigint end
where tenant = $1 and session_id = $2 and call_id = $3 and state = 'pending' and arguments_digest = $4
  and expires_at_ms > $8::bigint and not votes @> jsonb_build_array(jsonb_build_object('approver', $6::text))
returning ${columns}`,
};

export function decideValuesOf(key: ApprovalKey, argumentsDigest: string, vote: ApprovalVote): unknown[] {
  const { approver, approve, atMs, comment } = vote;
  const votes = JSON.stringify([{ approver, approve, atMs, comment }]);
  return [key.tenant, key.sessionId, key.callId, argumentsDigest, votes, approver, approve, atMs];
}

export const findStatement: Statement = {
  name: 'approval_find',
  text: `select ${columns} from approval where tenant = $1 and session_id = $2 and call_id = $3`,
};

export const pendingStatement: Statement = {
  name: 'approval_pending',
  text: `select ${columns} from approval
  where state = 'pending' and tenant = $1
    and (requested_at_ms, session_id, call_id) > ($2::bigint, $3::text collate "C", $4::text collate "C")
  order by requested_at_ms, session_id, call_id limit $5`,
};

/** Several processes may sweep at once: each skips the rows that another one holds. */
export const expireStatement: Statement = {
  name: 'approval_expire',
  text: `
update approval set state = 'expired', settled_at_ms = $1
where ctid = any(array(
  select ctid from approval where state = 'pending' and expires_at_ms <= $1
  order by expires_at_ms limit $2 for update skip locked))
returning ${columns}`,
};

export const undeliveredStatement: Statement = {
  name: 'approval_undelivered',
  text: `select ${columns} from approval
  where state <> 'pending' and delivered_at_ms is null and settled_at_ms < $1 order by settled_at_ms limit $2`,
};

export const deliveredStatement: Statement = {
  name: 'approval_delivered',
  text: `update approval set delivered_at_ms = $4
  where tenant = $1 and session_id = $2 and call_id = $3 and state <> 'pending' and delivered_at_ms is null`,
};

export function approvalOf(row: Row): Approval {
  const obstacle = row['obstacle'] as ApprovalObstacle | null;
  return {
    tenant: row['tenant'] as string,
    sessionId: row['session_id'] as string,
    callId: row['call_id'] as string,
    tool: row['tool'] as string,
    argumentsDigest: row['arguments_digest'] as string,
    policyRevision: row['policy_revision'] as string,
    approversNeeded: row['approvers_needed'] as number,
    requestedAtMs: row['requested_at_ms'] as number,
    expiresAtMs: row['expires_at_ms'] as number,
    payload: row['payload'] as Buffer,
    state: row['state'] as Approval['state'],
    votes: row['votes'] as ApprovalVote[],
    settledAtMs: row['settled_at_ms'] as number | null,
    ...(obstacle && { obstacle }),
  };
}
