/** Upstreams that fail and hang on real HTTP, and executors that share what they know of them over a real bus. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Manifest, Observation, ToolSpec } from '@toolfleet/kernel';
import { Placement } from '@toolfleet/kernel';
import { TopicNames, allTopics, decodeSessionInbox, type TopicName } from '@toolfleet/contracts';
import { Outlet } from '@toolfleet/platform/bus';
import { Secret, receiptKeyOf } from '@toolfleet/platform/config';
import { BusProducer, ensureTopics, readCompacted } from '@toolfleet/platform/kafka';
import type { TopicReader } from '@toolfleet/platform/kafka';
import { runRoles, type RunningRoles } from '@toolfleet/platform/nest';
import { migrate } from '@toolfleet/platform/postgres';
import { databaseForTests, eventually, kafkaForTests } from '@toolfleet/testkit';
import type { TestDatabase, TestKafka } from '@toolfleet/testkit';
import type { TestServer } from './executor.fixture.js';
import { callOf, serve, toolOf, upstreamOf } from './executor.fixture.js';
import { executorRole } from './executor.role.js';

const secret = 'a secret of the specs, long enough';
const receiptKey = receiptKeyOf(new Secret(secret));
const partitions = 4;
const within = { withinMs: 20_000 };

const toolAt = (upstream: string, tool: Partial<ToolSpec> = {}): ToolSpec => {
  const http = { upstream, method: 'POST', path: '/act', query: [], body: 'arguments' } as const;
  return toolOf({ name: `${tool.effect ?? 'read'}-${upstream}`, http, ...tool });
};
const tools = {
  readBad: toolAt('bad'),
  writeBad: toolAt('bad', { effect: 'write' }),
  readGood: toolAt('good'),
  readStuck: toolAt('stuck'),
};
const concurrencyMax = 16;

interface Answered {
  readonly observation: Observation;
  readonly atMs: number;
}

let kafka: TestKafka;
let database: TestDatabase;
let bad: TestServer;
let good: TestServer;
let producer: BusProducer;
let outlet: Outlet;
let inbox: TopicReader;
let executors: { readonly read: RunningRoles; readonly write: RunningRoles };
const answered = new Map<string, Answered>();

before(async () => {
  [kafka, database] = await Promise.all([kafkaForTests(), databaseForTests()]);
  [bad, good] = await Promise.all([serve(() => undefined), serve(() => undefined)]);
  const connection = { brokers: kafka.brokers, clientId: 'upstreams-spec' };
  const names = new TopicNames(kafka.prefix);
  const topics = allTopics(['read', 'write']).map(({ name, sharded, config }) => ({
    name: names.of(name as TopicName),
    partitions: sharded ? partitions : 1,
    config,
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
    TOOLFLEET_EXECUTOR_UPSTREAM_QUEUE_MAX: '16',
  });
  producer = new BusProducer({ connection });
  outlet = new Outlet(producer, names, new Placement(partitions, 4));
  const breaker = { errorThresholdPercentage: 50, resetTimeoutMs: 2_000, volumeThreshold: 10 };
  const manifests: Manifest[] = [
    ...['read', 'write'].map((name): Manifest => {
      return { kind: 'ToolClass', spec: { name, description: '', timeoutMs: 5_000, concurrencyMax, sloMs: 100 } };
    }),
    { kind: 'Upstream', spec: upstreamOf(bad.url, { name: 'bad', breaker }) },
    { kind: 'Upstream', spec: upstreamOf(good.url, { name: 'good', breaker }) },
    { kind: 'Upstream', spec: upstreamOf(bad.url, { name: 'stuck', breaker: { ...breaker, resetTimeoutMs: 200 } }) },
    ...Object.values(tools).map((spec): Manifest => ({ kind: 'Tool', spec })),
  ];
  await Promise.all(manifests.map((manifest) => outlet.catalogEntry(manifest, '1')));
  inbox = readCompacted({
    connection,
    topic: names.of('session.inbox'),
    onRecord: ({ value }) => {
      const { body } = decodeSessionInbox(value);
      if (body.type !== 'observation') return;
      answered.set(body.observation.callId, { observation: body.observation, atMs: Date.now() });
    },
  });
  await inbox.caughtUp;
  executors = { read: await runRoles([executorRole(['read'])]), write: await runRoles([executorRole(['write'])]) };
});

after(async () => {
  await Promise.all([executors?.read.stop(), executors?.write.stop()]);
  await inbox?.close();
  await producer?.disconnect();
  bad?.close();
  good?.close();
  await Promise.all([kafka?.stop(), database?.stop()]);
});

async function send(tool: ToolSpec): Promise<string> {
  const call = callOf(tool, { deadlineAtMs: Date.now() + 20_000, timeoutMs: 8_000 }, receiptKey);
  await outlet.toolCall(call);
  return call.callId;
}

const endOf = (callId: string) => eventually(() => answered.get(callId), within);
async function saysAfter(tool: ToolSpec): Promise<string> {
  const { outcome, refusal } = (await endOf(await send(tool))).observation;
  return refusal ? `${outcome} ${refusal.reason}` : outcome;
}

async function stateOf(executor: RunningRoles, upstream: string): Promise<string | undefined> {
  const text = await executor.context.metrics.scrape();
  const inEffect = new RegExp(
    `^toolfleet_upstream_breaker_state\\{(?=.*upstream="${upstream}").*state="(\\w+)".*\\} 1\\b`,
    'm',
  );
  return inEffect.exec(text)?.[1];
}

async function concurrencyOf(executor: RunningRoles): Promise<number> {
  const text = await executor.context.metrics.scrape();
  return Number(/^toolfleet_consumer_concurrency\{.*kind="effective".*\} (\d+)/m.exec(text)?.[1]);
}

/** Asks the bad upstream until it is trusted again; how long that took. */
async function msUntilTrusted(tool: ToolSpec): Promise<number> {
  const startedAtMs = Date.now();
  await eventually(async () => (await saysAfter(tool)) === 'ok', within);
  return Date.now() - startedAtMs;
}

