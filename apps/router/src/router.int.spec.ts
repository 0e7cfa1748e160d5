import assert from 'node:assert/strict';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  decodeCatalogEntry,
  decodeSessionAdmission,
  decodeSessionInbox,
  decodeSessionOutcome,
  encodeSessionRouting,
} from '@toolfleet/contracts';
import type { SessionInbox } from '@toolfleet/contracts';
import type { SessionRequest } from '@toolfleet/kernel';
import { definitionTokensOf } from '@toolfleet/kernel';
import { tokensOf } from '@toolfleet/platform/tokens';
import type { RoleRig } from '@toolfleet/platform/nest/testing';
import { startRoleRig } from '@toolfleet/platform/nest/testing';
import { unaryCall } from '@toolfleet/platform/grpc/testing';
import { eventually, testDirectory } from '@toolfleet/testkit';
import { routerRole } from './router.role.js';

const toolOf = (name: string, description: string) => `---
apiVersion: toolfleet.dev/v1
kind: Tool
metadata: { name: ${name} }
spec:
  description: ${description}
  class: read
  effect: read
  http: { upstream: shop, method: GET, path: /${name} }
`;

const manifests = `
apiVersion: toolfleet.dev/v1
kind: Tenant
metadata: { name: acme }
spec: { agents: [shop] }
---
apiVersion: toolfleet.dev/v1
kind: Agent
metadata: { name: shop }
spec: { model: main, toolsOfferedMax: 2, onLimit: escalate, onClaim: askAgain }
---
apiVersion: toolfleet.dev/v1
kind: ModelRoute
metadata: { name: main }
spec: { provider: openai, model: m1, baseUrl: http://127.0.0.1:9 }
---
apiVersion: toolfleet.dev/v1
kind: Upstream
metadata: { name: shop }
spec: { baseUrl: http://127.0.0.1:9 }
${toolOf('get_order', 'Get an order by its number.')}${toolOf('track_parcel', 'Where a parcel is now.')}${toolOf('list_refunds', 'Refunds of a customer.')}`;

let directory: string;
let rig: RoleRig;

before(async () => {
  directory = await testDirectory('catalog-');
  await writeFile(join(directory, 'shop.yaml'), manifests);
  const settings = { TOOLFLEET_CATALOG_DIR: directory, TOOLFLEET_CATALOG_POLL_MS: '300' };
  rig = await startRoleRig({ roles: [routerRole], environment: process.env, settings });
});

after(async () => {
  await rig?.stop();
  await rm(directory, { recursive: true, force: true });
});

const requestOf = (requestId: string, agent: string, input: string): SessionRequest => {
  return { tenant: 'acme', user: 'u1', requestId, agent, input, roles: ['clerk'], labels: {} };
};

async function inboxOf(sessionId: string): Promise<SessionInbox> {
  return eventually(
    async () => {
      const records = await rig.records('session.inbox');
      return records.map((record) => decodeSessionInbox(record.value)).find((inbox) => inbox.sessionId === sessionId);
    },
    { withinMs: 15_000 },
  );
}

const keysOnTopic = async () => (await rig.records('catalog')).map((record) => record.key);
const isReady = () => rig.running.context.health.report().ready;

test('the catalogue is published once, and a restart with the same files publishes nothing', async () => {
  assert.ok(await eventually(isReady, { withinMs: 15_000 }));
  const keys = await eventually(async () => (await keysOnTopic()).length >= 10 && keysOnTopic(), { withinMs: 10_000 });
  assert.deepEqual(new Set(keys).size, keys.length);
  assert.ok(keys.includes('Tool/get_order') && keys.includes('ToolClass/export'));
  await rig.restart();
  assert.ok(await eventually(isReady, { withinMs: 15_000 }));
  assert.equal((await keysOnTopic()).length, keys.length);
});

