import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import {
  TopicNames,
  allTopics,
  decodeSessionAdmission,
  decodeSessionInbox,
  decodeSessionOutcome,
  encodeSessionRequest,
  statusWords,
  wireType,
} from '@toolfleet/contracts';
import type { SessionOutcome, TopicName } from '@toolfleet/contracts';
import type { SessionEvent } from '@toolfleet/kernel';
import { Placement, limits, sessionIdOf } from '@toolfleet/kernel';
import { Outlet } from '@toolfleet/platform/bus';
import { GrpcClient } from '@toolfleet/platform/grpc';
import type { LocalIssuer } from '@toolfleet/platform/identity';
import { openLocalIssuer } from '@toolfleet/platform/identity';
import { BusProducer, ensureTopics, readCompacted } from '@toolfleet/platform/kafka';
import type { BusRecord, TopicReader } from '@toolfleet/platform/kafka';
import { runRoles } from '@toolfleet/platform/nest';
import type { RunningRoles } from '@toolfleet/platform/nest';
import { PostgresWaitingRoom, migrate } from '@toolfleet/platform/postgres';
import { databaseForTests, eventually, freePort, kafkaForTests, testDirectory } from '@toolfleet/testkit';
import type { TestDatabase, TestKafka } from '@toolfleet/testkit';
import type { Happening } from './gateway.fixture.js';
import { done, happenIn, publishAcme, said } from './gateway.fixture.js';
import { gatewayRole } from './gateway.role.js';

const withinMs = 15_000;
const service = 'toolfleet.session.v1';
let kafka: TestKafka;
let database: TestDatabase;
let running: RunningRoles;
let keys: string;
let issuer: LocalIssuer;
/** Of a back-end of the tenant. */
let authorization: string;
let url: string;
let grpc: GrpcClient;
let readers: TopicReader[] = [];
const records = new Map<string, BusRecord[]>();

const request = (requestId: string, change: object = {}) => ({
  tenant: 'acme',
  user: 'u1',
  requestId,
  agent: 'retail',
  input: 'Where is my order?',
  ...change,
});

before(async () => {
  [kafka, database] = await Promise.all([kafkaForTests(), databaseForTests()]);
  const names = new TopicNames(kafka.prefix);
  const connection = { brokers: kafka.brokers, clientId: 'gateway-spec' };
  const topics = allTopics().map(({ name, sharded, config }) => ({
    name: names.of(name as TopicName),
    partitions: sharded ? limits.partitions : 1,
    config,
  }));
  await Promise.all([ensureTopics(connection, topics), migrate(database.url)]);
  const grpcPort = await freePort();
  keys = await testDirectory('gateway-');
  issuer = await openLocalIssuer(keys);
  authorization = await issuer.authorization('acme');
  Object.assign(process.env, {
    TOOLFLEET_KAFKA_BROKERS: kafka.brokers.join(),
    TOOLFLEET_DATABASE_URL: database.url,
    TOOLFLEET_TOPIC_PREFIX: kafka.prefix,
    TOOLFLEET_HTTP_PORT: '0',
    TOOLFLEET_GRPC_PORT: String(grpcPort),
    TOOLFLEET_HOST: '127.0.0.1',
    TOOLFLEET_POLICY_ADDRESS: '127.0.0.1:1',
    TOOLFLEET_LOG_LEVEL: 'error',
    TOOLFLEET_IDENTITY_ISSUERS: issuer.setting,
  });
  grpc = new GrpcClient({ address: `127.0.0.1:${grpcPort}`, deadlineMs: 5_000, headers: { authorization } });
  await publishCatalogue();
  running = await runRoles([gatewayRole]);
  url = await running.app.getUrl();
  readers = (['session.admission', 'session.inbox', 'session.outcomes', 'deadletter'] as const).map((name) => {
    const seen: BusRecord[] = [];
    records.set(name, seen);
    return readCompacted({ connection, topic: names.of(name), onRecord: (record) => void seen.push(record) });
  });
  await Promise.all(readers.map((reader) => reader.caughtUp));
});

after(async () => {
  await Promise.all(readers.map((reader) => reader.close()));
  grpc?.close();
  await running?.stop();
  await Promise.all([kafka?.stop(), database?.stop(), rm(keys, { recursive: true, force: true })]);
});

