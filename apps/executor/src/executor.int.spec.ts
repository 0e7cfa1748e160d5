import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { AuthorisedCall, Manifest, Observation, ToolSpec } from '@toolfleet/kernel';
import { Placement } from '@toolfleet/kernel';
import {
  TopicNames,
  allTopics,
  decodeAuditRecords,
  decodeSessionInbox,
  encodeToolCall,
  type TopicName,
} from '@toolfleet/contracts';
import { Outlet } from '@toolfleet/platform/bus';
import { Secret, receiptKeyOf } from '@toolfleet/platform/config';
import { BusProducer, deadLetterHeaders, ensureTopics, readCompacted } from '@toolfleet/platform/kafka';
import type { BusRecord, TopicReader } from '@toolfleet/platform/kafka';
import { runRoles, type RunningRoles } from '@toolfleet/platform/nest';
import { petShop, type PetShop } from '@toolfleet/platform/grpc/testing';
import { Database, migrate } from '@toolfleet/platform/postgres';
import { databaseForTests, eventually, kafkaForTests } from '@toolfleet/testkit';
import type { TestDatabase, TestKafka } from '@toolfleet/testkit';
import { executorRole } from './executor.role.js';
import type { TestServer } from './executor.fixture.js';
import { callOf, serve, tenant, toolOf, upstreamOf } from './executor.fixture.js';

const secret = 'a secret of the specs, long enough';
const receiptKey = receiptKeyOf(new Secret(secret));
const partitions = 4;
const within = { withinMs: 30_000 };
const read = toolOf();
const write = toolOf({ effect: 'write' });

let kafka: TestKafka;
let database: TestDatabase;
let shop: TestServer;
let producer: BusProducer;
let outlet: Outlet;
let names: TopicNames;
let pets: PetShop | undefined;
let running: RunningRoles | undefined;
const readers: TopicReader[] = [];
const seen = { inbox: [] as BusRecord[], audit: [] as BusRecord[], deadLetters: [] as BusRecord[] };

before(async () => {
  [kafka, database] = await Promise.all([kafkaForTests(), databaseForTests()]);
  shop = await serve((_request, response) => response.end('{"done":true}'));
  const connection = { brokers: kafka.brokers, clientId: 'executor-spec' };
  names = new TopicNames(kafka.prefix);
  const topics = allTopics(['read', 'write']).map(({ name, sharded }) => ({
    name: names.of(name as TopicName),
    partitions: sharded ? partitions : 1,
  }));
  await Promise.all([migrate(database.url), ensureTopics(connection, topics)]);
  Object.assign(process.env, {
    TOOLFLEET_KAFKA_BROKERS: kafka.brokers.join(','),
    TOOLFLEET_TOPIC_PREFIX: kafka.prefix,
    TOOLFLEET_PARTITIONS: String(partitions),
    TOOLFLEET_DATABASE_URL: database.url,
    TOOLFLEET_RECEIPT_KEY: secret,
    TOOLFLEET_HTTP_PORT: '0',
    TOOLFLEET_HOST: '127.0.0.1',
    TOOLFLEET_LOG_LEVEL: 'error',
    TOOLFLEET_DRAIN_MS: '0',
  });
  producer = new BusProducer({ connection });
  outlet = new Outlet(producer, names, new Placement(partitions, 4));
  const classOf = (name: string): Manifest => ({
    kind: 'ToolClass',
    spec: { name, description: '', timeoutMs: 5_000, concurrencyMax: 8, sloMs: 100 },
  });
  const tools = [read, write].map((spec): Manifest => ({ kind: 'Tool', spec }));
  const manifests: Manifest[] = [classOf('read'), classOf('write'), ...tools];
  manifests.push({ kind: 'Upstream', spec: upstreamOf(shop.url) });
  manifests.push(...(await othersOf(database.url)));
  const quotas = [{ toolClass: 'read', upstream: '*', callsPerMinute: 1 }];
  const small = { name: 'small', displayName: '', concurrentSessionsMax: 1, waitingSessionsMax: 1, agents: [], quotas };
  manifests.push({ kind: 'Tenant', spec: small });
  await Promise.all(manifests.map((manifest) => outlet.catalogEntry(manifest, '1')));
  const collect = (name: TopicName, into: BusRecord[]) =>
    readers.push(readCompacted({ connection, topic: names.of(name), onRecord: (record) => into.push(record) }));
  collect('session.inbox', seen.inbox);
  collect('audit', seen.audit);
  collect('deadletter', seen.deadLetters);
  await Promise.all(readers.map(({ caughtUp }) => caughtUp));
  running = await runRoles([executorRole(['read', 'write'])]);
});

after(async () => {
  await running?.stop();
  await Promise.all(readers.map((reader) => reader.close()));
  await producer?.disconnect();
  shop?.close();
  pets?.close();
  await Promise.all([kafka?.stop(), database?.stop()]);
});