test('an admitted session starts with the few tools that fit its input', async () => {
  const request = requestOf('r1', 'shop', 'Where is my parcel now?');
  await rig.running.context.outlet.routing({ sessionId: 's1', request, admittedAtMs: 7 });
  const { tenant, body } = await inboxOf('s1');
  assert.equal(tenant, 'acme');
  assert.ok(body.type === 'start');
  assert.equal(body.start.tools.length, 2);
  assert.equal(body.start.tools[0], 'track_parcel');
  assert.equal(body.start.modelRoute, 'main');
  assert.equal(body.start.limits.escalate, true);
  assert.equal(body.start.limits.askAgainOnClaim, true);
  assert.equal(body.start.limits.lastWord, true);
  assert.equal(body.start.admittedAtMs, 7);
  assert.equal(body.start.request.input, request.input);
});

test('a question for more tools is answered with those that match and are not offered yet', async () => {
  const find = {
    tenant: 'acme',
    sessionId: 's2',
    callId: 's2:1:0',
    agent: 'shop',
    user: '',
    query: 'refunds parcel',
    limit: 5,
  };
  await rig.running.context.outlet.findTools({ ...find, offered: ['track_parcel'] });
  assert.deepEqual((await inboxOf('s2')).body, {
    ...{ type: 'toolsFound', callId: 's2:1:0', tools: ['list_refunds'], toolVersions: ['1'] },
  });
});

test('an agent with a budget of schema tokens is shown the best tools that fit, and its session says what did not', async () => {
  const budget = definitionTokensOf(rig.running.context.catalogue.catalogue.get('Tool', 'track_parcel')!, tokensOf);
  const agent = `---
apiVersion: toolfleet.dev/v1
kind: Agent
metadata: { name: thrifty }
spec: { model: main, toolsOfferedMax: 3, schemaTokensMax: ${Math.max(100, budget)} }
`;
  const wordy = toolOf('explain_parcels', `Explains parcels. ${'Where a parcel is and why. '.repeat(40)}`);
  await writeFile(join(directory, 'thrifty.yaml'), `${agent}${wordy}`);
  const { catalogue } = rig.running.context.catalogue;
  assert.ok(await eventually(() => catalogue.get('Agent', 'thrifty'), { withinMs: 10_000 }));
  await rig.running.context.outlet.routing({
    sessionId: 's7',
    request: requestOf('r7', 'thrifty', 'explain where my parcel is'),
    admittedAtMs: 7,
  });
  const { body } = await inboxOf('s7');
  assert.ok(body.type === 'start');
  assert.deepEqual(body.start.toolsLeftOut, ['explain_parcels']);
  assert.equal(body.start.tools[0], 'track_parcel');
  assert.deepEqual(
    body.start.toolVersions,
    body.start.tools.map(() => '1'),
  );
  await rm(join(directory, 'thrifty.yaml'));
  assert.ok(await eventually(() => !catalogue.get('Agent', 'thrifty'), { withinMs: 10_000 }));
});

test('a session whose agent has left the catalogue is rejected and gives its place back', async () => {
  const request = requestOf('r3', 'gone', 'hi');
  await rig.running.context.outlet.routing({ sessionId: 's3', request, admittedAtMs: 1 });
  const outcome = await eventually(
    async () => (await rig.records('session.outcomes')).map((record) => decodeSessionOutcome(record.value))[0],
    { withinMs: 15_000 },
  );
  assert.equal(outcome.status, 'rejected');
  assert.equal(outcome.refusal?.reason, 'AGENT_UNKNOWN');
  const released = await eventually(
    async () => (await rig.records('session.admission')).map((record) => decodeSessionAdmission(record.value))[0],
    { withinMs: 15_000 },
  );
  assert.deepEqual(released, { tenant: 'acme', sessionId: 's3', requested: undefined });
});

test('bytes that are no routing record go to the dead letters and hold nobody up', async () => {
  const { context } = rig.running;
  const topic = context.names.of('session.routing');
  const partition = context.placement.partitionOf('acme', 's4');
  await context.producer.send({ topic, partition, key: 's4', value: Buffer.from('nonsense') });
  await context.producer.send({
    topic,
    partition,
    key: 's4',
    value: encodeSessionRouting({ sessionId: 's4', request: requestOf('r4', 'shop', 'hi'), admittedAtMs: 1 }),
  });
  assert.equal((await inboxOf('s4')).body.type, 'start');
  assert.ok(await eventually(async () => (await rig.records('deadletter')).length === 1, { withinMs: 15_000 }));
});