beforeEach(async () => {
  for (const server of [bad, good]) server.answer = (_request, response) => response.end('{"done":true}');
  for (const tool of Object.values(tools)) await msUntilTrusted(tool);
});

describe('an upstream in trouble', () => {
  for (const trouble of ['hangs', 'fails every call'] as const) {
    it(`that ${trouble} does not slow another one, and is given up within 2 s`, async () => {
      bad.answer = trouble === 'hangs' ? () => undefined : (_request, response) => response.writeHead(500).end();
      const startedAtMs = Date.now();
      const sent: { readonly callId: string; readonly atMs: number; readonly tool: ToolSpec }[] = [];
      // 60 calls a second to the bad one, 20 to the good one.
      for (let round = 0; Date.now() - startedAtMs < 4_000; round += 1) {
        for (const tool of [tools.readBad, tools.readBad, tools.readBad, tools.readGood]) {
          sent.push({ callId: await send(tool), atMs: Date.now(), tool });
        }
        await sleep(Math.max(startedAtMs + round * 50 - Date.now(), 0));
      }
      const latencies: number[] = [];
      for (const { callId, atMs, tool } of sent) {
        if (tool !== tools.readGood) continue;
        const end = await endOf(callId);
        assert.equal(end.observation.outcome, 'ok');
        latencies.push(end.atMs - atMs);
      }
      assert.ok(latencies.length > 15 && Math.max(...latencies) < 750, latencies.join(' '));
      const openedAtMs = Math.min(
        ...sent.flatMap(({ callId }) => {
          const end = answered.get(callId);
          return end?.observation.refusal?.reason === 'BREAKER_OPEN' ? [end.atMs] : [];
        }),
      );
      assert.ok(openedAtMs - startedAtMs < 2_500, `opened after ${openedAtMs - startedAtMs} ms`);
      bad.answer = (_request, response) => response.end('{"done":true}');
      const tookMs = await msUntilTrusted(tools.readBad);
      assert.ok(tookMs < 5_000, `trusted after ${tookMs} ms`);
    });
  }
});

