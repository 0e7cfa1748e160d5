/** PolicyService: approvals for people, and which rule decides a call. */
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { ApprovalDecisionRequest } from '@toolfleet/contracts';
import { approvalToWire, effectWords, refusalToWire, ruleEffectWords } from '@toolfleet/contracts';
import type { PolicyAnswer, ToolSpec } from '@toolfleet/kernel';
import {
  ArgumentValidators,
  decisionFor,
  denied,
  faultOf,
  invalid,
  isFault,
  missing,
  nearNames,
  parseArguments,
  refusalOf,
  tenantFor,
} from '@toolfleet/kernel';
import { LiveCatalogue } from '@toolfleet/platform/bus';
import { Identity, Needs } from '@toolfleet/platform/identity';
import type { Approval } from '@toolfleet/platform/postgres';
import { Approvals } from './approvals/approvals.js';
import { BundleKeeper } from './rules/bundle-keeper.js';

/** Approvals on one page at most; each carries up to 64 KiB of arguments, and a gRPC message 4 MiB. */
const pageMax = 50;

interface ListApprovalsRequest {
  readonly tenant: string;
  readonly pageSize: number;
  readonly pageToken: string;
}

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
    @Inject(Identity) private readonly identity: Identity,
  ) {}

  /** Those that wait, oldest first. */
  @GrpcMethod('PolicyService', 'ListApprovals')
  @Needs('approvals:read')
  async listApprovals({ tenant: named, pageSize, pageToken }: ListApprovalsRequest, metadata: object) {
    const tenant = tenantFor(this.identity.of(metadata), named);
    const limit = Math.min(pageSize > 0 ? pageSize : pageMax, pageMax);
    const found = await this.approvals.pending(tenant, limit, placeOf(tenant, pageToken));
    const last = found.length < limit ? undefined : found.at(-1);
    return { approvals: found.map((approval) => this.#wireOf(approval)), nextPageToken: last ? tokenOf(last) : '' };
  }

  @GrpcMethod('PolicyService', 'GetApproval')
  @Needs('approvals:read')
  async getApproval(request: { readonly tenant: string; readonly callId: string }, metadata: object) {
    const tenant = tenantFor(this.identity.of(metadata), request.tenant);
    return { approval: this.#wireOf(await this.approvals.find(tenant, request.callId)) };
  }

  @GrpcMethod('PolicyService', 'DecideApproval')
  @Needs('approvals:decide')
  async decideApproval(request: ApprovalDecisionRequest, metadata: object) {
    const decision = decisionFor(this.identity.of(metadata), request);
    return { approval: this.#wireOf(await this.approvals.decide(decision)) };
  }

  /** The same steps as for a model's proposal: arguments are read and checked before any rule sees them. */
  @GrpcMethod('PolicyService', 'ExplainCall')
  @Needs('catalog:read')
  explainCall(named: ExplainCallRequest, metadata: object) {
    const request = { ...named, tenant: tenantFor(this.identity.of(metadata), named.tenant) };
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

  #wireOf(approval: Approval): object {
    return approvalToWire(this.approvals.view(approval));
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

/** The last approval of a page: what the next one begins after. */
const tokenOf = ({ requestedAtMs, sessionId, callId }: Approval): string =>
  Buffer.from(JSON.stringify([requestedAtMs, sessionId, callId])).toString('base64url');

function placeOf(tenant: string, token: string) {
  if (!token) return undefined;
  try {
    const [requestedAtMs, sessionId, callId] = JSON.parse(
      Buffer.from(token, 'base64url').toString('utf8'),
    ) as unknown[];
    if (Number.isSafeInteger(requestedAtMs) && typeof sessionId === 'string' && typeof callId === 'string') {
      return { tenant, requestedAtMs: requestedAtMs as number, sessionId, callId };
    }
  } catch {
    // It is told below what it should have been.
  }
  throw invalid('PAGE_TOKEN_INVALID', 'The page token is not one of a page before.', {
    details: { field: 'pageToken' },
  });
}
