/** The identity of a process from its settings, and what the audit is told of whom it refuses. */
import type { ArgumentsHost } from '@nestjs/common';
import type { Fault } from '@toolfleet/kernel';
import { loadConfig } from '../config/load-config.js';
import { Identity } from '../identity/identity.js';
import { identitySettings } from '../identity/identity-settings.js';
import { RefusedCallers } from '../identity/refused-callers.js';
import { TokenVerifier } from '../identity/token-verifier.js';
import { StepCounter } from '../telemetry/step-counter.js';
import type { RoleContext } from './role.js';

export function identityOf({ log, metrics, outlet }: RoleContext): Identity {
  const verifier = new TokenVerifier({ settings: loadConfig(identitySettings), log });
  const counter = new StepCounter(
    metrics.meter,
    'toolfleet_callers_refused',
    ['reason'],
    'Callers that were refused for who they are.',
  );
  const count = (reason: string): void => counter.add(1, { reason });
  return new Identity(verifier, new RefusedCallers({ audit: (record) => outlet.audit(record), count, log }));
}

interface HttpCarrier {
  readonly method: string;
  readonly route?: { readonly path?: string };
}
interface GrpcCall {
  getPath?(): string;
}

export function noteRefused(identity: Identity, fault: Fault, host: ArgumentsHost): void {
  if (host.getType() === 'http') {
    const request = host.switchToHttp().getRequest<HttpCarrier>();
    const way = `${request.method} ${request.route?.path ?? ''}`;
    return identity.refused.note(fault, { caller: identity.find(request), way, service: 'gateway' });
  }
  const way = host.getArgByIndex<GrpcCall | undefined>(2)?.getPath?.() ?? '';
  const caller = identity.find(host.switchToRpc().getContext<object>());
  identity.refused.note(fault, { caller, way, service: serviceOf(way) });
}

/** Of a process that runs several: the one whose package it is. */
function serviceOf(path: string): string {
  if (path.startsWith('/toolfleet.policy.')) return 'policy';
  return path.startsWith('/toolfleet.catalog.') ? 'router' : 'gateway';
}
