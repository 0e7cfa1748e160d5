/** `fleetctl consumers` as a shell sees it, against a real Kafka and a consumer that follows what is told. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TopicNames, groupIdOf } from '@toolfleet/contracts';
import { Placement } from '@toolfleet/kernel';
import { LiveTuning, Outlet, StatusBoard } from '@toolfleet/platform/bus';
import { BusProducer, KeyedConsumer } from '@toolfleet/platform/kafka';
import type { KafkaConnection } from '@toolfleet/platform/kafka';
import { createLogger } from '@toolfleet/platform/telemetry';
import { eventually, kafkaForTests } from '@toolfleet/testkit';
import type { TestKafka } from '@toolfleet/testkit';
import type { ConsumerRow } from './consumer-board.js';
import { runFleetctl } from './fleetctl.fixture.js';
import { setUpTopics } from './setup.js';

const by = ['--actor', 'ann', '--reason', 'incident 7'];
const within = { withinMs: 20_000 };

describe('fleetctl consumers', () => {
  let kafka: TestKafka;
  let producer: BusProducer;
  let consumer: KeyedConsumer;
  let tuning: LiveTuning;
  let board: StatusBoard;
  let topic: string;
  const seen: string[] = [];

  before(async () => {
    kafka = await kafkaForTests();
    await setUpTopics(kafka.brokers, { topicPrefix: kafka.prefix, partitions: 2, toolClasses: ['read'] });
    const connection: KafkaConnection = { brokers: kafka.brokers, clientId: 'spec', log: () => undefined };
    const names = new TopicNames(kafka.prefix);
    topic = names.ofClass('read');
    producer = new BusProducer({ connection });
    const groupId = groupIdOf(kafka.prefix, 'executor', 'read');
    const deadLetters = { topic: names.of('deadletter'), producer };
    consumer = new KeyedConsumer({ connection, groupId, topics: [topic], deadLetters }, ({ headers }) => {
      seen.push(headers['tenant'] ?? '');
    });
    tuning = new LiveTuning(connection, names, createLogger({ level: 'error', roles: 'spec', instance: 'spec' }));
    tuning.serve({ service: 'executor', toolClass: 'read' }, consumer);
    board = new StatusBoard(new Outlet(producer, names, new Placement(2, 1)), 'process-1');
    board.add(consumer);
    await tuning.start();
    await consumer.start();
    board.start();
  });
  after(async () => {
    await board?.close();
    await tuning?.close();
    await consumer?.drain(0);
    await producer?.disconnect();
    await kafka?.stop();
  });

  function fleetctl(...words: string[]) {
    const env = {
      TOOLFLEET_KAFKA_BROKERS: kafka.brokers.join(),
      TOOLFLEET_TOPIC_PREFIX: kafka.prefix,
      TOOLFLEET_PARTITIONS: '2',
      TOOLFLEET_TOOL_CLASSES: 'read',
    };
    return runFleetctl(['consumers', ...words], { env });
  }

  const send = (tenant: string) =>
    producer.send({ topic, partition: 1, key: tenant, value: Buffer.from('x'), headers: { tenant } });

  async function rows(): Promise<ConsumerRow[]> {
    const { code, stdout, stderr } = await fleetctl('list', 'executor', '--json');
    assert.equal(code, 0, stderr);
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as ConsumerRow);
  }

  it('pauses a tenant, shows who holds what of it for how long, and lets it flow again', async () => {
    const paused = await fleetctl(
      'pause',
      'executor',
      '--tool-class',
      'read',
      '--tenant',
      'acme',
      '--for',
      '10m',
      ...by,
    );
    assert.deepEqual([paused.code, paused.stderr], [0, '']);
    assert.match(paused.stdout, /^executor, class read, tenant acme paused until \S+, by ann: incident 7\n$/);
    // Told to the process before anything is sent: a limit that it shows is one that it follows.
    await eventually(() => consumer.stats().partitions.length === 2, within);
    await send('zoo');
    await eventually(() => seen.length === 1, within);
    await send('acme');
    await eventually(() => consumer.stats().partitions.some(({ held }) => held === 1), within);
    const row = await eventually(async () => (await rows()).find(({ held }) => held === 1), within);
    assert.deepEqual(
      [row.partition, row.owner, row.lagRecords, row.inFlight, row.blocked],
      [1, 'process-1', 1, 0, false],
    );
    assert.deepEqual([row.concurrency, row.configuredConcurrency], [64, 64]);
    const [pause] = row.paused;
    assert.deepEqual([pause?.tenant, pause?.by, pause?.reason, seen], ['acme', 'ann', 'incident 7', ['zoo']]);
    const reset = await fleetctl('reset', 'executor', '--tool-class', 'read', '--tenant', 'acme', ...by);
    assert.equal(reset.code, 0, reset.stderr);
    await eventually(() => seen.length === 2, within);
  });

  it('sets a concurrency that the process follows within a second and that ends by itself', async () => {
    const set = await fleetctl('set-concurrency', 'executor', '3', '--for', '4s', '--json', ...by);
    const { expiresAtMs } = JSON.parse(set.stdout) as { expiresAtMs: number };
    await eventually(() => consumer.stats().concurrency === 3, { withinMs: 3_000 });
    await eventually(() => consumer.stats().concurrency === 64, within);
    assert.ok(Date.now() >= expiresAtMs && Date.now() < expiresAtMs + 1_500);
  });

  it('knows the age of what nobody has in hand from the cluster', async () => {
    await board.close();
    await consumer.drain(0);
    await send('late');
    const row = await eventually(async () => (await rows()).find(({ lagSeconds }) => lagSeconds >= 2), within);
    assert.deepEqual([row.partition, row.owner, row.lagRecords, row.inFlight], [1, undefined, 1, undefined]);
    assert.ok(row.lagSeconds < 30, `${row.lagSeconds} s`);
  });

  it('refuses what cannot be meant, each with a reason and an exit code', async () => {
    const cases: readonly [string[], number, RegExp][] = [
      [['pause', 'executer', ...by], 4, /SERVICE_UNKNOWN/],
      [['pause', 'executor', '--tool-class', 'raed', ...by], 4, /TOOL_CLASS_UNKNOWN/],
      [['pause', 'router', '--tool-class', 'read', ...by], 2, /NO_TOOL_CLASSES/],
      [['pause', 'router', '--partition', '2', ...by], 2, /PARTITION_UNKNOWN/],
      [['pause', 'router', '--for', '25h', ...by], 2, /EXPIRY_INVALID/],
      [['set-concurrency', 'router', '0', ...by], 2, /CONCURRENCY_INVALID/],
      [['set-concurrency', 'router', '1', '--tenant', 'acme', ...by], 2, /CONCURRENCY_TARGET/],
      [['pause', 'router', '--actor', 'ann'], 2, /--reason/],
      [['reset', 'router', ...by], 4, /NO_CHANGE/],
    ];
    for (const [words, code, text] of cases) {
      // oxlint-disable-next-line no-await-in-loop -- one process at a time is enough for two cores
      const ended = await fleetctl(...words);
      assert.deepEqual([ended.code, ended.stdout], [code, ''], words.join(' '));
      assert.match(ended.stderr, text);
    }
  });
});
