/** Approvals over HTTP/JSON: the policy service decides, this only carries the words. */
import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { approvalDecisionMessage, bytesToProtoJson } from '@toolfleet/contracts';
import type { ApprovalDecisionRequest } from '@toolfleet/contracts';
import { PolicyService, decideResponse, getResponse, listResponse } from '../approvals/policy-service.js';
import { checkTenant } from '../sessions/sessions.js';
import type { HttpRequest, HttpResponse } from './exchange.js';
import { queryNumber, queryText, readMessage } from './exchange.js';

@Controller('v1/approvals')
export class ApprovalsHttpController {
  constructor(@Inject(PolicyService) private readonly policy: PolicyService) {}

  @Get()
  async list(@Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
    const tenant = queryText(request, 'tenant');
    checkTenant(tenant);
    const pageSize = queryNumber(request, 'pageSize');
    const pageToken = queryText(request, 'pageToken');
    send(response, listResponse, await this.policy.list({ tenant, pageSize, pageToken }));
  }

  @Get(':callId')
  async get(@Param('callId') callId: string, @Req() request: HttpRequest, @Res() response: HttpResponse) {
    const tenant = queryText(request, 'tenant');
    checkTenant(tenant);
    send(response, getResponse, await this.policy.get(tenant, callId));
  }

  @Post(':callId/decision')
  async decide(@Param('callId') callId: string, @Req() request: HttpRequest, @Res() response: HttpResponse) {
    const body = (await readMessage(request, approvalDecisionMessage)) as unknown as ApprovalDecisionRequest;
    const tenant = queryText(request, 'tenant') || body.tenant;
    checkTenant(tenant);
    send(response, decideResponse, await this.policy.decide({ ...body, tenant, callId }));
  }
}

function send(response: HttpResponse, fullName: string, bytes: Uint8Array): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(bytesToProtoJson(fullName, bytes)));
}
