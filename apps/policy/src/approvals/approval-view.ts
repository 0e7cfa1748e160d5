/** An approval as people read it: without secrets, with the rule that asked while that rule is still in force. */
import type { ApprovalStateWord, ApprovalView } from '@toolfleet/contracts';
import { decodeToolCallReview } from '@toolfleet/contracts';
import type { RuleSpec, ToolSpec } from '@toolfleet/kernel';
import { approvalText, redactedArguments } from '@toolfleet/kernel';
import type { Approval, ApprovalState } from '@toolfleet/platform/postgres';

export interface ViewContext {
  readonly policyRevision: string;
  readonly ruleNamed: (name: string) => RuleSpec | undefined;
  readonly tool: (name: string) => ToolSpec | undefined;
}

const stateWords = {
  pending: 'pending',
  approved: 'approved',
  denied: 'refused',
  expired: 'expired',
} as const satisfies Record<ApprovalState, ApprovalStateWord>;

/** The rule that asked; undefined once the rules have changed, because one of the same name may say something else. */
export function ruleOf(
  approval: Pick<Approval, 'policyRevision'>,
  rule: string,
  context: ViewContext,
): RuleSpec | undefined {
  return approval.policyRevision === context.policyRevision ? context.ruleNamed(rule) : undefined;
}

export function approvalView(approval: Approval, context: ViewContext): ApprovalView {
  const { call, rule, reason: said } = decodeToolCallReview(approval.payload);
  const { tenant, callId, sessionId, tool, policyRevision, requestedAtMs, expiresAtMs, approversNeeded } = approval;
  const spec = ruleOf(approval, rule, context);
  const reason = said || (spec?.reason ?? '');
  const { parameters, riskTier = '' } = context.tool(tool) ?? {};
  const args = redactedArguments(Buffer.from(call.arguments).toString('utf8'), parameters);
  const { argumentsDigest, votes } = approval;
  const facts = {
    tenant,
    agent: call.agent,
    tool,
    riskTier,
    effect: call.effect,
    rule,
    reason,
    requestedBy: call.user,
  };
  const approvers = spec?.approvers;
  return {
    ...facts,
    ...{ callId, sessionId, policyRevision, requestedAtMs, expiresAtMs, approversNeeded, approvers, votes },
    arguments: Buffer.from(args),
    argumentsDigest: Buffer.from(argumentsDigest, 'hex'),
    state: stateWords[approval.state],
    approvedBy: votes.filter((vote) => vote.approve).map((vote) => vote.approver),
    text: approvalText({ ...facts, arguments: args, argumentsDigest, approversNeeded, approvers, expiresAtMs }),
    settledAtMs: approval.settledAtMs ?? 0,
  };
}
