/** PolicyService: approvals for people, and which rule decides a call. */
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { decodeToolCallReview, effectWords, refusalToWire, ruleEffectWords } from '@toolfleet/contracts';
import type { PolicyAnswer, ToolSpec } from '@toolfleet/kernel';
import {
  ArgumentValidators,
  denied,
  faultOf,
  isFault,
  missing,
  nearNames,
  parseArguments,
  refusalOf,
} from '@toolfleet/kernel';
import { LiveCatalogue } from '@toolfleet/platform/bus';
import type { Approval, ApprovalState } from '@toolfleet/platform/postgres';
import type { Decision } from './approvals/approvals.js';
import { Approvals } from './approvals/approvals.js';
import { BundleKeeper } from './rules/bundle-keeper.js';

/** Approvals on one page at most; each carries up to 64 KiB of arguments, and a gRPC message 4 MiB. */
const pageMax = 50;

interface ExplainCallRequest {
  readonly tenant: string;
  readonly user: string;
  readonly roles: readonly string[];
  readonly tool: string;
  readonly arguments: Uint8Array;
}

@Controller()
export class PolicyController {
  readonly #validators = new ArgumentValidators();

  constructor(
    @Inject(Approvals) private readonly approvals: Approvals,
    @Inject(BundleKeeper) private readonly bundles: BundleKeeper,
    @Inject(LiveCatalogue) private readonly live: LiveCatalogue,
  ) {}

  /** Those that wait, oldest first. */
  @GrpcMethod('PolicyService', 'ListApprovals')
  async listApprovals({ tenant, pageSize }: { readonly tenant: string; readonly pageSize: number }) {
    const limit = Math.min(pageSize > 0 ? pageSize : pageMax, pageMax);
    return { approvals: (await this.approvals.pending(tenant, limit)).map(approvalToWire) };
  }

  @GrpcMethod('PolicyService', 'DecideApproval')
  async decideApproval(decision: Decision) {
    return { approval: approvalToWire(await this.approvals.decide(decision)) };
  }

  /** The same steps as for a model's proposal: arguments are read and checked before any rule sees them. */
  @GrpcMethod('PolicyService', 'ExplainCall')
  explainCall(request: ExplainCallRequest) {
    const policyRevision = this.bundles.current.revision;
    const tool = this.live.catalogue.get('Tool', request.tool);
    try {
      const answer = this.#answer(tool, request);
      const refusal = answer.effect === 'deny' ? denied('FORBIDDEN', answer.reason) : undefined;
      return {
        effect: ruleEffectWords.number(answer.effect),
        rule: answer.rule,
        policyRevision,
        refusal: refusal && refusalToWire(refusalOf(refusal)),
        toolEffect: effectWords.number(tool?.effect),
      };
    } catch (error) {
      if (!isFault(error) || error.kind === 'broken') throw error;
      const refusal = refusalToWire(refusalOf(faultOf(error)));
      const effect = ruleEffectWords.number('deny');
      return { effect, rule: '', policyRevision, refusal, toolEffect: effectWords.number(tool?.effect) };
    }
  }

  #answer(
    tool: ToolSpec | undefined,
    { tenant, user, roles, tool: name, arguments: text }: ExplainCallRequest,
  ): PolicyAnswer {
    if (!tool) {
      const alternatives = nearNames(
        name,
        this.live.catalogue.all('Tool').map((one) => one.name),
      );
      throw missing('UNKNOWN_TOOL', `There is no tool named ${JSON.stringify(name.slice(0, 64))}.`, { alternatives });
    }
    const args = parseArguments(Buffer.from(text).toString('utf8'));
    if (!args.ok) throw args.fault;
    this.#validators.check(tool, args.value);
    const { toolClass, effect } = tool;
    return this.bundles.current.evaluate({ tenant, user, roles, tool: name, toolClass, effect, args: args.value });
  }
}

const stateNames = {
  pending: 'APPROVAL_STATE_PENDING',
  approved: 'APPROVAL_STATE_APPROVED',
  denied: 'APPROVAL_STATE_REFUSED',
  expired: 'APPROVAL_STATE_EXPIRED',
} as const satisfies Record<ApprovalState, string>;

function approvalToWire(approval: Approval) {
  const { call, rule, reason } = decodeToolCallReview(approval.payload);
  const { tenant, callId, sessionId, tool, policyRevision, requestedAtMs, expiresAtMs, approversNeeded } = approval;
  return {
    tenant,
    callId,
    sessionId,
    tool,
    arguments: call.arguments,
    argumentsDigest: Buffer.from(approval.argumentsDigest, 'hex'),
    policyRevision,
    rule,
    reason,
    requestedBy: call.user,
    state: stateNames[approval.state],
    requestedAtMs,
    expiresAtMs,
    approvedBy: approval.votes.filter((vote) => vote.approve).map((vote) => vote.approver),
    approversNeeded,
  };
}
