/**
 * Calls that wait for people. A decision belongs to one call with exactly these arguments under exactly these rules, is
 * taken once, and never by the person for whom the call is made. The session hears of it at least once: whoever settles an
 * approval tells it, and what was settled and not told is told by the sweep.
 */
import type { AuditRecord, ToolCallReview } from '@toolfleet/contracts';
import { decodeToolCallReview, encodeToolCallReview } from '@toolfleet/contracts';
import type { Fault, Observation, ReceiptKey } from '@toolfleet/kernel';
import {
  assertNever,
  authorise,
  conflict,
  denied,
  digestOf,
  expired,
  hexDigestOf,
  invalid,
  limits,
  missing,
  refused,
  sessionIdOfCall,
} from '@toolfleet/kernel';
import type { Outlet } from '@toolfleet/platform/bus';
import type { Approval, ApprovalKey, ApprovalStore } from '@toolfleet/platform/postgres';

export interface Decision {
  readonly tenant: string;
  readonly callId: string;
  readonly approve: boolean;
  readonly decidedBy: string;
  readonly comment: string;
}

export interface ApprovalsOptions {
  readonly store: ApprovalStore;
  readonly outlet: Outlet;
  readonly receiptKey: ReceiptKey;
  readonly policyRevision: () => string;
  /** Whether the session still runs, in the store. */
  readonly runs: (tenant: string, sessionId: string) => Promise<boolean>;
  readonly now: () => number;
  /** `decision` is one of a few words. */
  readonly count: (decision: 'requested' | 'approved' | 'denied' | 'expired' | 'vote') => void;
}

/** Settled approvals looked at in one sweep. */
const sweepMax = 100;
/** Whoever settled an approval tells it within this; after that it has crashed. */
const tellMsMax = 10_000;
/** A repeated review is answered again this long. Later the call is settled for the session, and must not run any more. */
const repeatedMsMax = 60_000;
const commentCharsMax = 1_000;

export class Approvals {
  constructor(private readonly options: ApprovalsOptions) {}

  /** Asks once per call; a repeated question about a decided call is answered again. */
  async ask(review: ToolCallReview): Promise<void> {
    const { store, now, count } = this.options;
    const { call } = review;
    const approval = await store.request({
      ...keyOf(call),
      tool: call.tool,
      argumentsDigest: hexDigestOf(call.arguments),
      policyRevision: review.policyRevision,
      approversNeeded: Math.max(1, review.approversNeeded),
      requestedAtMs: now(),
      expiresAtMs: review.expiresAtMs,
      payload: encodeToolCallReview(review),
    });
    if (approval.state === 'pending') {
      count('requested');
      return this.#audit(review, { actor: call.user, action: 'APPROVAL_REQUESTED', outcome: 'pending' });
    }
    if (now() - (approval.settledAtMs ?? 0) < repeatedMsMax) await this.#tell(approval);
  }

  async decide(decision: Decision): Promise<Approval> {
    const { store, now, count } = this.options;
    const { tenant, callId, approve } = decision;
    const decidedBy = decision.decidedBy.trim();
    if (!decidedBy) throw invalid('APPROVER_UNNAMED', 'A decision names the person who takes it.');
    const key = { tenant, callId, sessionId: sessionIdOfCall(callId) };
    const found = await store.find(key);
    if (!found) throw missing('APPROVAL_UNKNOWN', 'There is no such approval.');
    const review = decodeToolCallReview(found.payload);
    const fault = this.#objection(found, review, approve, decidedBy);
    if (fault) throw fault;
    // Nobody is told of the end of a session here: without this a late approval would run a call nobody waits for.
    if (approve && !(await this.options.runs(tenant, key.sessionId))) {
      throw conflict('SESSION_ENDED', 'The session of this call has ended.');
    }
    const comment = decision.comment.slice(0, commentCharsMax);
    const vote = { approver: decidedBy, approve, atMs: now(), comment };
    const approval = await store.decide(key, found.argumentsDigest, vote);
    count('vote');
    const action = approve ? 'CALL_APPROVED' : 'CALL_REFUSED';
    await this.#audit(review, { actor: decidedBy, action, outcome: approval.state });
    if (approval.state !== 'pending') await this.#tell(approval);
    return approval;
  }

