/** Writes of unknown end over HTTP/JSON: the policy service settles them, this only carries the words, with the caller's token. */
import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { bytesToProtoJson, wireType } from '@toolfleet/contracts';
import { actorFor, tenantFor } from '@toolfleet/kernel';
import { GrpcClient } from '@toolfleet/platform/grpc';
import { Identity, Needs } from '@toolfleet/platform/identity';
import { checkTenant } from '../sessions/sessions.js';
import type { HttpRequest, HttpResponse } from './exchange.js';
import { queryNumber, queryText, readMessage, tenantNamed } from './exchange.js';

const messages = 'toolfleet.effect.v1';
const listRequest = wireType(`${messages}.ListUnknownEffectsRequest`);
const settleRequest = wireType(`${messages}.SettleEffectRequest`);

@Controller('v1/effects')
export class EffectsHttpController {
  constructor(
    @Inject(GrpcClient) private readonly client: GrpcClient,
    @Inject(Identity) private readonly identity: Identity,
  ) {}

  @Get()
  @Needs('effects:read')
  async list(@Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
    const tenant = tenantFor(this.identity.of(request), queryText(request, 'tenant'));
    checkTenant(tenant);
    const pageSize = queryNumber(request, 'pageSize');
    await this.#send('ListUnknownEffects', listRequest.encode({ tenant, pageSize }), request, response);
  }

  @Post(':callId/settlement')
  @Needs('effects:settle')
  async settle(@Param('callId') callId: string, @Req() request: HttpRequest, @Res() response: HttpResponse) {
    const caller = this.identity.of(request);
    const body = await readMessage(request, `${messages}.SettleEffectRequest`);
    const tenant = tenantNamed(caller, request, body['tenant'] as string);
    checkTenant(tenant);
    const actor = actorFor(caller, body['actor'] as string, 'actor');
    const { end, reason } = body;
    await this.#send('SettleEffect', settleRequest.encode({ tenant, callId, end, actor, reason }), request, response);
  }

  async #send(method: string, bytes: Uint8Array, { headers }: HttpRequest, response: HttpResponse): Promise<void> {
    const authorization = headers.authorization ?? '';
    const answer = await this.client.unary(`${messages}.EffectService/${method}`, bytes, { authorization });
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(bytesToProtoJson(`${messages}.${method}Response`, answer)));
  }
}
