/** What rules say to a call, over HTTP/JSON: the policy service answers, this only carries the words. */
import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { bytesToProtoJson } from '@toolfleet/contracts';
import { Identity, Needs } from '@toolfleet/platform/identity';
import { PolicyService, explainResponse } from '../approvals/policy-service.js';
import { checkTenant } from '../sessions/sessions.js';
import type { HttpRequest, HttpResponse } from './exchange.js';
import { readMessage, tenantNamed } from './exchange.js';

@Controller('v1/policy')
export class PolicyHttpController {
  constructor(
    @Inject(PolicyService) private readonly policy: PolicyService,
    @Inject(Identity) private readonly identity: Identity,
  ) {}

  @Post('explain')
  @Needs('catalog:read')
  async explain(@Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
    const body = await readMessage(request, 'toolfleet.policy.v1.ExplainCallRequest');
    const tenant = tenantNamed(this.identity.of(request), request, body['tenant'] as string);
    checkTenant(tenant);
    const answer = await this.policy.explain({ ...body, tenant }, request.headers.authorization ?? '');
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(bytesToProtoJson(explainResponse, answer)));
  }
}
