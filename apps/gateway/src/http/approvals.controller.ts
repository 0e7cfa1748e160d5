/** Approvals over HTTP/JSON: the policy service decides, this only carries the words, with the caller's own token. */
import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { approvalDecisionMessage, bytesToProtoJson } from '@toolfleet/contracts';
import type { ApprovalDecisionRequest } from '@toolfleet/contracts';
import { decisionFor, tenantFor } from '@toolfleet/kernel';
import { Identity, Needs } from '@toolfleet/platform/identity';
import { PolicyService, decideResponse, getResponse, listResponse } from '../approvals/policy-service.js';
import { checkTenant } from '../sessions/sessions.js';
import type { HttpRequest, HttpResponse } from './exchange.js';
import { queryNumber, queryText, readMessage, tenantNamed } from './exchange.js';

@Controller('v1/approvals')
export class ApprovalsHttpController {
  constructor(
    @Inject(PolicyService) private readonly policy: PolicyService,
    @Inject(Identity) private readonly identity: Identity,
  ) {}

  @Get()
  @Needs('approvals:read')
  async list(@Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
    const tenant = this.#tenantOf(request);
    const pageSize = queryNumber(request, 'pageSize');
    const pageToken = queryText(request, 'pageToken');
    send(response, listResponse, await this.policy.list({ tenant, pageSize, pageToken }, authorizationOf(request)));
  }

  @Get(':callId')
  @Needs('approvals:read')
  async get(@Param('callId') callId: string, @Req() request: HttpRequest, @Res() response: HttpResponse) {
    const tenant = this.#tenantOf(request);
    send(response, getResponse, await this.policy.get(tenant, callId, authorizationOf(request)));
  }

  @Post(':callId/decision')
  @Needs('approvals:decide')
  async decide(@Param('callId') callId: string, @Req() request: HttpRequest, @Res() response: HttpResponse) {
    const body = (await readMessage(request, approvalDecisionMessage)) as unknown as ApprovalDecisionRequest;
    const caller = this.identity.of(request);
    const tenant = tenantNamed(caller, request, body.tenant);
    checkTenant(tenant);
    // By name: what a message leaves out stands on its prototype.
    const { approve, decidedBy, comment, roles } = body;
    const decision = decisionFor(caller, { tenant, callId, approve, decidedBy, comment, roles });
    send(response, decideResponse, await this.policy.decide(decision, authorizationOf(request)));
  }

  #tenantOf(request: HttpRequest): string {
    const tenant = tenantFor(this.identity.of(request), queryText(request, 'tenant'));
    checkTenant(tenant);
    return tenant;
  }
}

const authorizationOf = ({ headers }: HttpRequest): string => headers.authorization ?? '';

function send(response: HttpResponse, fullName: string, bytes: Uint8Array): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(bytesToProtoJson(fullName, bytes)));
}