async function publishCatalogue(): Promise<void> {
  const producer = new BusProducer({ connection: { brokers: kafka.brokers, clientId: 'gateway-spec' } });
  await producer.connect();
  const placement = new Placement(limits.partitions, limits.tenantSpan);
  await publishAcme(new Outlet(producer, new TopicNames(kafka.prefix), placement));
  await producer.disconnect();
}

async function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const all = { 'content-type': 'application/json', authorization, ...headers };
  const response = await fetch(`${url}${path}`, { method: 'POST', body: text, headers: all });
  return { status: response.status, body: (await response.json()) as Record<string, never> };
}

async function getJson(path: string) {
  const response = await fetch(`${url}${path}`, { headers: { authorization } });
  return { status: response.status, body: (await response.json()) as Record<string, never> };
}

async function publish(value: string | Uint8Array, headers: Record<string, string> = {}): Promise<void> {
  const topic = running.context.names.of('session.requests');
  await running.context.producer.send({
    topic,
    key: '',
    value: Buffer.from(value),
    headers: { authorization, ...headers },
  });
}

const admissionsOf = (sessionId: string) =>
  records.get('session.admission')!.filter(({ value }) => decodeSessionAdmission(value).sessionId === sessionId);

const outcomeFor = (requestId: string): Promise<SessionOutcome> =>
  eventually(
    () =>
      records
        .get('session.outcomes')!
        .map(({ value }) => decodeSessionOutcome(value))
        .find((outcome) => outcome.requestId === requestId),
    { withinMs },
  );

const happen = (...facts: Happening) => happenIn(running.context, ...facts);

test('a start over HTTP is admitted once, and its repetition gives the same session back', async () => {
  const first = await post('/v1/sessions', request('h1'));
  const second = await post('/v1/sessions', request('h1'));
  const sessionId = sessionIdOf('acme', 'h1');
  assert.equal(first.status, 201);
  assert.equal((first.body['session'] as { sessionId: string }).sessionId, sessionId);
  assert.equal(second.status, 200);
  assert.equal(second.body['existing'], true);
  await eventually(() => admissionsOf(sessionId).length > 0, { withinMs });
  assert.equal(admissionsOf(sessionId).length, 1);
});

test('a session can be read the moment its start is answered', async () => {
  await post('/v1/sessions', request('h2'));
  const { status, body } = await getJson(`/v1/sessions/${sessionIdOf('acme', 'h2')}?tenant=acme`);
  assert.equal(status, 200);
  assert.equal((body['session'] as { status: string }).status, 'SESSION_STATUS_WAITING');
});

test('a refused start says which field, why and what would work', async () => {
  const rows: [object | string, number, string][] = [
    ['{"tenant":', 400, 'MALFORMED_JSON'],
    [request('x', { agent: '' }), 400, 'FIELD_MISSING'],
    [request('x', { tenant: 'nobody' }), 403, 'TENANT_MISMATCH'],
    [request('x', { agent: 'retial' }), 404, 'AGENT_UNKNOWN'],
    [request('x', { input: 'x'.repeat(limits.inputBytesMax + 1) }), 400, 'FIELD_TOO_LONG'],
    [request('x', { input: 'x'.repeat(limits.recordBytesMax) }), 400, 'BODY_TOO_LARGE'],
  ];
  for (const [body, status, reason] of rows) {
    const refused = await post('/v1/sessions', body);
    assert.deepEqual([refused.status, refused.body['reason']], [status, reason]);
  }
  const near = await post('/v1/sessions', request('x', { agent: 'retial' }));
  assert.deepEqual(near.body['alternatives'], ['retail']);
  const nobody = await issuer.authorization('nobody');
  const unknown = await post('/v1/sessions', request('x', { tenant: '' }), { authorization: nobody });
  assert.deepEqual([unknown.status, unknown.body['reason']], [404, 'TENANT_UNKNOWN']);
  const xml = await post('/v1/sessions', '<a/>', { 'content-type': 'text/xml' });
  assert.deepEqual([xml.status, xml.body['reason']], [400, 'CONTENT_TYPE_UNKNOWN']);
});

