import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { decodeSessionAdmission } from '@toolfleet/contracts';
import type { SessionRequest } from '@toolfleet/kernel';
import { sessionIdOf } from '@toolfleet/kernel';
import type { RoleRig } from '@toolfleet/platform/nest/testing';
import { startRoleRig } from '@toolfleet/platform/nest/testing';
import { eventually } from '@toolfleet/testkit';
import { publishAcme } from './gateway.fixture.js';
import { gatewayRole } from './gateway.role.js';

const within = { withinMs: 15_000 };
let rig: RoleRig;
let authorization: string;
/** What the tenant's owner was asked at hand, by session, and for which of them it has no room. */
const asked = new Map<string, SessionRequest>();
const noRoom = new Set<string>();

before(async () => {
  const settings = { TOOLFLEET_POLICY_ADDRESS: '127.0.0.1:1' };
  rig = await startRoleRig({ roles: [gatewayRole], environment: process.env, settings });
  const { outlet, catalogue, admissionAtHand } = rig.running.context;
  await publishAcme(outlet);
  await eventually(() => catalogue.catalogue.get('Tenant', 'acme'), within);
  authorization = await rig.issuer.authorization('acme');
  admissionAtHand.serve({
    refuse: (sessionId, request) => {
      asked.set(sessionId, request);
      return noRoom.has(sessionId) ? Promise.resolve() : undefined;
    },
  });
});

after(() => rig?.stop());

async function publish(requestId: string): Promise<void> {
  const { names, producer } = rig.running.context;
  const request = { tenant: 'acme', user: 'u1', requestId, agent: 'retail', input: 'Where is my order?' };
  const value = Buffer.from(JSON.stringify(request));
  await producer.send({ topic: names.of('session.requests'), key: '', value, headers: { authorization } });
}

const admitted = async (): Promise<readonly string[]> =>
  (await rig.records('session.admission')).map((record) => decodeSessionAdmission(record.value).sessionId);

test('a publisher’s request without a chance is refused by its tenant’s owner at hand, any other goes its way', async () => {
  const idOf = (requestId: string): string => sessionIdOf('acme', requestId);
  for (const requestId of ['early', 'soon', 'full']) noRoom.add(idOf(requestId));
  // The token is checked with the first, and once more when the keys have been read for it: its owner hears of both by its lane.
  await publish('early');
  await eventually(async () => (await admitted()).length === 1, within);
  await publish('soon');
  await eventually(async () => (await admitted()).length === 2, within);
  assert.deepEqual([...asked.keys()], []);
  await publish('full');
  await eventually(() => asked.has(idOf('full')), within);
  await publish('fits');
  await eventually(async () => (await admitted()).length === 3, within);
  assert.deepEqual([...(await admitted())].toSorted(), ['early', 'soon', 'fits'].map(idOf).toSorted());
  assert.equal(asked.get(idOf('fits'))?.user, 'u1');
});
