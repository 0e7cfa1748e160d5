/**
 * The policy service, as every way in of the gateway asks for them: bytes of its own messages, both ways, with the
 * `authorization` of whoever asks, which that service verifies itself.
 */
import type { ApprovalDecisionRequest } from '@toolfleet/contracts';
import { encodeApprovalDecision, wireType } from '@toolfleet/contracts';
import type { GrpcClient } from '@toolfleet/platform/grpc';

const messages = 'toolfleet.policy.v1';
const listRequest = wireType(`${messages}.ListApprovalsRequest`);
const explainRequest = wireType(`${messages}.ExplainCallRequest`);
const getRequest = wireType(`${messages}.GetApprovalRequest`);

export const listResponse = `${messages}.ListApprovalsResponse`;
export const getResponse = `${messages}.GetApprovalResponse`;
export const explainResponse = `${messages}.ExplainCallResponse`;
export const decideResponse = `${messages}.DecideApprovalResponse`;

export interface ApprovalsPage {
  readonly tenant: string;
  readonly pageSize: number;
  readonly pageToken: string;
}

export class PolicyService {
  constructor(private readonly client: Pick<GrpcClient, 'unary'>) {}

  /** Those that wait, oldest first. */
  list(page: ApprovalsPage, authorization: string): Promise<Uint8Array> {
    return this.#call('ListApprovals', listRequest.encode(page), authorization);
  }

  get(tenant: string, callId: string, authorization: string): Promise<Uint8Array> {
    return this.#call('GetApproval', getRequest.encode({ tenant, callId }), authorization);
  }

  /** The same decision of the same person again changes nothing. */
  decide(decision: ApprovalDecisionRequest, authorization: string): Promise<Uint8Array> {
    return this.#call('DecideApproval', encodeApprovalDecision(decision), authorization);
  }

  /** `request`: fields of an ExplainCallRequest. */
  explain(request: object, authorization: string): Promise<Uint8Array> {
    return this.#call('ExplainCall', explainRequest.encode(request), authorization);
  }

  #call(method: string, request: Uint8Array, authorization: string): Promise<Uint8Array> {
    return this.client.unary(`${messages}.PolicyService/${method}`, request, { authorization });
  }
}
