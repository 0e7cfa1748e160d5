/** EffectService: writes whose end nobody knows, for people. */
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { decodeToolCall, effectEndWords } from '@toolfleet/contracts';
import { actorFor, invalid, tenantFor } from '@toolfleet/kernel';
import { Identity, Needs } from '@toolfleet/platform/identity';
import type { NotedEffect } from '@toolfleet/platform/postgres';
import { UnknownWrites } from './unknown-writes.js';

/** Each carries up to 64 KiB of arguments, and a gRPC message 4 MiB. */
const pageMax = 50;

interface ListRequest {
  readonly tenant: string;
  readonly pageSize: number;
}

interface SettleRequest {
  readonly tenant: string;
  readonly callId: string;
  readonly end: unknown;
  readonly actor: string;
  readonly reason: string;
}

@Controller()
export class EffectsController {
  constructor(
    @Inject(UnknownWrites) private readonly writes: UnknownWrites,
    @Inject(Identity) private readonly identity: Identity,
  ) {}

  @GrpcMethod('EffectService', 'ListUnknownEffects')
  @Needs('effects:read')
  async list({ tenant: named, pageSize }: ListRequest, metadata: object) {
    const tenant = tenantFor(this.identity.of(metadata), named);
    const limit = Math.min(pageSize > 0 ? pageSize : pageMax, pageMax);
    return { effects: (await this.writes.list(tenant, limit)).map(effectToWire) };
  }

  @GrpcMethod('EffectService', 'SettleEffect')
  @Needs('effects:settle')
  async settle({ tenant: named, callId, end: wireEnd, actor: claimed, reason }: SettleRequest, metadata: object) {
    const caller = this.identity.of(metadata);
    const tenant = tenantFor(caller, named);
    const actor = actorFor(caller, claimed, 'actor');
    const end = effectEndWords.optionalWord(wireEnd);
    if (!end) throw invalid('FIELD_MISSING', 'end is required.', { details: { field: 'end' } });
    return { effect: effectToWire(await this.writes.settle({ tenant, callId, end, actor, reason })) };
  }
}

function effectToWire(effect: NotedEffect) {
  const { toolVersion, arguments: args, idempotencyKey, user: requestedBy } = decodeToolCall(effect.call);
  const { tenant, sessionId, callId, tool, openedAtMs, tries, nextTryAtMs } = effect;
  const facts = { tenant, sessionId, callId, tool, toolVersion, arguments: args, idempotencyKey, requestedBy };
  return { ...facts, openedAtMs, tries, ...(nextTryAtMs !== null && { nextTryAtMs }) };
}
