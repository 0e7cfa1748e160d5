import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Manifest, Observation, SessionPriority, RuleSpec } from '@toolfleet/kernel';
import { Placement, bundleOf, idempotencyKeyOf, receiptFault, sessionIdOf } from '@toolfleet/kernel';
import {
  TopicNames,
  allTopics,
  decodeSessionOutcome,
  decodeToolCall,
  type SessionOutcome,
  type TopicName,
} from '@toolfleet/contracts';
import { Outlet } from '@toolfleet/platform/bus';
import { Secret, receiptKeyOf } from '@toolfleet/platform/config';
import { BusProducer, deadLetterHeaders, ensureTopics, readCompacted } from '@toolfleet/platform/kafka';
import type { BusRecord, TopicReader } from '@toolfleet/platform/kafka';
import { startReplayModel, type ReplayModel } from '@toolfleet/platform/model-replay';
import { runRoles, type RunningRoles } from '@toolfleet/platform/nest';
import { migrate } from '@toolfleet/platform/postgres';
import { databaseForTests, eventually, kafkaForTests } from '@toolfleet/testkit';
import type { TestDatabase, TestKafka } from '@toolfleet/testkit';
import { orchestratorRole } from './orchestrator.role.js';

const tenant = 'acme';
const secret = 'a secret of the specs, long enough';
const partitions = 4;
const within = { withinMs: 30_000 };

let kafka: TestKafka;
let database: TestDatabase;
let model: ReplayModel;
let silentModel: SilentModel;
let lookingModel: LookingModel;
let producer: BusProducer;
let outlet: Outlet;
let running: RunningRoles | undefined;
let folder: string;
const readers: TopicReader[] = [];
const seen = { calls: [] as BusRecord[], outcomes: [] as BusRecord[], deadLetters: [] as BusRecord[] };

const agent: Manifest = {
  kind: 'Agent',
  spec: {
    ...{ name: 'helper', instructions: 'Help.', model: 'main', tools: ['*'], toolsOfferedMax: 8, onLimit: 'giveUp' },
    limits: { stepsMax: 5, wallTimeMs: 60_000, tokensMax: 1_000_000 },
  },
};
const tool: Manifest = {
  kind: 'Tool',
  spec: {
    ...{ name: 'look', version: '1', owner: 't', description: 'Looks.', parameters: { type: 'object' } },
    ...{ toolClass: 'read', effect: 'read', riskTier: 'low', idempotent: false, driver: 'builtin', timeoutMs: 20_000 },
    observation: { bytesMax: 1_000 },
  },
};
const change: Manifest = {
  kind: 'Tool',
  spec: { ...tool.spec, name: 'change', description: 'Changes.', effect: 'write', toolClass: 'write' },
};
const allowAll: RuleSpec = {
  ...{ name: 'all', effect: 'allow', tenants: ['*'], roles: ['*'], tools: ['*'] },
  ...{ when: '', reason: '', approversNeeded: 0 },
};

