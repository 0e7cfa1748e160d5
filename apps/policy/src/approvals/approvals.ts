/**
 * Calls that wait for people. A decision belongs to one call with exactly these arguments under exactly these rules, is
 * taken once, by people whom the rule lets decide, and never by the one for whom the call is made. The session hears of it at
 * least once: whoever settles an approval tells it, and what was settled and not told is told by the sweep.
 */
import type { ApprovalDecisionRequest, ApprovalView, ToolCallReview } from '@toolfleet/contracts';
import { decodeToolCallReview, encodeToolCallReview } from '@toolfleet/contracts';
import type { AuditRecord, Fault, Observation, ReceiptKey } from '@toolfleet/kernel';
import {
  assertNever,
  authorise,
  conflict,
  deciderFault,
  digestOf,
  hexDigestOf,
  limits,
  missing,
  personOf,
  receiptIssuers,
  refused,
  sessionIdOfCall,
} from '@toolfleet/kernel';
import type { Outlet } from '@toolfleet/platform/bus';
import type { Approval, ApprovalKey, ApprovalStore } from '@toolfleet/platform/postgres';
import { approvalView, ruleOf, type ViewContext } from './approval-view.js';
import { nobodyDecided, refusedBy } from './verdicts.js';

export interface ApprovalsOptions {
  readonly store: ApprovalStore;
  readonly outlet: Outlet;
  readonly receiptKey: ReceiptKey;
  /** The rules and tools of this moment. */
  readonly context: () => ViewContext;
  /** Approvals that a tenant may have pending at once. */
  readonly openMax: (tenant: string) => number;
  /** Whether the session still runs, in the store. */
  readonly runs: (tenant: string, sessionId: string) => Promise<boolean>;
  readonly now: () => number;
  /** `decision` is one of a few words. */
  readonly count: (decision: 'requested' | 'approved' | 'denied' | 'expired' | 'notAsked' | 'vote') => void;
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
    const { store, now, count, openMax } = this.options;
    const { call } = review;
    const request = {
      ...keyOf(call),
      tool: call.tool,
      argumentsDigest: hexDigestOf(call.arguments),
      policyRevision: review.policyRevision,
      approversNeeded: Math.max(1, review.approversNeeded),
      requestedAtMs: now(),
      expiresAtMs: review.expiresAtMs,
      payload: encodeToolCallReview(review),
    };
    const bound = { ofSession: limits.openApprovalsOfSessionMax, ofTenant: openMax(call.tenant) };
    const approval = await store.request(request, bound);
    if (approval.state === 'pending') {
      count('requested');
      return this.#record(approval, review, { actor: call.user, action: 'APPROVAL_REQUESTED', outcome: 'pending' });
    }
    if (approval.obstacle && approval.settledAtMs === request.requestedAtMs) {
      count('notAsked');
      const outcome = refusedBy(approval, review.rule).reason;
      await this.#record(approval, review, { actor: 'policy', action: 'APPROVAL_NOT_ASKED', outcome });
    }
    if (now() - (approval.settledAtMs ?? 0) < repeatedMsMax) await this.#tell(approval);
  }

  async decide(decision: ApprovalDecisionRequest): Promise<Approval> {
    const { store, now, count } = this.options;
    const { approve } = decision;
    const found = await this.find(decision.tenant, decision.callId);
    const review = decodeToolCallReview(found.payload);
    const fault = this.#objection(found, review, decision);
    if (fault) throw fault;
    // Nobody is told of the end of a session here: without this a late approval would run a call nobody waits for.
    if (approve && !(await this.options.runs(found.tenant, found.sessionId))) {
      throw conflict('SESSION_ENDED', 'The session of this call has ended.');
    }
    const comment = decision.comment.slice(0, commentCharsMax);
    const approver = personOf(decision.decidedBy);
    const vote = { approver, approve, atMs: now(), comment };
    const approval = await store.decide(found, found.argumentsDigest, vote);
    // The same word again: what follows from it is under way, or the sweep sees to it.
    if (found.state !== 'pending') return approval;
    count('vote');
    const action = approve ? 'CALL_APPROVED' : 'CALL_REFUSED';
    const recorded = this.#record(approval, review, {
      ...{ actor: approver, action, outcome: approval.state, comment },
      id: `${approval.callId}/${action}/${approval.votes.length}`,
    });
    await Promise.all([recorded, this.#tell(approval)]);
    return approval;
  }

  /** Also one that is settled. */
  async find(tenant: string, callId: string): Promise<Approval> {
    const sessionId = callId.includes(':') ? sessionIdOfCall(callId) : '';
    const found = sessionId && tenant ? await this.options.store.find({ tenant, callId, sessionId }) : undefined;
    if (found) return found;
    throw missing('APPROVAL_UNKNOWN', 'There is no such approval.', {
      hint: 'Give the tenant, and the id of the call as the list of approvals has it.',
    });
  }

  pending(tenant: string, limit: number, after?: Pick<Approval, keyof ApprovalKey | 'requestedAtMs'>) {
    return this.options.store.pending(tenant, { limit, ...(after && { after }) });
  }

  view(approval: Approval): ApprovalView {
    return approvalView(approval, this.options.context());
  }

  /** Lets go of what nobody decided in time and tells what a crash left untold. */
  async sweep(): Promise<void> {
    const { store, now } = this.options;
    const overdue = await store.expire(now(), sweepMax);
    const untold = await store.undelivered(now() - tellMsMax, sweepMax);
    const told = await Promise.allSettled([
      ...overdue.map((approval) => this.#expire(approval)),
      ...untold.map((approval) => this.#tell(approval)),
    ]);
    for (const one of told) if (one.status === 'rejected') throw one.reason;
  }

  async #expire(approval: Approval): Promise<void> {
    const review = decodeToolCallReview(approval.payload);
    const fact = { actor: 'policy', action: 'APPROVAL_EXPIRED', outcome: 'expired' };
    await Promise.all([this.#tell(approval), this.#record(approval, review, fact)]);
  }

  #objection(approval: Approval, review: ToolCallReview, decision: ApprovalDecisionRequest): Fault | undefined {
    const context = this.options.context();
    const rule = ruleOf(approval, review.rule, context);
    const decider = { name: decision.decidedBy, roles: decision.roles };
    const fault = deciderFault(decider, { requestedBy: review.call.user, rule });
    if (fault) return fault;
    // A rule of other rules may have named who decides: nobody can approve by it, anybody may refuse.
    if (decision.approve && approval.policyRevision !== context.policyRevision) {
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
      case 'denied': {
        const fault = refusedBy(approval, review.rule);
        await this.#observe(review, refused(review.call.callId, fault, approval.obstacle ? undefined : 'denied'));
        break;
      }
      case 'expired':
        await this.#observe(review, refused(review.call.callId, nobodyDecided(review.rule), 'denied'));
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
    const receipt = { issuer: receiptIssuers.afterReview, policyRevision: approval.policyRevision, rule };
    const decidedBy = approval.votes.flatMap((vote) => (vote.approve ? [vote.approver] : [])).join(', ');
    await outlet.toolCall(authorise(call, receipt, receiptKey));
    const decision = { callId, approved: true, decidedBy, deadlineAtMs };
    await outlet.inbox({ tenant, sessionId, body: { type: 'approvalDecided', decision } });
  }

  #observe({ call }: ToolCallReview, observation: Observation): Promise<void> {
    const { tenant, sessionId } = call;
    return this.options.outlet.inbox({ tenant, sessionId, body: { type: 'observation', observation } });
  }

  /** For the audit, and for whoever keeps an inbox. */
  async #record(approval: Approval, review: ToolCallReview, fact: AuditFact): Promise<void> {
    const { outlet, now } = this.options;
    const noticed = approval.obstacle
      ? undefined
      : outlet.approvalNotice({ atMs: now(), approval: this.view(approval) });
    await Promise.all([noticed, this.#audit(review, fact)]);
  }

  #audit(review: ToolCallReview, fact: AuditFact): Promise<void> {
    const { call, policyRevision, rule } = review;
    return this.options.outlet.audit({
      ...keyOf(call),
      id: `${call.callId}/${fact.action}`,
      ...fact,
      subject: call.user,
      agent: call.agent,
      effect: call.effect,
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

type AuditFact = Pick<AuditRecord, 'actor' | 'action' | 'outcome' | 'comment' | 'id'>;

const keyOf = ({ tenant, sessionId, callId }: ApprovalKey): ApprovalKey => ({ tenant, sessionId, callId });
