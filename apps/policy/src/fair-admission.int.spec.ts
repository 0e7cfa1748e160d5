import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { decodeSessionRouting } from '@toolfleet/contracts';
import type { Manifest } from '@toolfleet/kernel';
import { sessionIdOf } from '@toolfleet/kernel';
import type { RoleRig } from '@toolfleet/platform/nest/testing';
import { startRoleRig } from '@toolfleet/platform/nest/testing';
import { PostgresSessionStore, PostgresWaitingRoom } from '@toolfleet/platform/postgres';
import { eventually } from '@toolfleet/testkit';
import { policyRole } from './policy.role.js';

const within = { withinMs: 20_000 };
const capacity = 8;
const stormSize = 200;

const tenantOf = (name: string): Manifest => {
  const bounds = { concurrentSessionsMax: 100, waitingSessionsMax: 500 };
  return { kind: 'Tenant', spec: { name, displayName: '', agents: ['shop'], ...bounds } };
};

let rig: RoleRig;

before(async () => {
  const settings = { TOOLFLEET_FLEET_SESSIONS_MAX: String(capacity), TOOLFLEET_POLICY_SWEEP_MS: '300' };
  rig = await startRoleRig({ roles: [policyRole], environment: process.env, settings });
  const { outlet, catalogue } = rig.running.context;
  for (const name of ['storm', 'quiet']) await outlet.catalogEntry(tenantOf(name), 'r');
  assert.ok(await eventually(() => catalogue.catalogue.get('Tenant', 'quiet'), within));
  assert.ok(await eventually(() => rig.running.context.health.report().ready, within));
});

after(() => rig?.stop());

function ask(tenant: string, requestId: string): Promise<void> {
  const requested = {
    tenant,
    user: `user of ${requestId}`,
    requestId,
    agent: 'shop',
    input: 'hi',
    roles: [],
    labels: {},
  };
  return rig.running.context.outlet.admission({ tenant, sessionId: sessionIdOf(tenant, requestId), requested });
}

interface Started {
  readonly tenant: string;
  readonly requestId: string;
}

/** In the order of their places: records of different partitions arrive in any order, so by the time of admission. */
async function started(): Promise<readonly Started[]> {
  const routings = (await rig.records('session.routing')).map((record) => decodeSessionRouting(record.value));
  return routings.toSorted((a, b) => a.admittedAtMs - b.admittedAtMs).map(({ request }) => request);
}

const ended = new Set<string>();

function release({ tenant, requestId }: Started): Promise<void> {
  ended.add(requestId);
  return rig.running.context.outlet.admission({ tenant, sessionId: sessionIdOf(tenant, requestId) });
}

test('a quiet tenant takes its half of eight places as they become free, however many sessions a storm has waiting', async () => {
  const room = new PostgresWaitingRoom(rig.running.context.database);
  const names = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}${index}`);
  await Promise.all(names('s', stormSize).map((requestId) => ask('storm', requestId)));
  await eventually(async () => (await room.count('storm')) === stormSize - capacity, within);
  for (const requestId of names('q', 6)) await ask('quiet', requestId);
  await eventually(async () => (await room.count('quiet')) === 6, within);
  assert.equal((await started()).length, capacity);

  // A storm's session ends, a session starts: four of these make the halves equal. Then the quiet tenant's own end.
  const [storms, quiets] = [[...(await started())], [] as Started[]];
  for (const ends of ['storm', 'storm', 'storm', 'storm', 'quiet', 'quiet']) {
    await release((ends === 'storm' ? storms : quiets).shift()!);
    const before = capacity + startedQuiet(await started()).length;
    const all = await eventually(async () => {
      const now = await started();
      return now.length > before && now;
    }, within);
    assert.deepEqual(
      [all.length, all.at(-1)!.tenant],
      [before + 1, 'quiet'],
      'one place, one start, of the quiet tenant',
    );
    quiets.push(all.at(-1)!);
  }
  assert.deepEqual(startedQuiet(await started()), names('q', 6), 'first come, first served within a tenant');
  assert.equal(await room.count('storm'), stormSize - capacity);
});

test('a restart counts what runs, starts nobody beyond it, and tells how fast the line moves', async () => {
  const before = await started();
  const running = before.filter(({ requestId }) => !ended.has(requestId));
  assert.equal(running.length, capacity);
  for (const one of running) await commitStart(one);
  await rig.restart();
  const room = new PostgresWaitingRoom(rig.running.context.database);
  const told = await room.interval('storm');
  await eventually(async () => (await room.interval('storm')) !== told, within);
  assert.equal((await started()).length, before.length);
  await release(running[0]!);
  await eventually(async () => (await started()).length > before.length, within);
  assert.equal((await started()).length, before.length + 1);
});

const startedQuiet = (all: readonly Started[]) =>
  all.filter(({ tenant }) => tenant === 'quiet').map(({ requestId }) => requestId);

async function commitStart({ tenant, requestId }: Started): Promise<void> {
  const { database, placement } = rig.running.context;
  const sessionId = sessionIdOf(tenant, requestId);
  const now = Date.now();
  const head = {
    ...{ tenant, sessionId, partition: placement.partitionOf(tenant, sessionId), status: 'active', active: true },
    ...{ agent: 'shop', userId: 'u1', requestId, seq: 1, nextWakeAtMs: null, usage: {} },
    ...{ createdAtMs: now, updatedAtMs: now },
  };
  const events = [{ seq: 1, type: 'started', atMs: now, payload: Buffer.from([1]) }];
  await new PostgresSessionStore(database).commit({ head, firstSeq: 1, events });
}
