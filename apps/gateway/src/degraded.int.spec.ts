import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { unaryCall } from '@toolfleet/platform/grpc/testing';
import type { RoleRig } from '@toolfleet/platform/nest/testing';
import { startRoleRig } from '@toolfleet/platform/nest/testing';
import { eventually } from '@toolfleet/testkit';
import { publishAcme } from './gateway.fixture.js';
import { gatewayRole } from './gateway.role.js';

const lookUpMs = 300;
let rig: RoleRig;
let url: string;
let authorization: string;

before(async () => {
  const settings = {
    TOOLFLEET_POLICY_ADDRESS: '127.0.0.1:1',
    TOOLFLEET_GATEWAY_LOOK_UP_TIMEOUT_MS: String(lookUpMs),
  };
  rig = await startRoleRig({ roles: [gatewayRole], environment: process.env, settings });
  const { outlet, catalogue } = rig.running.context;
  await publishAcme(outlet);
  await eventually(() => catalogue.catalogue.get('Tenant', 'acme'), { withinMs: 15_000 });
  url = await rig.running.app.getUrl();
  authorization = await rig.issuer.authorization('acme');
});

after(() => rig?.stop());

const request = (requestId: string) => {
  return { tenant: 'acme', user: 'u1', requestId, agent: 'retail', input: 'Where is my order?' };
};

const startOverHttp = (requestId: string): Promise<Response> =>
  fetch(`${url}/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify(request(requestId)),
  });

/** Nobody reads a head meanwhile, as with a database that is overloaded. */
function sessionsLocked(forS: number): Promise<unknown> {
  const text = `do $$ begin lock table session; perform pg_sleep(${forS}); end $$`;
  return rig.running.context.database.query({ name: 'lock_sessions', text }, []);
}

test('while the database is slow a start is refused at once and readably, over HTTP and gRPC, and works after it', async () => {
  const locked = sessionsLocked(2);
  await sleep(100);
  const beganAtMs = performance.now();
  const [response, overGrpc] = await Promise.all([
    startOverHttp('slow'),
    unaryCall(
      rig.grpcAddress,
      'toolfleet.session.v1.SessionService',
      'StartSession',
      { request: request('slow-2') },
      authorization,
    ).then(
      () => assert.fail('started'),
      (error: { code?: number; details?: string }) => error,
    ),
  ]);
  assert.ok(performance.now() - beganAtMs < lookUpMs + 1_000);
  assert.deepEqual([response.status, response.headers.get('retry-after')], [503, '1']);
  assert.equal(overGrpc.code, 14);
  for (const refusal of [await response.json(), JSON.parse(overGrpc.details ?? '{}')] as Record<string, unknown>[]) {
    const { reason, retryable, retryAfterMs, hint, details } = refusal;
    assert.deepEqual([reason, retryable, retryAfterMs], ['DATABASE_SLOW', true, 1_000]);
    assert.equal((details as Record<string, string>)['degraded'], 'database');
    assert.ok(hint);
  }
  await locked;
  assert.equal((await startOverHttp('slow')).status, 201);
});
