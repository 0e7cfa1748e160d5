import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TenantSpec } from '../catalog/manifest.js';
import { limits } from '../limits.js';
import type { SessionRequest } from '../session/session.js';
import type { Admission, FleetRoom, TenantLoad } from './admission.js';
import { admit, estimatedWaitMs, placeIsLost, placesFree, releaseIntervalMs, retryAfterMsOf } from './admission.js';

const now = 1_790_000_000_000;
const tenant: TenantSpec = {
  name: 'acme',
  displayName: 'Acme',
  concurrentSessionsMax: 2,
  waitingSessionsMax: 3,
  agents: ['shop'],
};
const request: SessionRequest = {
  tenant: 'acme',
  user: 'u1',
  requestId: 'r1',
  agent: 'shop',
  input: 'hi',
  roles: [],
  labels: {},
};
const roomy: FleetRoom = { free: 5, places: Infinity };
const full: FleetRoom = { free: 0, places: 1 };
const load = (running: number, waiting: number): TenantLoad => ({ running, waiting, sessionMsMean: 4_000 });

/** Given a load, when a session asks, then. */
function when(given: TenantLoad, changed: Partial<SessionRequest> = {}, of: TenantSpec = tenant, fleet = roomy) {
  return said(admit({ ...request, ...changed }, of, given, fleet, now));
}

const said = (admission: Admission) =>
  admission.type === 'refuse' ? `refuse ${admission.fault.kind}/${admission.fault.reason}` : admission.type;

const firstWord = (text: string) => text.split(' ')[0];

describe('admission', () => {
  test('a session starts while its tenant has a free place', () => {
    assert.equal(when(load(0, 0)), 'start');
    assert.equal(when(load(1, 0)), 'start');
  });

  test('a session waits when every place of its tenant is taken', () => {
    assert.equal(when(load(2, 0)), 'wait');
    assert.equal(when(load(5, 0)), 'wait');
  });

  test('nobody overtakes those that wait, even when a place is free', () => {
    assert.equal(when(load(1, 1)), 'wait');
  });

  test('a full waiting room refuses, and says when to come back', () => {
    assert.equal(when(load(2, 3)), 'refuse overloaded/WAITING_ROOM_FULL');
    const admission = admit(request, tenant, load(2, 3), roomy, now);
    assert.ok(admission.type === 'refuse');
    assert.equal(admission.fault.retryAfterMs, 3_000);
    assert.equal(admission.fault.retryable, true);
  });

  test('a tenant without a waiting room is refused as soon as its places are taken', () => {
    const strict = { ...tenant, waitingSessionsMax: 0 };
    assert.equal(when(load(1, 0), {}, strict), 'start');
    assert.equal(when(load(2, 0), {}, strict), 'refuse overloaded/WAITING_ROOM_FULL');
  });

  test('a tenant below its own bound waits when the fleet is full, and its refusal says that it is the fleet', () => {
    assert.equal(when(load(1, 0), {}, tenant, full), 'wait');
    const refusals = [admit(request, tenant, load(1, 3), full, now), admit(request, tenant, load(2, 3), full, now)];
    const faults = refusals.map((one) => (one.type === 'refuse' ? one.fault : undefined));
    assert.deepEqual(
      faults.map((fault) => [fault?.reason, fault?.details['placesFree'], fault?.retryAfterMs]),
      [
        ['FLEET_FULL', '1', 6_000],
        ['WAITING_ROOM_FULL', '0', 6_000],
      ],
    );
    assert.notEqual(faults[0]?.hint, faults[1]?.hint);
  });

  test('who comes behind others that are not decided yet gets what they leave: a place, a place in the room, or none', () => {
    const behind = (coming: number, running: number, waiting = 0) => when({ ...load(running, waiting), coming });
    assert.deepEqual([behind(1, 0), behind(2, 0), behind(4, 0), behind(5, 0)].map(firstWord), [
      ...['start', 'wait', 'wait', 'refuse'],
    ]);
    assert.deepEqual([behind(1, 1), behind(3, 2), behind(1, 1, 1), behind(2, 1, 1)].map(firstWord), [
      ...['wait', 'refuse', 'wait', 'refuse'],
    ]);
    const strict = { ...tenant, waitingSessionsMax: 0 };
    assert.equal(when({ ...load(0, 0), coming: 1 }, {}, strict), 'start');
    assert.equal(when({ ...load(0, 0), coming: 2 }, {}, strict), 'refuse overloaded/WAITING_ROOM_FULL');
  });

  test('an unknown tenant and an agent that is not the tenant’s are refused for good', () => {
    const unknown = admit(request, undefined, load(0, 0), roomy, now);
    assert.equal(said(unknown), 'refuse missing/TENANT_UNKNOWN');
    assert.equal(when(load(0, 0), { agent: 'other' }), 'refuse denied/AGENT_FORBIDDEN');
  });

  test('a session whose deadline has passed does not start', () => {
    assert.equal(when(load(0, 0), { deadlineAtMs: now }), 'refuse expired/DEADLINE_PASSED');
    assert.equal(when(load(0, 0), { deadlineAtMs: now + 1 }), 'start');
  });

  test('nobody waits longer than the deadline of the session, or an hour', () => {
    const early = admit({ ...request, deadlineAtMs: now + 500 }, tenant, load(2, 0), roomy, now);
    assert.deepEqual(early, { type: 'wait', expiresAtMs: now + 500 });
    assert.deepEqual(admit(request, tenant, load(2, 0), roomy, now), {
      type: 'wait',
      expiresAtMs: now + limits.waitingMsMax,
    });
  });
});

test('as many of those that wait may start as places are free, also after the share was made smaller', () => {
  assert.equal(placesFree(tenant, { running: 0 }), 2);
  assert.equal(placesFree(tenant, { running: 2 }), 0);
  assert.equal(placesFree(tenant, { running: 9 }), 0);
});

test('the time to come back is bounded whatever the load', () => {
  assert.equal(retryAfterMsOf(tenant, { running: 2, waiting: 0, sessionMsMean: 0 }, roomy), 1_000);
  assert.equal(retryAfterMsOf(tenant, { running: 2, waiting: 1_000_000, sessionMsMean: 60_000 }, roomy), 300_000);
});

test('the wait is estimated from the places that the tenant has, its own or those that the fleet leaves it', () => {
  assert.equal(releaseIntervalMs(tenant, load(2, 3), roomy), 2_000);
  assert.equal(releaseIntervalMs(tenant, load(1, 3), { free: 0, places: 0.5 }), 8_000);
  assert.equal(releaseIntervalMs(tenant, { ...load(2, 3), sessionMsMean: 0 }, roomy), limits.sessionMsGuess / 2);
  assert.equal(estimatedWaitMs(3, 2_000), 6_000);
  assert.equal(estimatedWaitMs(1_000_000, 2_000), limits.waitingMsMax);
});

test('a place is given back when its session has ended, late when it was never seen, never while it runs', () => {
  const since = (ms: number) => now - ms;
  assert.equal(placeIsLost(since(limits.shareCheckedAfterMs - 1), 'ended', now), false);
  assert.equal(placeIsLost(since(limits.shareCheckedAfterMs), 'ended', now), true);
  assert.equal(placeIsLost(since(limits.shareCheckedAfterMs), 'unseen', now), false);
  assert.equal(placeIsLost(since(limits.shareGivenUpAfterMs), 'unseen', now), true);
  assert.equal(placeIsLost(0, 'active', now), false);
});