describe('an upstream that hangs for long', () => {
  it('leaves the others their places, however many probes hang at it beside the calls that came before', async () => {
    bad.answer = () => undefined;
    const requestsBefore = bad.requests.length;
    const stuck: string[] = [];
    while (bad.requests.length - requestsBefore < concurrencyMax) {
      stuck.push(await send(tools.readStuck));
      await sleep(20);
    }
    assert.equal((await endOf(await send(tools.readGood))).observation.outcome, 'ok');
    const over = stuck.filter((callId) => answered.get(callId)?.observation.outcome === 'timedOut');
    assert.deepEqual(over, [], 'it waited for calls that hang');
    bad.server.closeAllConnections();
  });

  it('leaves the others a quarter also of what an operator lets run at once', async () => {
    const target = { service: 'executor', toolClass: 'read' };
    const by = { actor: 'ann', reason: 'spec' };
    const atMs = Date.now();
    const word = { ...by, atMs, expiresAtMs: atMs + 60_000 };
    await outlet.tuningChange({ target, action: 'setConcurrency', concurrency: 4, ...word });
    try {
      await eventually(async () => (await concurrencyOf(executors.read)) === 4, within);
      bad.answer = () => undefined;
      const requestsBefore = bad.requests.length;
      const stuck = await Promise.all(Array.from({ length: 8 }, () => send(tools.readBad)));
      await eventually(() => bad.requests.length - requestsBefore === 3, within);
      assert.equal((await endOf(await send(tools.readGood))).observation.outcome, 'ok');
      assert.deepEqual([bad.requests.length - requestsBefore, stuck.filter((callId) => answered.has(callId))], [3, []]);
    } finally {
      bad.answer = (_request, response) => response.end('{"done":true}');
      bad.server.closeAllConnections();
      await outlet.endTuning(target, 'setConcurrency', by);
    }
    await eventually(async () => (await concurrencyOf(executors.read)) === concurrencyMax, within);
  });
});

describe('breakers of the fleet', () => {
  it('open in an executor that never called the upstream, and close in it again', async () => {
    bad.answer = (_request, response) => response.writeHead(500).end();
    await eventually(async () => (await saysAfter(tools.readBad)) === 'shed BREAKER_OPEN', within);
    await eventually(async () => (await stateOf(executors.write, 'bad')) === 'open', within);
    const requests = bad.requests.length;
    assert.equal(await saysAfter(tools.writeBad), 'shed BREAKER_OPEN');
    assert.equal(bad.requests.length, requests);
    bad.answer = (_request, response) => response.end('{"done":true}');
    const tookMs = await msUntilTrusted(tools.writeBad);
    assert.ok(tookMs < 5_000, `trusted after ${tookMs} ms`);
  });

  it('obey an operator in every executor until the word is withdrawn, and one who comes later obeys, too', async () => {
    const atMs = Date.now();
    const word = { owner: 'ann', reason: 'maintenance', atMs, expiresAtMs: atMs + 60_000 };
    await outlet.breaker({ type: 'override', upstream: 'bad', forced: 'open', ...word });
    for (const executor of Object.values(executors)) {
      await eventually(async () => (await stateOf(executor, 'bad')) === 'forcedOpen', within);
    }
    assert.equal(await saysAfter(tools.readBad), 'shed BREAKER_FORCED_OPEN');
    await executors.read.stop();
    executors = { ...executors, read: await runRoles([executorRole(['read'])]) };
    assert.equal(await saysAfter(tools.readBad), 'shed BREAKER_FORCED_OPEN');
    assert.equal(await saysAfter(tools.readGood), 'ok');
    await outlet.removeBreakerOverride('bad');
    await eventually(async () => (await saysAfter(tools.readBad)) === 'ok', within);
  });
});
