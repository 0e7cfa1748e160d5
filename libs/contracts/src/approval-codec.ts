/** Approvals as they leave the policy service: to whoever lists them, and to other teams' inboxes. */
import type { Approvers, Effect, Refusal } from '@toolfleet/kernel';
import { effectWords, refusalFromWire, refusalToWire } from './toolcall-codec.js';
import { WireEnum, wireType } from './wire.js';

export const approvalStateWords = new WireEnum<ApprovalStateWord>('toolfleet.policy.v1.ApprovalState', [
  'pending',
  'approved',
  'refused',
  'expired',
]);

export type ApprovalStateWord = 'pending' | 'approved' | 'refused' | 'expired';

/** An approval for people: without secrets, with all that a decision needs. */
export interface ApprovalView {
  readonly tenant: string;
  readonly callId: string;
  readonly sessionId: string;
  readonly tool: string;
  readonly arguments: Uint8Array;
  readonly argumentsDigest: Uint8Array;
  readonly policyRevision: string;
  readonly rule: string;
  readonly reason: string;
  readonly requestedBy: string;
  readonly state: ApprovalStateWord;
  readonly requestedAtMs: number;
  readonly expiresAtMs: number;
  readonly approvedBy: readonly string[];
  readonly approversNeeded: number;
  readonly agent: string;
  readonly riskTier: string;
  readonly effect: Effect;
  readonly approvers?: Approvers | undefined;
  readonly text: string;
  readonly votes: readonly ApprovalVoteView[];
  /** 0 while it is pending. */
  readonly settledAtMs: number;
}

export interface ApprovalVoteView {
  readonly approver: string;
  readonly approve: boolean;
  readonly atMs: number;
  readonly comment: string;
}

export interface ApprovalDecisionRequest {
  readonly tenant: string;
  readonly callId: string;
  readonly approve: boolean;
  readonly decidedBy: string;
  readonly comment: string;
  readonly roles: readonly string[];
}

/** Either an approval as it stands, or a decision that was not taken and why. */
export interface ApprovalNotice {
  readonly atMs: number;
  readonly approval?: ApprovalView | undefined;
  readonly refusedDecision?: ApprovalDecisionRequest | undefined;
  readonly refusal?: Refusal | undefined;
}

export const approvalDecisionMessage = 'toolfleet.policy.v1.DecideApprovalRequest';
const decisionType = wireType(approvalDecisionMessage);
const noticeType = wireType('toolfleet.policy.v1.ApprovalNotice');

/** `toolfleet.policy.v1.Approval`, enums by number. */
export const approvalToWire = (view: ApprovalView): object => ({
  ...view,
  state: approvalStateWords.number(view.state),
  effect: effectWords.number(view.effect),
});

function approvalFromWire(wire: Record<string, unknown>): ApprovalView {
  const view = wire as unknown as ApprovalView;
  return {
    ...view,
    state: approvalStateWords.word(wire['state']),
    effect: effectWords.word(wire['effect']),
    approvers: view.approvers ?? undefined,
  };
}

export const encodeApprovalDecision = (decision: ApprovalDecisionRequest) => decisionType.encode(decision);
export const decodeApprovalDecision = (bytes: Uint8Array) =>
  decisionType.decode(bytes) as unknown as ApprovalDecisionRequest;

export const encodeApprovalNotice = ({ approval, refusal, ...notice }: ApprovalNotice) =>
  noticeType.encode({
    ...notice,
    ...(approval && { approval: approvalToWire(approval) }),
    ...(refusal && { refusal: refusalToWire(refusal) }),
  });

export function decodeApprovalNotice(bytes: Uint8Array): ApprovalNotice {
  const wire = noticeType.decode(bytes);
  const approval = wire['approval'] as Record<string, unknown> | null;
  const refused = wire['refusedDecision'] as ApprovalDecisionRequest | null;
  return {
    atMs: wire['atMs'] as number,
    ...(approval ? { approval: approvalFromWire(approval) } : {}),
    ...(refused ? { refusedDecision: refused } : {}),
    ...(wire['refusal'] ? { refusal: refusalFromWire(wire['refusal'] as Record<string, unknown>) } : {}),
  };
}