before(async () => {
  [kafka, database] = await Promise.all([kafkaForTests(), databaseForTests()]);
  const connection = { brokers: kafka.brokers, clientId: 'orchestrator-spec' };
  const names = new TopicNames(kafka.prefix);
  const topics = allTopics(['read', 'write']).map(({ name, sharded }) => ({
    name: names.of(name as TopicName),
    partitions: sharded ? partitions : 1,
  }));
  await Promise.all([migrate(database.url), ensureTopics(connection, topics)]);
  folder = mkdtempSync(join(tmpdir(), 'orchestrator-spec-'));
  const file = join(folder, 'conversations.jsonl');
  const answers = [{ toolCalls: [{ name: 'look', arguments: { id: '1' } }] }, { text: 'Done.' }];
  const changing = [{ toolCalls: [{ name: 'change', arguments: { id: '1' } }] }, { text: 'Never said.' }];
  const conversations = ['first', 'after poison', 'restarted'].map((input) => ({ id: input, input, answers }));
  conversations.push({ id: 'w', input: 'cancelled in a write', answers: changing });
  writeFileSync(file, conversations.map((conversation) => JSON.stringify(conversation)).join('\n'));
  model = await startReplayModel({ conversationFiles: [file] });
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
  const route = { provider: 'openai', baseUrl: model.url, model: 'm', stream: true, timeoutMs: 5_000 } as const;
  const main: Manifest = { kind: 'ModelRoute', spec: { name: 'main', concurrencyMax: 8, ...route } };
  silentModel = await startSilentModel();
  const toSilent = { ...route, baseUrl: silentModel.url, timeoutMs: 60_000 };
  const silent: Manifest = { kind: 'ModelRoute', spec: { name: 'silent', concurrencyMax: 8, ...toSilent } };
  lookingModel = await startLookingModel(looksOfLongSession);
  const small = { ...route, baseUrl: lookingModel.url, stream: false, contextTokensMax: 2_000 };
  const looking: Manifest = { kind: 'ModelRoute', spec: { name: 'looking', concurrencyMax: 8, ...small } };
  await Promise.all([agent, tool, change, main, silent, looking].map((manifest) => outlet.catalogEntry(manifest, '1')));
  await outlet.policyBundle(bundleOf([allowAll], 0));
  const collect = (name: TopicName, into: BusRecord[]) =>
    readers.push(readCompacted({ connection, topic: names.of(name), onRecord: (record) => into.push(record) }));
  collect('toolcall.read', seen.calls);
  collect('toolcall.write', seen.calls);
  collect('session.outcomes', seen.outcomes);
  collect('deadletter', seen.deadLetters);
  await Promise.all(readers.map(({ caughtUp }) => caughtUp));
  running = await runRoles([orchestratorRole]);
});

after(async () => {
  await running?.stop();
  await Promise.all(readers.map((reader) => reader.close()));
  await producer?.disconnect();
  await Promise.all([model?.close(), silentModel?.close(), lookingModel?.close()]);
  if (folder) rmSync(folder, { recursive: true, force: true });
  await Promise.all([kafka?.stop(), database?.stop()]);
});

/** A model that takes every question and answers none. */
interface SilentModel {
  readonly url: string;
  readonly asked: number;
  /** Questions that nobody has hung up on. */
  readonly open: number;
  close(): Promise<void>;
}

async function startSilentModel(): Promise<SilentModel> {
  let [asked, open] = [0, 0];
  const server = createServer((_request, response) => {
    asked += 1;
    open += 1;
    response.once('close', () => (open -= 1));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get asked() {
      return asked;
    },
    get open() {
      return open;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

const looksOfLongSession = 8;

interface Said {
  readonly role: string;
  readonly content: string | null;
  readonly tool_calls?: readonly { readonly id: string }[];
  readonly tool_call_id?: string;
}

/** A model that looks again and again, and then claims what it never did. */
interface LookingModel {
  readonly url: string;
  readonly asked: readonly (readonly Said[])[];
  close(): Promise<void>;
}

async function startLookingModel(looks: number): Promise<LookingModel> {
  const asked: Said[][] = [];
  const reply = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const turn = asked.push((JSON.parse(await text(request)) as { messages: Said[] }).messages);
    const call = { id: `c${turn}`, type: 'function', function: { name: 'look', arguments: `{"page":${turn}}` } };
    const calls = { role: 'assistant', content: null, tool_calls: [call] };
    const message = turn > looks ? { role: 'assistant', content: 'The `change` tool returned: done.' } : calls;
    const choices = [{ index: 0, message, finish_reason: turn > looks ? 'stop' : 'tool_calls' }];
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ choices }));
  };
  const server = createServer((request, response) => void reply(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()).closeAllConnections());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close };
}

