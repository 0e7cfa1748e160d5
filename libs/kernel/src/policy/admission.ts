/**
 * Who may start now, who waits and who is refused, for one tenant whose single writer asks. A session starts at once only
 * when the tenant has a free place and nobody waits: whoever waits goes first.
 */
import type { TenantSpec } from '../catalog/manifest.js';
import type { Fault } from '../fault.js';
import { denied, expired, missing, overloaded } from '../fault.js';
import { limits } from '../limits.js';
import type { SessionRequest } from '../session/session.js';

/** What the writer knows of a tenant at this moment. */
export interface TenantLoad {
  readonly running: number;
  readonly waiting: number;
  /** Mean time that a session holds its place; 0 before any has ended. */
  readonly sessionMsMean: number;
}

export type Admission =
  | { readonly type: 'start' }
  /** Not worth starting after `expiresAtMs`. */
  | { readonly type: 'wait'; readonly expiresAtMs: number }
  | { readonly type: 'refuse'; readonly fault: Fault };

/** `tenant` is absent when the catalogue has none of that name. */
export function admit(
  request: SessionRequest,
  tenant: TenantSpec | undefined,
  load: TenantLoad,
  now: number,
): Admission {
  const fault = faultOfRequest(request, tenant, now);
  if (fault || !tenant) return { type: 'refuse', fault: fault ?? tenantUnknown() };
  if (load.waiting === 0 && placesFree(tenant, load) > 0) return { type: 'start' };
  if (load.waiting >= tenant.waitingSessionsMax) return { type: 'refuse', fault: waitingRoomFull(tenant, load) };
  return { type: 'wait', expiresAtMs: Math.min(now + limits.waitingMsMax, request.deadlineAtMs ?? Infinity) };
}

/** How many of those that wait may start. */
export function placesFree(tenant: TenantSpec, load: Pick<TenantLoad, 'running'>): number {
  return Math.max(0, tenant.concurrentSessionsMax - load.running);
}

function faultOfRequest(request: SessionRequest, tenant: TenantSpec | undefined, now: number): Fault | undefined {
  if (!tenant) return tenantUnknown();
  if (!tenant.agents.includes(request.agent)) {
    const alternatives = tenant.agents.slice(0, 10);
    return denied('AGENT_FORBIDDEN', 'This tenant may not start this agent.', { alternatives });
  }
  if (request.deadlineAtMs !== undefined && request.deadlineAtMs <= now) {
    return expired('DEADLINE_PASSED', 'The deadline of the session had passed before it could start.');
  }
  return undefined;
}

const tenantUnknown = () => missing('TENANT_UNKNOWN', 'There is no such tenant.');

/** Both bounds keep a client honest: not at once again, and not so late that it believes the fleet to be down. */
const retryAfterMs = { min: 1_000, max: 5 * 60_000 };
/** Until sessions have ended, their length is a guess. */
const sessionMsGuess = 10_000;

export function waitingRoomFull(tenant: TenantSpec, load: TenantLoad): Fault {
  return overloaded('WAITING_ROOM_FULL', 'Too many sessions of this tenant wait already.', {
    retryAfterMs: retryAfterMsOf(tenant, load),
    hint: 'Send the same request again later.',
    details: { waiting: String(load.waiting), waitingMax: String(tenant.waitingSessionsMax) },
  });
}

/** When half of those that wait have gone, at the present pace: a crowd that comes back then finds room. */
export function retryAfterMsOf(tenant: TenantSpec, load: TenantLoad): number {
  const halfMs = ((load.sessionMsMean || sessionMsGuess) * load.waiting) / tenant.concurrentSessionsMax / 2;
  return Math.round(Math.min(Math.max(halfMs, retryAfterMs.min), retryAfterMs.max));
}

/** A session of the running set as the store has it; `unseen`: it has none of that id. */
export type StoredState = 'active' | 'ended' | 'unseen';

/**
 * Whether a place that is held since `heldSinceMs` is to be given back although no release came. An unseen session may
 * still be on its way through routing, so it is given much longer.
 */
export function placeIsLost(heldSinceMs: number, stored: StoredState, now: number): boolean {
  if (stored === 'active') return false;
  return now - heldSinceMs >= (stored === 'ended' ? limits.shareCheckedAfterMs : limits.shareGivenUpAfterMs);
}
