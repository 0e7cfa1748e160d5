/** Approvals in Postgres. Every change is one guarded update, so the row itself decides between people who act at once. */
import { conflict, expired, invalid, limits, missing, type Fault } from '@toolfleet/kernel';
import * as sql from './approval-sql.js';
import type { Database } from './pool.js';
import type {
  Approval,
  ApprovalKey,
  ApprovalRequest,
  ApprovalStore,
  ApprovalVote,
  OpenApprovalsBound,
} from './ports/approval-store.js';
import { checkId, checkInteger, checkLimit, checkText } from './stored-text.js';

const boundByDefault: OpenApprovalsBound = {
  ofSession: limits.openApprovalsOfSessionMax,
  ofTenant: limits.openApprovalsOfTenant,
};

export class PostgresApprovalStore implements ApprovalStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async request(request: ApprovalRequest, bound = boundByDefault): Promise<Approval> {
    checkRequest(request);
    checkInteger('ofSession', bound.ofSession, 32);
    checkInteger('ofTenant', bound.ofTenant, 32);
    const values = sql.requestValuesOf(request, bound);
    await this.#database.repeat(() => this.#database.query(sql.requestStatement, values));
    const approval = await this.find(request);
    if (approval === undefined) {
      throw missing('APPROVAL_UNKNOWN', 'The approval was removed while it was read.');
    }
    if (approval.argumentsDigest !== request.argumentsDigest) {
      throw argumentsDiffer();
    }
    return approval;
  }

  async decide(key: ApprovalKey, argumentsDigest: string, vote: ApprovalVote): Promise<Approval> {
    checkKey(key);
    checkText('argumentsDigest', argumentsDigest);
    checkId('approver', vote.approver);
    checkText('comment', vote.comment);
    checkInteger('atMs', vote.atMs, 53);
    const values = sql.decideValuesOf(key, argumentsDigest, vote);
    const [row] = await this.#database.repeat(() => this.#database.query(sql.decideStatement, values));
    if (row !== undefined) {
      return sql.approvalOf(row);
    }
    const approval = await this.find(key);
    if (approval?.votes.some(({ approver, approve }) => approver === vote.approver && approve === vote.approve)) {
      if (approval.argumentsDigest === argumentsDigest) {
        return approval;
      }
    }
    throw faultOfVote(approval, argumentsDigest, vote);
  }

  async find(key: ApprovalKey): Promise<Approval | undefined> {
    checkKey(key);
    const [row] = await this.#database.read(sql.findStatement, [key.tenant, key.sessionId, key.callId]);
    return row === undefined ? undefined : sql.approvalOf(row);
  }

  async pending(
    tenant: string,
    options: { readonly limit: number; readonly after?: ApprovalKey & { readonly requestedAtMs: number } },
  ): Promise<Approval[]> {
    const { limit, after } = options;
    checkKey({ tenant, sessionId: after?.sessionId ?? 'none', callId: after?.callId ?? 'none' });
    checkLimit(limit);
    const values = [tenant, after?.requestedAtMs ?? -1, after?.sessionId ?? '', after?.callId ?? '', limit];
    return (await this.#database.read(sql.pendingStatement, values)).map(sql.approvalOf);
  }

  /** What expires in a statement whose answer is lost comes back through `undelivered`. */
  async expire(nowMs: number, limit: number): Promise<Approval[]> {
    checkInteger('nowMs', nowMs, 53);
    checkLimit(limit);
    const rows = await this.#database.repeat(() => this.#database.query(sql.expireStatement, [nowMs, limit]));
    return rows.map(sql.approvalOf);
  }

  async undelivered(settledBeforeMs: number, limit: number): Promise<Approval[]> {
    checkInteger('settledBeforeMs', settledBeforeMs, 53);
    checkLimit(limit);
    return (await this.#database.read(sql.undeliveredStatement, [settledBeforeMs, limit])).map(sql.approvalOf);
  }

  async delivered(key: ApprovalKey): Promise<void> {
    checkKey(key);
    const values = [key.tenant, key.sessionId, key.callId, Date.now()];
    await this.#database.repeat(() => this.#database.query(sql.deliveredStatement, values));
  }
}

/** Why the guarded update found no row to change. */
function faultOfVote(approval: Approval | undefined, argumentsDigest: string, vote: ApprovalVote): Fault {
  if (approval === undefined) {
    return missing('APPROVAL_UNKNOWN', 'There is no such approval.');
  }
  if (approval.argumentsDigest !== argumentsDigest) {
    return argumentsDiffer();
  }
  if (approval.state === 'approved' || approval.state === 'denied') {
    return conflict('APPROVAL_SETTLED', 'The approval was decided already.', { details: { state: approval.state } });
  }
  if (approval.state === 'expired' || approval.expiresAtMs <= vote.atMs) {
    return expired('APPROVAL_EXPIRED', 'The approval was not decided in time.');
  }
  return conflict('APPROVAL_ALREADY_VOTED', 'This person has voted otherwise before.');
}

function argumentsDiffer(): Fault {
  return invalid('APPROVAL_ARGUMENTS_DIFFER', 'The approval was asked for other arguments.');
}

function checkKey(key: ApprovalKey): void {
  checkId('tenant', key.tenant);
  checkId('sessionId', key.sessionId);
  checkId('callId', key.callId);
}

function checkRequest(request: ApprovalRequest): void {
  checkKey(request);
  checkText('tool', request.tool);
  checkText('argumentsDigest', request.argumentsDigest);
  checkText('policyRevision', request.policyRevision);
  checkInteger('requestedAtMs', request.requestedAtMs, 53);
  checkInteger('expiresAtMs', request.expiresAtMs, 53);
  checkInteger('approversNeeded', request.approversNeeded, 32);
  if (request.approversNeeded < 1) {
    throw invalid('NUMBER_INVALID', 'An approval needs at least one approver.', {
      details: { field: 'approversNeeded' },
    });
  }
}