async function start(input: string, priority?: SessionPriority, modelRoute = 'main'): Promise<string> {
  const sessionId = sessionIdOf(tenant, input);
  const request = { tenant, user: 'u1', requestId: input, agent: 'helper', input, roles: [], labels: {}, priority };
  const limits = { stepsMax: 20, wallTimeMs: 60_000, tokensMax: 1_000_000, escalate: false };
  const plan = { tools: ['look', 'change'], limits, modelRoute, admittedAtMs: Date.now() };
  await outlet.inbox({ tenant, sessionId, body: { type: 'start', start: { request, ...plan } } });
  return sessionId;
}

const cancel = (sessionId: string) =>
  outlet.inbox({ tenant, sessionId, body: { type: 'cancel', reason: 'enough', requestedBy: 'u1' } });
const callsOf = (sessionId: string) =>
  seen.calls.map(({ value }) => decodeToolCall(value)).filter((call) => call.sessionId === sessionId);
const outcomesOf = (sessionId: string): SessionOutcome[] =>
  seen.outcomes.map(({ value }) => decodeSessionOutcome(value)).filter((outcome) => outcome.sessionId === sessionId);

function answer(sessionId: string, callId: string, found = '{"found":true}'): Promise<void> {
  const result = Buffer.from(found);
  const times = { startedAtMs: Date.now(), finishedAtMs: Date.now() };
  const observation: Observation = { callId, outcome: 'ok', result, resultBytes: result.byteLength, ...times };
  return outlet.inbox({ tenant, sessionId, body: { type: 'observation', observation } });
}

