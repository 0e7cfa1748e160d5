/**
 * Who may start now, who waits and who is refused, for one tenant whose single writer asks. A session starts at once only
 * when the tenant and the fleet have a free place and nobody of the tenant waits: whoever waits goes first.
 */
import type { TenantSpec } from '../catalog/manifest.js';
import { degraded } from '../degraded.js';
import type { Fault } from '../fault.js';
import { denied, expired, missing, overloaded } from '../fault.js';
import { limits } from '../limits.js';
import type { SessionPriority, SessionRequest } from '../session/session.js';

/** What the writer knows of a tenant at this moment. */
export interface TenantLoad {
  readonly running: number;
  readonly waiting: number;
  /** Mean time that a session holds its place; 0 before any has ended. */
  readonly sessionMsMean: number;
  /** Requests that are decided before this one and are on their way to it; default 0. */
  readonly coming?: number;
}

/** What the fleet has left, as the tenant's writer sees it. */
export interface FleetRoom {
  readonly free: number;
  /** Places that this tenant comes to hold at the present load; unbounded while the fleet has free places. */
  readonly places: number;
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
  asked: TenantLoad,
  room: FleetRoom,
  now: number,
): Admission {
  const fault = faultOfRequest(request, tenant, now);
  if (fault || !tenant) return { type: 'refuse', fault: fault ?? tenantUnknown() };
  const { load, fleet } = behindComing(tenant, asked, room);
  if (load.waiting === 0 && placesFree(tenant, load) > 0 && fleet.free > 0) return { type: 'start' };
  if (load.waiting >= tenant.waitingSessionsMax) return { type: 'refuse', fault: waitingRoomFull(tenant, load, fleet) };
  return { type: 'wait', expiresAtMs: Math.min(now + limits.waitingMsMax, request.deadlineAtMs ?? Infinity) };
}

/** As it is once those are decided that come before: who finds a place starts, the others wait. */
function behindComing(tenant: TenantSpec, load: TenantLoad, fleet: FleetRoom): { load: TenantLoad; fleet: FleetRoom } {
  const { running, waiting, coming = 0 } = load;
  if (coming === 0) return { load, fleet };
  const starting = waiting === 0 ? Math.min(coming, placesFree(tenant, load), fleet.free) : 0;
  return {
    load: { ...load, running: running + starting, waiting: waiting + coming - starting },
    fleet: { free: fleet.free - starting, places: fleet.places },
  };
}

/** How many of those that wait may start, as far as the tenant's own bound goes. */
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

/** Share of the fleet against other tenants. */
export const weightOf = (tenant: TenantSpec | undefined): number => tenant?.weight ?? 1;

const priorityRank = { low: -1, normal: 0, high: 1 } as const satisfies Record<SessionPriority, number>;

/** Higher goes first in the tenant's own line; other tenants' lines do not know it. */
export const priorityRankOf = ({ priority = 'normal' }: Pick<SessionRequest, 'priority'>): number =>
  priorityRank[priority];

/** Which bound keeps the next session of the tenant from starting. */
export function boundOf(tenant: TenantSpec, load: Pick<TenantLoad, 'running'>, fleet: FleetRoom): 'tenant' | 'fleet' {
  return placesFree(tenant, load) > 0 && fleet.free === 0 ? 'fleet' : 'tenant';
}

/** Of the fleet only that it is full is told: what other tenants run is nobody's business. */
export function waitingRoomFull(tenant: TenantSpec, load: TenantLoad, fleet: FleetRoom): Fault {
  const details = {
    running: String(load.running),
    runningMax: String(tenant.concurrentSessionsMax),
    placesFree: String(placesFree(tenant, load)),
    waiting: String(load.waiting),
    waitingMax: String(tenant.waitingSessionsMax),
  };
  const retry = { retryAfterMs: retryAfterMsOf(tenant, load, fleet), details };
  if (boundOf(tenant, load, fleet) === 'fleet') {
    const message = 'The fleet is full, and too many sessions of this tenant wait already.';
    const hint =
      'Send the same request again later; the tenant is below its own bound, so other tenants have the places.';
    return degraded('fleet', overloaded('FLEET_FULL', message, { ...retry, hint }));
  }
  return overloaded('WAITING_ROOM_FULL', 'Too many sessions of this tenant wait already.', {
    ...retry,
    hint: 'Send the same request again later, or let the tenant run more sessions at once.',
  });
}

/** For one that no place became free for in time; `tenant` is absent when the catalogue has it no more. */
export function waitedTooLong(tenant: TenantSpec | undefined, load: TenantLoad, fleet: FleetRoom): Fault {
  const bound = tenant && boundOf(tenant, load, fleet);
  const hint =
    bound === 'fleet' ? 'The fleet is full; other tenants have the places.' : 'All places of the tenant are taken.';
  return expired('WAITED_TOO_LONG', 'No place became free before the session expired.', {
    ...(bound && { hint, details: { bound } }),
  });
}

/** Mean time between two sessions of the tenant that may start, while all its places are taken. */
export function releaseIntervalMs(tenant: TenantSpec, load: TenantLoad, fleet: FleetRoom): number {
  return (load.sessionMsMean || limits.sessionMsGuess) / Math.min(tenant.concurrentSessionsMax, fleet.places);
}

/** `position` counts from 1. Nobody waits longer than the room keeps anybody. */
export function estimatedWaitMs(position: number, intervalMs: number): number {
  return Math.round(Math.min(position * intervalMs, limits.waitingMsMax));
}

/** When half of those that wait have gone, at the present pace: a crowd that comes back then finds room. */
export function retryAfterMsOf(tenant: TenantSpec, load: TenantLoad, fleet: FleetRoom): number {
  const halfMs = estimatedWaitMs(load.waiting / 2, releaseIntervalMs(tenant, load, fleet));
  return Math.min(Math.max(halfMs, retryAfterMs.min), retryAfterMs.max);
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
