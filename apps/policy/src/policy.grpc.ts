/** PolicyService: approvals for people, and which rule decides a call. */
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { ApprovalDecisionRequest } from '@toolfleet/contracts';
import { approvalToWire } from '@toolfleet/contracts';
import { decisionFor, invalid, scopeFault, tenantFor } from '@toolfleet/kernel';
import { Identity, Needs } from '@toolfleet/platform/identity';
import type { Approval } from '@toolfleet/platform/postgres';
import { Approvals } from './approvals/approvals.js';
import type { ExplainCallRequest } from './rules/explain-calls.js';
import { ExplainCalls } from './rules/explain-calls.js';

/** Approvals on one page at most; each carries up to 64 KiB of arguments, and a gRPC message 4 MiB. */
const pageMax = 50;

interface ListApprovalsRequest {
  readonly tenant: string;
  readonly pageSize: number;
  readonly pageToken: string;
}

@Controller()
export class PolicyController {
  constructor(
    @Inject(Approvals) private readonly approvals: Approvals,
    @Inject(ExplainCalls) private readonly explanations: ExplainCalls,
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

  /** Rules are told, and of a session what it proposed. */
  @GrpcMethod('PolicyService', 'ExplainCall')
  @Needs('catalog:read')
  explainCall(request: ExplainCallRequest, metadata: object): Promise<object> {
    const caller = this.identity.of(metadata);
    const lacking = request.sessionId ? scopeFault(caller, 'sessions:read') : undefined;
    if (lacking) throw lacking;
    const tenant = tenantFor(caller, request.tenant);
    return this.explanations.explain({ ...request, tenant }, caller.scopes.has('operator'));
  }

  #wireOf(approval: Approval): object {
    return approvalToWire(this.approvals.view(approval));
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
