/**
 * The guard before every handler of HTTP and gRPC. A handler says which scope it takes, or why it is open to all; one that
 * says neither is closed, so a new way in cannot be forgotten. Which tenant a payload names is for the handler to hold
 * against the caller (`tenantFor`), because only it knows where the payload says so.
 */
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { SetMetadata } from '@nestjs/common';
import type { Scope } from '@toolfleet/kernel';
import { broken, scopeFault } from '@toolfleet/kernel';
import 'reflect-metadata';
import type { Identity } from './identity.js';

const scopeKey = 'toolfleet:scope';
const openKey = 'toolfleet:open';

/** The handler is for callers whose token has this scope. */
export const Needs = (scope: Scope) => SetMetadata(scopeKey, scope);

/** The handler asks nobody who he is; `why` is for whoever reads the code. */
export const OpenToAll = (why: string) => SetMetadata(openKey, why);

interface HttpCarrier {
  readonly headers: Readonly<Record<string, unknown>>;
}
interface GrpcCarrier {
  get(name: string): readonly unknown[];
}

export class CallerGuard implements CanActivate {
  /** The identity of the process, asked for when it is needed: a process without ways in has none. */
  constructor(private readonly identity: () => Identity) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const handler = context.getHandler();
    if (Reflect.getMetadata(openKey, handler) !== undefined) return true;
    const scope = Reflect.getMetadata(scopeKey, handler) as Scope | undefined;
    if (scope === undefined) throw broken('SCOPE_UNDECLARED', `${handler.name} declares no scope, so it is closed.`);
    const identity = this.identity();
    const carrier = carrierOf(context);
    const header = 'headers' in carrier ? carrier.headers['authorization'] : carrier.get('authorization')[0];
    const caller = await identity.callerOf(header);
    identity.admit(carrier, caller);
    const fault = scopeFault(caller, scope);
    if (fault) throw fault;
    return true;
  }
}

const carrierOf = (context: ExecutionContext): HttpCarrier | GrpcCarrier =>
  context.getType() === 'http'
    ? context.switchToHttp().getRequest<HttpCarrier>()
    : context.switchToRpc().getContext<GrpcCarrier>();
