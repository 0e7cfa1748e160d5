/** Approvals over HTTP/JSON: the policy service decides, this only carries the words. */
import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { bytesToProtoJson, wireType } from '@toolfleet/contracts';
import { GrpcClient } from '@toolfleet/platform/grpc';
import { checkTenant } from '../sessions/sessions.js';
import type { HttpRequest, HttpResponse } from './exchange.js';
import { queryNumber, queryText, readMessage } from './exchange.js';

const policy = 'toolfleet.policy.v1';
const listRequest = wireType(`${policy}.ListApprovalsRequest`);
const decideRequest = wireType(`${policy}.DecideApprovalRequest`);

@Controller('v1/approvals')
export class ApprovalsHttpController {
  constructor(@Inject(GrpcClient) private readonly client: GrpcClient) {}

  @Get()
  async list(@Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
    const tenant = queryText(request, 'tenant');
    checkTenant(tenant);
    const pageSize = queryNumber(request, 'pageSize');
    const approvals = await this.#call('ListApprovals', listRequest.encode({ tenant, pageSize }));
    response.writeHead(200, { 'content-type': 'application/json' }).end(approvals);
  }

  @Post(':callId/decision')
  async decide(@Param('callId') callId: string, @Req() request: HttpRequest, @Res() response: HttpResponse) {
    const body = await readMessage(request, `${policy}.DecideApprovalRequest`);
    const tenant = queryText(request, 'tenant') || (body['tenant'] as string);
    checkTenant(tenant);
    const { approve, decidedBy, comment } = body;
    const decision = { tenant, callId, approve, decidedBy, comment };
    const decided = await this.#call('DecideApproval', decideRequest.encode(decision));
    response.writeHead(200, { 'content-type': 'application/json' }).end(decided);
  }

  async #call(method: string, request: Uint8Array): Promise<string> {
    const bytes = await this.client.unary(`${policy}.PolicyService/${method}`, request);
    return JSON.stringify(bytesToProtoJson(`${policy}.${method}Response`, bytes));
  }
}
