/**
 * Decisions on approvals from other teams' inboxes, each with the token of the person who decides. What cannot be read, names no
 * call of no tenant, or is of somebody whom nobody knows or of another tenant, is a dead letter; what is not taken is told on the topic of approvals, with the reason, so that an inbox learns it where it learned of the
 * approval.
 */
import { Controller, Inject } from '@nestjs/common';
import type { ApprovalDecisionRequest } from '@toolfleet/contracts';
import type { Caller, FaultKind } from '@toolfleet/kernel';
import { decisionFor, faultOf, invalid, isCallerRefusal, limits, refusalOf, scopeFault } from '@toolfleet/kernel';
import { Outlet } from '@toolfleet/platform/bus';
import { BusPattern, type BusRecord, type Delivery } from '@toolfleet/platform/kafka';
import { PolicyService } from '../approvals/policy-service.js';
import { checkTenant } from '../sessions/sessions.js';
import { Publishers, authorizationOf } from './publishers.js';
import { readDecisionRecord } from './request-record.js';
import { GATEWAY_TRANSPORT } from './session-requests.handler.js';

/** Faults that are the decision's own and an answer to it; the others are ours, and the transport tries again. */
const answered: ReadonlySet<FaultKind> = new Set(['invalid', 'denied', 'missing', 'conflict', 'expired']);
/** Both parts of the id of a call fit easily. */
const callIdPattern = /^[^:\s]{1,100}:\d{1,9}:\d{1,9}$/;

@Controller()
export class ApprovalDecisionsHandler {
  constructor(
    @Inject(PolicyService) private readonly policy: PolicyService,
    @Inject(Outlet) private readonly outlet: Outlet,
    @Inject(Publishers) private readonly publishers: Publishers,
  ) {}

  @BusPattern('approval.decisions', GATEWAY_TRANSPORT)
  handle(record: BusRecord, delivery: Delivery): void {
    const decision = readDecisionRecord(record);
    if (decision.tenant !== '') checkTenant(decision.tenant);
    if (!callIdPattern.test(decision.callId)) {
      throw invalid('CALL_ID_INVALID', 'The decision names no call.', {
        details: { field: 'callId' },
        hint: 'Give the id of the call as the topic of approvals has it.',
      });
    }
    delivery.finishWhen(this.#decide(decision, record));
  }

  async #decide(named: ApprovalDecisionRequest, record: BusRecord): Promise<void> {
    const { caller, tenant } = await this.publishers.admit(record, named.tenant);
    // By name: what a message leaves out stands on its prototype.
    const { callId, approve, decidedBy, comment, roles } = named;
    const decision = { tenant, callId, approve, decidedBy, comment, roles };
    try {
      await this.#ask(caller, decision, record);
    } catch (error) {
      const fault = faultOf(error);
      if (!answered.has(fault.kind)) throw fault;
      if (isCallerRefusal(fault)) this.publishers.note(fault, record, caller);
      const refusedDecision = cut(decision);
      await this.outlet.approvalNotice({ atMs: Date.now(), refusedDecision, refusal: refusalOf(fault) });
    }
  }

  async #ask(caller: Caller, decision: ApprovalDecisionRequest, { headers }: BusRecord): Promise<void> {
    const lacking = scopeFault(caller, 'approvals:decide');
    if (lacking) throw lacking;
    await this.policy.decide(decisionFor(caller, decision), authorizationOf(headers) ?? '');
  }
}

/** What is told again of a decision fits wherever the decision did. */
function cut({ tenant, callId, approve, decidedBy, comment, roles }: ApprovalDecisionRequest): ApprovalDecisionRequest {
  const name = (text: string) => text.slice(0, limits.nameCharsMax);
  const few = roles.slice(0, limits.rolesMax).map(name);
  return { tenant, callId, approve, decidedBy: name(decidedBy), comment: comment.slice(0, 1_000), roles: few };
}