  pending(tenant: string, limit: number): Promise<Approval[]> {
    return this.options.store.pending(tenant, { limit });
  }

  /** Lets go of what nobody decided in time and tells what a crash left untold. */
  async sweep(): Promise<void> {
    const { store, now } = this.options;
    const overdue = await store.expire(now(), sweepMax);
    const untold = await store.undelivered(now() - tellMsMax, sweepMax);
    const told = await Promise.allSettled([...overdue, ...untold].map((approval) => this.#tell(approval)));
    for (const one of told) if (one.status === 'rejected') throw one.reason;
  }

  #objection(approval: Approval, review: ToolCallReview, approve: boolean, decidedBy: string): Fault | undefined {
    if (decidedBy.toLowerCase() === review.call.user.trim().toLowerCase()) {
      return denied('APPROVER_IS_REQUESTER', 'The person for whom a call is made cannot decide on it.');
    }
    if (approve && approval.policyRevision !== this.options.policyRevision()) {
      return conflict('POLICY_CHANGED', 'The rules have changed since this approval was asked for.', {
        hint: 'Refuse it; the call can be proposed again under the present rules.',
      });
    }
    return undefined;
  }

  async #tell(approval: Approval): Promise<void> {
    const review = decodeToolCallReview(approval.payload);
    const { state } = approval;
    switch (state) {
      case 'pending':
        return;
      case 'approved':
        await this.#send(approval, review);
        break;
      case 'denied':
        await this.#observe(review, refusedBy(approval));
        break;
      case 'expired':
        await this.#observe(review, expired('APPROVAL_EXPIRED', 'Nobody approved this call in time.'));
        break;
      default:
        return assertNever(state);
    }
    this.options.count(state);
    await this.options.store.delivered(keyOf(review.call));
  }

  /** The call's own time begins with the approval: it spent the rest of it waiting for people. */
  async #send(approval: Approval, review: ToolCallReview): Promise<void> {
    const { outlet, receiptKey, now } = this.options;
    const { tenant, sessionId, callId } = review.call;
    const deadlineAtMs = now() + review.call.timeoutMs + limits.callWaitMs;
    const call = { ...review.call, deadlineAtMs };
    const { rule } = review;
    const receipt = { issuer: 'policy', policyRevision: approval.policyRevision, rule };
    const decidedBy = approval.votes.flatMap((vote) => (vote.approve ? [vote.approver] : [])).join(', ');
    await outlet.toolCall(authorise(call, receipt, receiptKey));
    const decision = { callId, approved: true, decidedBy, deadlineAtMs };
    await outlet.inbox({ tenant, sessionId, body: { type: 'approvalDecided', decision } });
  }

  #observe({ call }: ToolCallReview, fault: Fault): Promise<void> {
    const { tenant, sessionId, callId } = call;
    const observation: Observation = refused(callId, fault, 'denied');
    return this.options.outlet.inbox({ tenant, sessionId, body: { type: 'observation', observation } });
  }

  #audit(review: ToolCallReview, fact: Pick<AuditRecord, 'actor' | 'action' | 'outcome'>): Promise<void> {
    const { call, policyRevision, rule } = review;
    return this.options.outlet.audit({
      ...keyOf(call),
      ...fact,
      atMs: this.options.now(),
      recordedBy: 'policy',
      tool: call.tool,
      toolVersion: call.toolVersion,
      argumentsDigest: digestOf(call.arguments),
      policyRevision,
      rule,
      latencyMs: 0,
      idempotencyKey: call.idempotencyKey,
    });
  }
}

const keyOf = ({ tenant, sessionId, callId }: ApprovalKey): ApprovalKey => ({ tenant, sessionId, callId });

/** The model may tell the user who refused and why; both were written for that. */
function refusedBy(approval: Approval): Fault {
  const vote = approval.votes.find((one) => !one.approve);
  const details: Record<string, string> = { decidedBy: vote?.approver ?? '' };
  if (vote?.comment) details['comment'] = vote.comment;
  return denied('APPROVAL_REFUSED', 'A person refused this call.', {
    details,
    hint: 'Do not repeat this call; go on without it or tell the user that it was refused.',
  });
}