const sale = (statement: string): Partial<ToolSpec> => ({
  ...{ driver: 'sql', http: undefined },
  sql: { database: 'sales', statement, types: { a: 'integer' }, rowsMax: 9 },
});
const countSales = toolOf({ name: 'countSales', ...sale('SELECT count(*) n FROM sale WHERE id = :a') });
const sell = toolOf({ name: 'sell', effect: 'write', ...sale('INSERT INTO sale VALUES (:a) RETURNING id') });
const grpc = { service: 'pets', method: 'pets.v1.PetService/GetPet' };
const getPet = toolOf({ name: 'getPet', driver: 'grpc', http: undefined, grpc });

/** A database and a gRPC service of others, with their tools. */
async function othersOf(url: string): Promise<Manifest[]> {
  const admin = new Database({ url, applicationName: 'executor-spec' });
  await admin.query({ name: '', text: 'CREATE TABLE sale (id int PRIMARY KEY)' }, []);
  await admin.close();
  process.env['TOOLFLEET_CREDENTIAL_SALES'] = url;
  pets = await petShop({ reflection: 'v1' });
  pets.answer = ({ request }) => ({ ok: { ...request, name: 'Tom' } });
  const { breaker } = upstreamOf('');
  const pool = { connectionEnv: 'TOOLFLEET_CREDENTIAL_SALES', writes: true, poolMax: 2, statementTimeoutMs: 1_000 };
  const service = { name: 'pets', address: pets.address, tls: false, credential: { headers: {} }, breaker };
  return [
    { kind: 'Database', spec: { name: 'sales', breaker, ...pool } },
    { kind: 'GrpcService', spec: service },
    ...[countSales, sell, getPet].map((spec): Manifest => ({ kind: 'Tool', spec })),
  ];
}

const call = (tool: ToolSpec, deadlineInMs = 20_000): AuthorisedCall =>
  callOf(tool, { deadlineAtMs: Date.now() + deadlineInMs }, receiptKey);

function observationsOf({ callId }: AuthorisedCall): Observation[] {
  return seen.inbox.flatMap(({ value }) => {
    const { body } = decodeSessionInbox(value);
    return body.type === 'observation' && body.observation.callId === callId ? [body.observation] : [];
  });
}
const observationsOn = (of: AuthorisedCall, count = 1) =>
  eventually(() => observationsOf(of).length >= count && observationsOf(of), within);
const requests = () => shop.requests.length;