test('the public topic takes JSON, protobuf and CloudEvents, and a duplicate asks for the same session', async () => {
  await publish(JSON.stringify(request('k1')));
  await publish(encodeSessionRequest({ ...request('k2'), roles: [], labels: {} }));
  await publish(JSON.stringify({ specversion: '1.0', id: '1', source: '/s', type: 't', data: request('k3') }), {
    'content-type': 'application/cloudevents+json',
  });
  for (const requestId of ['k1', 'k2', 'k3']) {
    await eventually(() => admissionsOf(sessionIdOf('acme', requestId)).length === 1, { withinMs });
  }
  // The owner of the tenant's share knows what runs and waits, and the session itself how it ended.
  await publish(JSON.stringify(request('k1')));
  await eventually(() => admissionsOf(sessionIdOf('acme', 'k1')).length === 2, { withinMs });
});

test('a request on the topic that is refused is answered, never met with silence', async () => {
  const nobody = { authorization: await issuer.authorization('nobody') };
  await publish(JSON.stringify(request('bad-tenant', { tenant: 'nobody' })), nobody);
  await publish(JSON.stringify(request('bad-agent', { agent: 'retial' })));
  const [tenant, agent] = [await outcomeFor('bad-tenant'), await outcomeFor('bad-agent')];
  assert.deepEqual([tenant.status, tenant.refusal?.reason], ['rejected', 'TENANT_UNKNOWN']);
  assert.deepEqual([agent.refusal?.reason, agent.refusal?.alternatives], ['AGENT_UNKNOWN', ['retail']]);
});

test('bytes that nobody can read are dead letters with a reason, and the partition goes on', async () => {
  const dead = records.get('deadletter')!;
  await publish('{"tenant":');
  await publish(Buffer.from([0xff, 0xff, 0xff]));
  await publish(JSON.stringify(request('after-poison')));
  await eventually(() => admissionsOf(sessionIdOf('acme', 'after-poison')).length === 1, { withinMs });
  await eventually(() => dead.length >= 2, { withinMs });
  const reasons = dead.map(({ headers }) => JSON.stringify(headers));
  assert.ok(reasons.some((headers) => headers.includes('MALFORMED_JSON')));
  assert.ok(reasons.some((headers) => headers.includes('MALFORMED_PROTOBUF')));
});

test('a watch replays, follows and ends with the session, and resumes by Last-Event-ID', async () => {
  const path = `/v1/sessions/${sessionIdOf('acme', 'w1')}/events?tenant=acme`;
  await happen('w1', [said(1), said(2)], 'active', 1);
  const response = await fetch(`${url}${path}`, { headers: { authorization } });
  assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  const rest = (async () => (await response.text()).match(/^(id|event): .*$/gm))();
  await happen('w1', [said(3), done(4)], 'completed', 3);
  assert.deepEqual(await rest, ['id: 1', 'id: 2', 'id: 3', 'id: 4', 'event: end']);
  const resumed = await fetch(`${url}${path}`, { headers: { authorization, 'last-event-id': '3' } });
  assert.deepEqual((await resumed.text()).match(/^(id|event): .*$/gm), ['id: 4', 'event: end']);
  const { body } = await getJson(`/v1/sessions/${sessionIdOf('acme', 'w1')}?tenant=acme`);
  assert.equal((body['session'] as { answer: string }).answer, 'It is here.');
});

test('a session keeps its answer when a call of it ended late', async () => {
  const observation = { callId: 'c', outcome: 'ok', startedAtMs: 1, finishedAtMs: 2, resultBytes: 0 } as const;
  await happen('w3', [said(1), done(2)], 'completed', 1);
  await happen('w3', [{ seq: 3, atMs: 3, type: 'toolCallEndedLate', observation }], 'completed', 3);
  const { body } = await getJson(`/v1/sessions/${sessionIdOf('acme', 'w3')}?tenant=acme`);
  assert.equal((body['session'] as { answer: string }).answer, 'It is here.');
});

test('a session shows what was flagged of its answer', async () => {
  const flag = { kind: 'claimWithoutObservation', tool: 'cancel_order', quote: 'It is here.' } as const;
  const flagged = { seq: 2, atMs: 2, type: 'claimsFlagged', turn: 1, flags: [flag], askedAgain: false } as const;
  await happen('w4', [said(1), flagged, done(3)], 'completed', 1);
  const { body } = await getJson(`/v1/sessions/${sessionIdOf('acme', 'w4')}?tenant=acme`);
  const { answer, flags } = body['session'] as { answer: string; flags: unknown };
  assert.equal(answer, 'It is here.');
  assert.deepEqual(flags, [{ ...flag, kind: 'CLAIM_KIND_CLAIM_WITHOUT_OBSERVATION' }]);
});