describe('the orchestrator on a real bus and database', () => {
  it('takes a session from its start over a call with a true receipt to its outcome', async () => {
    const sessionId = await start('first', 'low');
    const [call] = await eventually(() => callsOf(sessionId).length > 0 && callsOf(sessionId), within);
    const { tool: name, arguments: args, priority } = call!;
    assert.deepEqual([name, Buffer.from(args).toString(), priority], ['look', '{"id":"1"}', 'low']);
    assert.equal(call!.idempotencyKey, '', 'a read has none');
    assert.equal(receiptFault(call!, [receiptKeyOf(new Secret(secret))], Date.now()), undefined);
    await answer(sessionId, call!.callId);
    const [outcome] = await eventually(() => outcomesOf(sessionId).length > 0 && outcomesOf(sessionId), within);
    assert.deepEqual([outcome?.status, outcome?.answer, outcome?.turns], ['completed', 'Done.', 2]);
    assert.deepEqual(
      outcome?.calls.map(({ outcome }) => outcome),
      ['ok'],
    );
  });

  it('hangs up on the model of a session that is cancelled', async () => {
    const sessionId = await start('cancelled in thought', undefined, 'silent');
    await eventually(() => silentModel.asked === 1, within);
    await cancel(sessionId);
    const [outcome] = await eventually(() => outcomesOf(sessionId).length > 0 && outcomesOf(sessionId), within);
    await eventually(() => silentModel.open === 0, within);
    assert.deepEqual([outcome?.status, silentModel.asked], ['cancelled', 1]);
  });

  it('tells the outcome of a cancelled session again when a write was done after all', async () => {
    const sessionId = await start('cancelled in a write');
    const [call] = await eventually(() => callsOf(sessionId).length > 0 && callsOf(sessionId), within);
    assert.equal(call!.idempotencyKey, idempotencyKeyOf(tenant, call!.callId));
    await cancel(sessionId);
    await answer(sessionId, call!.callId);
    const outcomes = await eventually(() => outcomesOf(sessionId).length > 1 && outcomesOf(sessionId), within);
    assert.deepEqual(
      outcomes.map(({ status, calls }) => [status, calls[0]?.outcome]),
      [
        ['cancelled', 'indeterminate'],
        ['cancelled', 'ok'],
      ],
    );
    const counted = /^toolfleet_session_outcomes_total\{[^}]*status="cancelled"[^}]*\} 2$/m;
    // Counted once the bus has taken it, which its readers may know first.
    await eventually(async () => counted.test(await running!.context.metrics.scrape()), within);
  });

  it('goes on with a session that has grown too long, told by a summary, and flags a claim of what it never did', async () => {
    const sessionId = await start('long', undefined, 'looking');
    for (let turn = 1; turn <= looksOfLongSession; turn += 1) {
      const call = await eventually(() => callsOf(sessionId)[turn - 1], within);
      const rows = Array.from({ length: 60 }, (_, row) => ({ order_id: `#W${turn}00${row}`, state: 'pending' }));
      await answer(sessionId, call.callId, JSON.stringify(rows));
    }
    const [outcome] = await eventually(() => outcomesOf(sessionId).length > 0 && outcomesOf(sessionId), within);
    assert.deepEqual([outcome?.status, outcome?.turns], ['completed', looksOfLongSession + 1]);
    assert.deepEqual(
      outcome?.flags?.map(({ kind, tool }) => [kind, tool]),
      [['claimWithoutObservation', 'change']],
    );
    const last = lookingModel.asked.at(-1)!;
    const summary = last.find(({ role, content }) => role === 'user' && content?.startsWith('[State of this session'));
    assert.match(summary?.content ?? '', /- 1:0 look \{"page":1\}: ok; ids order_id=#W1000/);
    assert.match(summary?.content ?? '', /You have not yet called, up to here: change\./);
    const proposed = last.flatMap(({ tool_calls = [] }) => tool_calls.map(({ id }) => id));
    const results = last.flatMap(({ tool_call_id: id }) => (id ? [id] : []));
    assert.ok(proposed.length > 0 && proposed.length < looksOfLongSession);
    assert.deepEqual(results, proposed, 'each call has its result');
    const scraped = await running!.context.metrics.scrape();
    assert.match(scraped, /^toolfleet_context_compacted_turns_total\{agent="helper"[^}]*\} [1-9]/m);
    assert.match(scraped, /^toolfleet_claims_flagged_total\{agent="helper",kind="claimWithoutObservation"[^}]*\} 1$/m);
  });

  it('puts what it cannot read aside with a reason, and its partition goes on', async () => {
    const sessionId = sessionIdOf(tenant, 'after poison');
    const topic = new TopicNames(kafka.prefix).of('session.inbox');
    const partition = outlet.placement.partitionOf(tenant, sessionId);
    const poison = Buffer.from('ff ff ff this is no protobuf');
    await producer.send({ topic, partition, key: sessionId, value: poison, headers: { tenant } });
    await start('after poison');
    const [call] = await eventually(() => callsOf(sessionId).length > 0 && callsOf(sessionId), within);
    await answer(sessionId, call!.callId);
    await eventually(() => outcomesOf(sessionId).length > 0, within);
    const dead = await eventually(() => seen.deadLetters[0], within);
    assert.deepEqual([dead.headers[deadLetterHeaders.topic], dead.headers[deadLetterHeaders.kind]], [topic, 'invalid']);
    assert.ok(dead.headers[deadLetterHeaders.reason]);
    assert.equal(seen.deadLetters.length, 1);
  });

  it('finishes a session once that was cut off in the middle by a restart', async () => {
    const sessionId = await start('restarted');
    const [call] = await eventually(() => callsOf(sessionId).length > 0 && callsOf(sessionId), within);
    await running?.stop();
    running = undefined;
    await answer(sessionId, call!.callId);
    running = await runRoles([orchestratorRole]);
    const outcomes = await eventually(() => outcomesOf(sessionId).length > 0 && outcomesOf(sessionId), within);
    assert.deepEqual([outcomes[0]?.status, outcomes[0]?.turns], ['completed', 2]);
    assert.equal(outcomesOf(sessionId).length, 1);
    assert.deepEqual([...new Set(callsOf(sessionId).map(({ callId }) => callId))], [call!.callId]);
  });
});