test('CatalogService lists the tools of an agent and shows what an input would select', async () => {
  const authorization = await rig.issuer.authorization('acme');
  const call = <Answer>(method: string, request: object) =>
    unaryCall<Answer>(rig.grpcAddress, 'toolfleet.catalog.v1.CatalogService', method, request, authorization);
  const { tools, revision } = await call<{ tools: { name: string }[]; revision: string }>('ListTools', {
    tenant: 'acme',
    agent: 'shop',
  });
  assert.deepEqual(
    tools.map((tool) => tool.name),
    ['get_order', 'list_refunds', 'track_parcel'],
  );
  assert.match(revision, /^[0-9a-f]{16}$/);
  const preview = await call<{ tools: { name: string; score: number }[] }>('PreviewSelection', {
    agent: 'shop',
    input: 'refunds of the customer',
  });
  assert.equal(preview.tools[0]?.name, 'list_refunds');
  assert.ok(preview.tools[0].score > 0);
  await assert.rejects(call('PreviewSelection', { agent: 'gone' }), { code: 5 });
});

test('a changed file is live without a restart, a broken one changes nothing, a removed tool is buried', async () => {
  const { catalogue } = rig.running.context.catalogue;
  await writeFile(join(directory, 'more.yaml'), toolOf('cancel_order', 'Cancel an order.'));
  assert.ok(await eventually(() => catalogue.get('Tool', 'cancel_order'), { withinMs: 10_000 }));
  const broken = manifests.replace('model: main', 'model: mian');
  await writeFile(join(directory, 'shop.yaml'), `${broken}${toolOf('never', 'Never live.')}`);
  const { health } = rig.running.context;
  await eventually(() => /refused: 1 problems/.test(health.report().reason), { withinMs: 10_000 });
  assert.equal(health.report().ready, true);
  assert.equal(catalogue.get('Tool', 'never'), undefined);
  await writeFile(join(directory, 'shop.yaml'), manifests);
  await rm(join(directory, 'more.yaml'));
  assert.ok(await eventually(() => catalogue.get('Tool', 'cancel_order') === undefined, { withinMs: 10_000 }));
  assert.equal(await eventually(() => !/refused/.test(health.report().reason), { withinMs: 10_000 }), true);
});

test('a mount that is swapped as a whole, as Kubernetes does, is followed', async () => {
  const { catalogue } = rig.running.context.catalogue;
  const version = join(directory, '..2026_01_01');
  await mkdir(version);
  await cp(join(directory, 'shop.yaml'), join(version, 'shop.yaml'));
  process.emit('SIGHUP');
  await writeFile(join(directory, 'extra.yml'), toolOf('extra_tool', 'One more.'));
  assert.ok(await eventually(() => catalogue.get('Tool', 'extra_tool'), { withinMs: 10_000 }));
  const entries = (await rig.records('catalog')).filter((record) => record.value.length > 0);
  assert.equal(decodeCatalogEntry(entries.at(-1)!.value).manifest.spec.name, 'extra_tool');
});

test('a service that changes its Kafka client goes on in its group where it was', async () => {
  process.env['TOOLFLEET_KAFKA_CLIENT'] = 'platformatic';
  await rig.restart();
  assert.equal(rig.running.context.connection.driver?.name, 'platformatic');
  await rig.running.context.outlet.routing({
    sessionId: 's4',
    request: requestOf('r4', 'shop', 'Where is my parcel now?'),
    admittedAtMs: 7,
  });
  assert.equal((await inboxOf('s4')).body.type, 'start');
  const starts = (await rig.records('session.inbox')).map((record) => decodeSessionInbox(record.value).sessionId);
  assert.equal(starts.filter((sessionId) => sessionId === 's1').length, 1);
});