test('a client that goes away frees its watch', async () => {
  await happen('w2', [said(1)], 'active', 1);
  const gone = new AbortController();
  const path = `/v1/sessions/${sessionIdOf('acme', 'w2')}/events?tenant=acme`;
  const response = await fetch(`${url}${path}`, { headers: { authorization }, signal: gone.signal });
  await response.body!.getReader().read();
  const watchers = async () =>
    /^toolfleet_gateway_watchers(?:\{[^}]*\})? (\d+)/m.exec(await running.context.metrics.scrape())?.[1];
  assert.equal(await watchers(), '1');
  gone.abort();
  await eventually(async () => (await watchers()) === '0', { withinMs });
});

test('a client that said so takes its session along when it goes away, over HTTP and gRPC', async () => {
  const cancels = (id: string) =>
    records
      .get('session.inbox')!
      .map(({ value }) => decodeSessionInbox(value))
      .filter((one) => one.sessionId === id && one.body.type === 'cancel').length;
  const [overHttp, overGrpc] = [sessionIdOf('acme', 'd1'), sessionIdOf('acme', 'd2')];
  await happen('d1', [said(1)], 'active', 1);
  await happen('d2', [said(1)], 'active', 1);
  const gone = new AbortController();
  const path = `/v1/sessions/${overHttp}/events?tenant=acme&cancelOnDisconnect=true`;
  const response = await fetch(`${url}${path}`, { headers: { authorization }, signal: gone.signal });
  await response.body!.getReader().read();
  gone.abort();
  const watch = { tenant: 'acme', sessionId: overGrpc, cancelOnDisconnect: true };
  const bytes = wireType(`${service}.WatchSessionRequest`).encode(watch);
  const signal = AbortSignal.timeout(withinMs);
  for await (const _ of grpc.stream(`${service}.SessionService/WatchSession`, bytes, signal)) break;
  await eventually(() => cancels(overHttp) === 1 && cancels(overGrpc) === 1, { withinMs });
  const { status, body } = await getJson(`${path.replace('=true', '=perhaps')}`);
  assert.deepEqual([status, body['reason']], [400, 'QUERY_INVALID']);
});

test('a session that waits for its turn is read and listed as waiting, and a cancel reaches its admission', async () => {
  const sessionId = sessionIdOf('acme', 'q1');
  const room = new PostgresWaitingRoom(running.context.database);
  const times = { enteredAtMs: 1, expiresAtMs: 9e12 };
  await room.enter({ tenant: 'acme', sessionId, priority: 0, ...times, payload: Buffer.from('opaque') });
  const { body } = await getJson(`/v1/sessions/${sessionId}?tenant=acme`);
  assert.equal((body['session'] as { status: string }).status, 'SESSION_STATUS_WAITING');
  const listed = await getJson('/v1/sessions?tenant=acme&status=waiting');
  assert.deepEqual(
    (listed.body['sessions'] as { sessionId: string }[]).map((session) => session.sessionId),
    [sessionId],
  );
  await post(`/v1/sessions/${sessionId}/cancel?tenant=acme`, {});
  await eventually(() => admissionsOf(sessionId).length === 1, { withinMs });
  const told = decodeSessionAdmission(admissionsOf(sessionId)[0]!.value);
  assert.equal(told.requested, undefined);
});

test('pages of a list follow one another without a gap or a repeat', async () => {
  for (const requestId of ['p1', 'p2', 'p3']) await happen(requestId, [done(1)], 'completed', 1);
  const seen: string[] = [];
  let token = '';
  do {
    const { body } = await getJson(`/v1/sessions?tenant=acme&status=completed&pageSize=2&pageToken=${token}`);
    seen.push(...(body['sessions'] as { sessionId: string }[]).map((session) => session.sessionId));
    token = (body['nextPageToken'] as string | undefined) ?? '';
  } while (token !== '');
  assert.equal(new Set(seen).size, seen.length);
  for (const requestId of ['p1', 'p2', 'p3']) assert.ok(seen.includes(sessionIdOf('acme', requestId)));
  const wrong = await getJson('/v1/sessions?tenant=acme&pageToken=nonsense');
  assert.deepEqual([wrong.status, wrong.body['reason']], [400, 'PAGE_TOKEN_INVALID']);
});

