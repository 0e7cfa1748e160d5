import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TenantSpec } from '../catalog/manifest.js';
import { limits } from '../limits.js';
import type { SessionRequest } from '../session/session.js';
import type { Admission, TenantLoad } from './admission.js';
import { admit, placeIsLost, placesFree, retryAfterMsOf } from './admission.js';

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
const load = (running: number, waiting: number): TenantLoad => ({ running, waiting, sessionMsMean: 4_000 });

/** Given a load, when a session asks, then. */
function when(given: TenantLoad, changed: Partial<SessionRequest> = {}, of: TenantSpec | undefined = tenant) {
  return said(admit({ ...request, ...changed }, of, given, now));
}

const said = (admission: Admission) =>
  admission.type === 'refuse' ? `refuse ${admission.fault.kind}/${admission.fault.reason}` : admission.type;

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
    const admission = admit(request, tenant, load(2, 3), now);
    assert.ok(admission.type === 'refuse');
    assert.equal(admission.fault.retryAfterMs, 3_000);
    assert.equal(admission.fault.retryable, true);
  });

  test('a tenant without a waiting room is refused as soon as its places are taken', () => {
    const strict = { ...tenant, waitingSessionsMax: 0 };
    assert.equal(when(load(1, 0), {}, strict), 'start');
    assert.equal(when(load(2, 0), {}, strict), 'refuse overloaded/WAITING_ROOM_FULL');
  });

  test('an unknown tenant and an agent that is not the tenant’s are refused for good', () => {
    const unknown = admit(request, undefined, load(0, 0), now);
    assert.equal(said(unknown), 'refuse missing/TENANT_UNKNOWN');
    assert.equal(when(load(0, 0), { agent: 'other' }), 'refuse denied/AGENT_FORBIDDEN');
  });

  test('a session whose deadline has passed does not start', () => {
    assert.equal(when(load(0, 0), { deadlineAtMs: now }), 'refuse expired/DEADLINE_PASSED');
    assert.equal(when(load(0, 0), { deadlineAtMs: now + 1 }), 'start');
  });

  test('nobody waits longer than the deadline of the session, or an hour', () => {
    const early = admit({ ...request, deadlineAtMs: now + 500 }, tenant, load(2, 0), now);
    assert.deepEqual(early, { type: 'wait', expiresAtMs: now + 500 });
    assert.deepEqual(admit(request, tenant, load(2, 0), now), { type: 'wait', expiresAtMs: now + limits.waitingMsMax });
  });
});

test('as many of those that wait may start as places are free, also after the share was made smaller', () => {
  assert.equal(placesFree(tenant, { running: 0 }), 2);
  assert.equal(placesFree(tenant, { running: 2 }), 0);
  assert.equal(placesFree(tenant, { running: 9 }), 0);
});

test('the time to come back is bounded whatever the load', () => {
  assert.equal(retryAfterMsOf(tenant, { running: 2, waiting: 0, sessionMsMean: 0 }), 1_000);
  assert.equal(retryAfterMsOf(tenant, { running: 2, waiting: 1_000_000, sessionMsMean: 60_000 }), 300_000);
});

test('a place is given back when its session has ended, late when it was never seen, never while it runs', () => {
  const since = (ms: number) => now - ms;
  assert.equal(placeIsLost(since(limits.shareCheckedAfterMs - 1), 'ended', now), false);
  assert.equal(placeIsLost(since(limits.shareCheckedAfterMs), 'ended', now), true);
  assert.equal(placeIsLost(since(limits.shareCheckedAfterMs), 'unseen', now), false);
  assert.equal(placeIsLost(since(limits.shareGivenUpAfterMs), 'unseen', now), true);
  assert.equal(placeIsLost(0, 'active', now), false);
});