describe('the executor on a real bus, database and tool', () => {
  it('answers a read in the inbox of its session', async () => {
    const reading = call(read);
    await outlet.toolCall(reading);
    const [observation] = await observationsOn(reading);
    assert.deepEqual([observation?.outcome, Buffer.from(observation!.result!).toString()], ['ok', '{"done":true}']);
  });

  it('runs a write once that is delivered twice, gives the same answer twice, and leaves an audit record', async () => {
    const writing = call(write);
    const runBefore = requests();
    await outlet.toolCall(writing);
    await outlet.toolCall(writing);
    const [first, second] = await observationsOn(writing, 2);
    assert.deepEqual([first?.outcome, second, requests() - runBefore], ['ok', first, 1]);
    const records = () => seen.audit.flatMap(({ value }) => decodeAuditRecords(value));
    const audit = await eventually(() => records().find(({ callId }) => callId === writing.callId), within);
    assert.deepEqual([audit.outcome, audit.idempotencyKey], ['ok', writing.idempotencyKey]);
  });

  it('runs statements of databases and methods of gRPC services that the catalogue names', async () => {
    const answerTo = async (tool: ToolSpec, args: object) => {
      const asked = callOf(tool, { arguments: Buffer.from(JSON.stringify(args)) }, receiptKey);
      await outlet.toolCall(asked);
      const [{ outcome, result, refusal } = assert.fail()] = await observationsOn(asked);
      return [outcome, refusal?.reason ?? Buffer.from(result!).toString()];
    };
    const sold = '{"rows":[{"id":7}],"rowCount":1,"truncated":false}';
    assert.deepEqual(await answerTo(sell, { a: 7 }), ['ok', sold]);
    assert.deepEqual(await answerTo(sell, { a: 7 }), ['failed', 'SQL_CONSTRAINT_VIOLATED']);
    assert.deepEqual(await answerTo(sell, { a: 'x' }), ['failed', 'SQL_PARAMETER_INVALID']);
    const counted = '{"rows":[{"n":"1"}],"rowCount":1,"truncated":false}';
    assert.deepEqual(await answerTo(countSales, { a: 7 }), ['ok', counted]);
    const [outcome, pet] = await answerTo(getPet, { petId: 7 });
    assert.equal(outcome, 'ok');
    assert.match(pet!, /^\{"petId":"7","name":"Tom","kind":"KIND_UNSPECIFIED"/);
  });

  it('sheds a call beyond the quota of its tenant, and its figures say so', async () => {
    const [first, second] = [0, 1].map(() => callOf(read, { tenant: 'small' }, receiptKey));
    await outlet.toolCall(first!);
    assert.equal((await observationsOn(first!))[0]?.outcome, 'ok');
    await outlet.toolCall(second!);
    const [{ outcome, refusal } = assert.fail()] = await observationsOn(second!);
    assert.deepEqual([outcome, refusal?.reason, refusal?.remainingBudget], ['shed', 'QUOTA_EXCEEDED', 0]);
    assert.ok(refusal?.retryAfterMs);
    const figures = (await running!.context.metrics.scrape()).split('\n');
    const figure = (name: string) => figures.find((line) => line.startsWith(name) && line.includes('tenant="small"'));
    for (const name of ['leased', 'used', 'refused'])
      assert.match(figure(`toolfleet_quota_${name}`) ?? '', / 1$/, name);
  });

  it('denies what nobody signed, and runs nothing', async () => {
    const [forged, runBefore] = [call(write), requests()];
    await outlet.toolCall({ ...forged, user: 'root' });
    const [observation] = await observationsOn(forged);
    assert.deepEqual([observation?.outcome, observation?.refusal?.reason], ['denied', 'RECEIPT_INVALID']);
    assert.equal(requests(), runBefore);
  });

  it('puts what it cannot read aside with a reason, and its partition goes on', async () => {
    const reading = call(read);
    const topic = names.of('toolcall.read');
    const partition = outlet.placement.partitionOf(tenant, reading.callId);
    const value = Buffer.from('ff ff ff this is no protobuf');
    await producer.send({ topic, partition, key: reading.callId, value, headers: { tenant } });
    await outlet.toolCall(reading);
    await observationsOn(reading);
    const { headers } = await eventually(() => seen.deadLetters[0], within);
    assert.deepEqual([headers[deadLetterHeaders.topic], headers[deadLetterHeaders.kind]], [topic, 'invalid']);
    assert.ok(headers[deadLetterHeaders.reason]);
  });

  it('puts a true call on the topic of another class aside, and runs nothing', async () => {
    const [stray, after, runBefore] = [call(write), call(read), requests()];
    const topic = names.of('toolcall.read');
    const partition = outlet.placement.partitionOf(tenant, stray.callId);
    await producer.send({ topic, partition, key: stray.callId, value: encodeToolCall(stray), headers: { tenant } });
    const reason = () => seen.deadLetters.map(({ headers }) => headers[deadLetterHeaders.reason]);
    await eventually(() => reason().includes('CALL_ON_WRONG_TOPIC'), within);
    await outlet.toolCall(after);
    await observationsOn(after);
    assert.equal(requests(), runBefore + 1);
  });

  it('holds a paused tenant’s calls, shows them, and runs them when the pause ends by itself', async () => {
    const { metrics } = running!.context;
    const atMs = Date.now();
    const by = { actor: 'ann', reason: 'spec', concurrency: 0, atMs, expiresAtMs: atMs + 4_000 };
    await outlet.tuningChange({ target: { service: 'executor', tenant }, action: 'pause', ...by });
    const reading = call(read);
    // The pause reaches the process on its own way: a call is sent only when it shows.
    const probe = toolOf({ name: 'look' });
    await eventually(async () => {
      await outlet.toolCall(callOf(probe, { deadlineAtMs: Date.now() + 20_000 }, receiptKey));
      return /^toolfleet_consumer_held\{.*\} [1-9]/m.test(await metrics.scrape());
    }, within);
    await outlet.toolCall(reading);
    const topic = names.of('toolcall.read');
    const age = new RegExp(`^toolfleet_queue_age_seconds.*"${topic}".* 0*[.]?0*[1-9]`, 'm');
    assert.match(await metrics.scrape(), age);
    assert.match(await metrics.scrape(), /^toolfleet_consumer_concurrency\{.*kind="effective".*\} 8/m);
    assert.deepEqual(observationsOf(reading), []);
    await observationsOn(reading);
    assert.ok(Date.now() >= by.expiresAtMs);
  });

  it('stops a call that its session cancels', async () => {
    shop.answer = () => undefined;
    const [reading, runBefore] = [call(read), requests()];
    await outlet.toolCall(reading);
    await eventually(() => requests() > runBefore, within);
    const { sessionId, callId } = reading;
    await outlet.cancelCalls({ tenant, sessionId, callIds: [callId], reason: 'enough' });
    const [observation] = await observationsOn(reading);
    assert.equal(observation?.outcome, 'cancelled');
  });

  it('never runs a write again that a restart cut off: its end is unknown', async () => {
    const writing = call(write, 6_000);
    let runs = 0;
    // Reads of other tests may be run again by the restart.
    shop.answer = ({ headers }) => {
      if (headers['idempotency-key'] === writing.idempotencyKey) runs += 1;
    };
    await outlet.toolCall(writing);
    await eventually(() => runs > 0, within);
    await running?.stop();
    assert.deepEqual(observationsOf(writing), []);
    running = await runRoles([executorRole(['read', 'write'])]);
    const [observation] = await observationsOn(writing);
    assert.deepEqual([observation?.outcome, observation?.refusal?.reason], ['indeterminate', 'OUTCOME_UNKNOWN']);
    assert.equal(runs, 1);
  });
});