test('a cancel and a message reach the inbox of a known session, and of no other', async () => {
  await happen('c1', [said(1)], 'active', 1);
  const id = sessionIdOf('acme', 'c1');
  assert.equal((await post(`/v1/sessions/${id}/cancel?tenant=acme`, { reason: 'enough' })).status, 202);
  assert.equal((await post(`/v1/sessions/${id}/messages?tenant=acme`, { messageId: 'm9', text: 'more' })).status, 202);
  const inbox = () =>
    records
      .get('session.inbox')!
      .map(({ value }) => decodeSessionInbox(value))
      .filter((one) => one.sessionId === id);
  await eventually(() => inbox().length === 2, { withinMs });
  assert.deepEqual(
    inbox().map(({ body }) => body.type),
    ['cancel', 'userMessage'],
  );
  const other = await post(`/v1/sessions/${sessionIdOf('acme', 'none')}/cancel?tenant=acme`, {});
  assert.deepEqual([other.status, other.body['reason']], [404, 'SESSION_UNKNOWN']);
  await happen('c2', [said(1)], 'cancelled', 1);
  const closed = await post(`/v1/sessions/${sessionIdOf('acme', 'c2')}/messages?tenant=acme`, { text: 'more' });
  assert.deepEqual([closed.status, closed.body['reason']], [409, 'SESSION_CLOSED']);
});

test('approvals say that the policy service cannot be reached, and how long that took is a figure', async () => {
  const { status, body } = await getJson('/v1/approvals?tenant=acme');
  assert.deepEqual([status, body['reason']], [503, 'SERVICE_UNREACHABLE']);
  const figure = /^toolfleet_rpc_seconds_count\{[^}]*method="toolfleet\.policy\.v1\.PolicyService\/ListApprovals"/m;
  assert.match(await running.context.metrics.scrape(), figure);
});

async function callGrpc(method: string, message: object, name = method) {
  const bytes = await grpc.unary(
    `${service}.SessionService/${method}`,
    wireType(`${service}.${name}Request`).encode(message),
  );
  return wireType(`${service}.${name}Response`).decode(bytes) as Record<string, never>;
}

test('gRPC starts, reads, lists and refuses as HTTP does', async () => {
  const first = await callGrpc('StartSession', { request: request('g1') });
  const second = await callGrpc('StartSession', { request: request('g1') });
  const sessionId = sessionIdOf('acme', 'g1');
  assert.deepEqual([first['existing'], second['existing']], [false, true]);
  const { session } = await callGrpc('GetSession', { tenant: 'acme', sessionId });
  assert.equal((session as { status: number }).status, statusWords.number('waiting'));
  await happen('g2', [done(1)], 'completed', 1);
  const status = statusWords.number('completed');
  const { sessions } = await callGrpc('ListSessions', { tenant: 'acme', status, pageSize: 500 });
  assert.ok((sessions as { sessionId: string }[]).some((one) => one.sessionId === sessionIdOf('acme', 'g2')));
  const refused = callGrpc('StartSession', { request: request('g3', { agent: 'retial' }) });
  await assert.rejects(refused, { kind: 'missing', reason: 'AGENT_UNKNOWN', alternatives: ['retail'] });
  await assert.rejects(callGrpc('StartSession', {}), { kind: 'invalid', reason: 'REQUEST_MISSING' });
});

test('a watch over gRPC replays, follows and ends; one that is refused says why', async () => {
  await happen('g4', [said(1)], 'active', 1);
  const seen: unknown[] = [];
  const watch = (requestId: string) =>
    grpc.stream(
      `${service}.SessionService/WatchSession`,
      wireType(`${service}.WatchSessionRequest`).encode({ tenant: 'acme', sessionId: sessionIdOf('acme', requestId) }),
      AbortSignal.timeout(withinMs),
    );
  for await (const bytes of watch('g4')) {
    const { event } = wireType(`${service}.WatchSessionResponse`).decode(bytes) as { event?: SessionEvent };
    seen.push(event?.seq);
    if (event?.seq === 1) await happen('g4', [said(2), done(3)], 'completed', 2);
  }
  assert.deepEqual(seen, [1, 2, 3]);
  await assert.rejects(watch('unknown').next(), { kind: 'missing', reason: 'SESSION_UNKNOWN' });
});
