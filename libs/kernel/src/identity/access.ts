/**
 * Who may name whom. The token says who calls; a payload may repeat that or leave it out, and anything else is refused, the
 * same whether or not what it names exists: so nobody learns of another tenant what there is.
 */
import { denied } from '../fault.js';
import type { Fault } from '../fault.js';
import type { SessionRequest } from '../session/session.js';
import type { Caller } from './caller.js';
import type { Scope } from './scopes.js';

/** Reasons of refusals that are about who calls, beside all of the kind `unauthenticated`: these are audited. */
const reasons: ReadonlySet<string> = new Set(['SCOPE_MISSING', 'TENANT_MISMATCH', 'USER_MISMATCH', 'ROLES_EXCEEDED']);

export const isCallerRefusal = ({ kind, reason }: Pick<Fault, 'kind' | 'reason'>): boolean =>
  kind === 'unauthenticated' || (kind === 'denied' && reasons.has(reason));

export function scopeFault(caller: Caller, scope: Scope): Fault | undefined {
  if (caller.scopes.has(scope)) return undefined;
  return denied('SCOPE_MISSING', `The token lacks the scope ${scope}.`, {
    details: { scope },
    hint: 'Ask whoever issues your tokens for it.',
  });
}

/** The tenant that a call is about. Throws `denied` TENANT_MISMATCH. */
export function tenantFor(caller: Caller, named: string): string {
  if (named === '' || named === caller.tenant) return caller.tenant;
  if (caller.scopes.has('operator')) return named;
  throw denied('TENANT_MISMATCH', 'The token is of another tenant.', {
    details: { field: 'tenant' },
    hint: 'Leave the tenant out, or use a token of that tenant.',
  });
}

/** Who acts: the user of the token, whatever a payload says. Throws `denied` USER_MISMATCH. */
export function actorFor({ user }: Caller, named: string, field: string): string {
  if (named === '' || named === user) return user;
  throw userMismatch(field, 'Leave it out: whoever the token is of is the one who acts.');
}

/** The request as the session will know it. Throws `denied`: TENANT_MISMATCH, USER_MISMATCH, ROLES_EXCEEDED. */
export function requestFor(caller: Caller, request: SessionRequest): SessionRequest {
  const tenant = tenantFor(caller, request.tenant);
  const user = request.user || caller.user;
  if (caller.scopes.has('sessions:delegate')) {
    // A service lends nobody its own roles.
    const roles = isUserOf(caller, tenant, user) && request.roles.length === 0 ? caller.roles : request.roles;
    return { ...request, tenant, user, roles };
  }
  if (!isUserOf(caller, tenant, user)) throw userMismatch('user', delegation);
  return { ...request, tenant, user, roles: rolesFor(caller, request.roles) };
}

interface Decided {
  readonly tenant: string;
  readonly decidedBy: string;
  readonly roles: readonly string[];
}

/** A decision is that of the person whose token it is: no scope lets anybody take it for another. Throws as above. */
export function decisionFor<Decision extends Decided>(caller: Caller, decision: Decision): Decision {
  const tenant = tenantFor(caller, decision.tenant);
  const decidedBy = actorFor(caller, decision.decidedBy, 'decidedBy');
  return { ...decision, tenant, decidedBy, roles: rolesFor(caller, decision.roles) };
}

/** Those of the token, or the few of them that are named. */
function rolesFor(caller: Caller, named: readonly string[]): readonly string[] {
  if (named.length === 0) return caller.roles;
  if (named.every((role) => caller.roles.includes(role))) return named;
  throw denied('ROLES_EXCEEDED', 'Roles are named that the token does not have.', {
    details: { field: 'roles' },
    hint: 'Leave the roles out to use those of the token, or name some of them.',
  });
}

/** Whether the caller may speak in a session: what is said there is done in the name of the session's user. */
export function speakerFault(
  caller: Caller,
  session: { readonly tenant: string; readonly user: string },
): Fault | undefined {
  if (caller.scopes.has('sessions:delegate') || isUserOf(caller, session.tenant, session.user)) return undefined;
  return userMismatch('user', delegation);
}

/** A name is a person's within one tenant only. */
const isUserOf = (caller: Caller, tenant: string, user: string): boolean =>
  tenant === caller.tenant && user === caller.user;

const delegation = 'Acting for another user takes the scope sessions:delegate.';

const userMismatch = (field: string, hint: string): Fault =>
  denied('USER_MISMATCH', 'The token is of another user.', { details: { field }, hint });
