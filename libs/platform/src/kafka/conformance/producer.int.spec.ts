import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { faultOf } from '@toolfleet/kernel';
import { Arena, untilCount } from './arena.js';
import { drivers } from './drivers.js';
import { withAdmin } from '../admin.js';
import { BusProducer } from '../producer.js';
import type { OutgoingRecord } from '../records.js';

const reasonsOf = (settled: readonly PromiseSettledResult<void>[]) =>
  settled.map((each) => (each.status === 'fulfilled' ? 'sent' : faultOf(each.reason).reason));

for (const driver of drivers) {
  describe(`producer by ${driver.name}`, () => {
    let arena: Arena;
    before(async () => {
      arena = await Arena.open(driver);
    });
    after(() => arena.close());

    const sendAll = (records: readonly OutgoingRecord[]) =>
      Promise.allSettled(records.map((record) => arena.producer.send(record)));
    const value = Buffer.from('v');

    test('records go to the partition named, or where Java clients put their key', async () => {
      const topic = await arena.topic(8);
      const partitions = new Map<string, number>();
      await arena.started({ topics: [topic] }, (record) => partitions.set(record.key, record.partition));
      await arena.send(topic, [{ key: 'named', partition: 7 }, { key: 'foobar' }, { key: '21' }]);
      await untilCount(() => partitions.size, 3);
      // murmur2 as in Kafka's own UtilsTest: foobar = -790332482, 21 = -973932308.
      const placed = (hash: number) => (hash & 0x7fffffff) % 8;
      assert.deepEqual(
        [partitions.get('named'), partitions.get('foobar'), partitions.get('21')],
        [7, placed(-790332482), placed(-973932308)],
      );
    });

    test('many sends share few requests, and each partition keeps their order', async () => {
      const topic = await arena.topic(2);
      const seen: number[][] = [[], []];
      await arena.started({ topics: [topic], laneOf: () => 'one', limits: { waitingMax: 10_000 } }, (record) => {
        seen[record.partition]!.push(Number(record.headers['n']));
      });
      const { batches } = arena.producer.stats();
      await arena.send(
        topic,
        Array.from({ length: 2_000 }, (_, n) => ({ partition: n % 2, headers: { n: String(n) } })),
      );
      assert.ok(arena.producer.stats().batches - batches < 20);
      await untilCount(() => seen[0]!.length + seen[1]!.length, 2_000);
      for (const numbers of seen)
        assert.deepEqual(
          numbers,
          numbers.toSorted((a, b) => a - b),
        );
    });

    test('bad records fail alone, each with its reason, and their batch mates are sent', async () => {
      const topic = await arena.topic(2);
      const small = await arena.topic(1, { 'max.message.bytes': '2000' });
      const keys: string[] = [];
      await arena.started({ topics: [topic, small] }, (record) => keys.push(record.key));
      const settled = await sendAll([
        { topic, key: 'a', value },
        { topic, key: 'too large for the producer', value: Buffer.alloc(1_000_001) },
        { topic: arena.name('nowhere'), key: 'no topic', value },
        { topic, key: 'b', value, partition: 1 },
        { topic, key: 'no partition', value, partition: 2 },
        { topic: small, key: 'too large for the topic', value: Buffer.alloc(3_000) },
        { topic: small, key: 'c', value },
        { topic: small, key: 'd', value },
      ]);
      assert.deepEqual(reasonsOf(settled), [
        'sent',
        'RECORD_TOO_LARGE',
        'TOPIC_MISSING',
        'sent',
        'PARTITION_UNKNOWN',
        'RECORD_TOO_LARGE',
        'sent',
        'sent',
      ]);
      await untilCount(() => new Set(keys).size, 4);
      assert.deepEqual([...new Set(keys)].toSorted(), ['a', 'b', 'c', 'd']);
      // The producer that took the batch apart goes on as before.
      assert.deepEqual(reasonsOf(await sendAll([{ topic, key: 'e', value }])), ['sent']);
    });

    test('a record of the largest size passes, and so do many large ones at once', async () => {
      const topic = await arena.topic(1);
      const large = Buffer.alloc(999_900);
      const records = Array.from({ length: 3 }, () => ({ topic, key: 'k', value: large }));
      assert.deepEqual(reasonsOf(await sendAll(records)), ['sent', 'sent', 'sent']);
    });

    test('beyond its waiting bytes a producer refuses as overloaded, and what it took is sent', async () => {
      const topic = await arena.topic(1);
      const producer = new BusProducer({ connection: arena.connection, waitingBytesMax: 5_000 });
      const record = { topic, key: 'k', value: Buffer.alloc(1_000) };
      const settled = await Promise.allSettled(Array.from({ length: 10 }, () => producer.send(record)));
      const reasons = reasonsOf(settled);
      assert.deepEqual(new Set(reasons), new Set(['sent', 'BATCH_QUEUE_FULL']));
      assert.equal(faultOf((settled.at(-1) as PromiseRejectedResult).reason).kind, 'overloaded');
      await producer.disconnect();
      assert.equal(
        (await arena.admin.offsets(topic))[0]?.high,
        BigInt(reasons.filter((each) => each === 'sent').length),
      );
    });

    test('without a broker a send ends at its deadline as unreachable', async () => {
      const connection = { ...arena.connection, brokers: ['127.0.0.1:1'] };
      const producer = new BusProducer({ connection });
      const startedAtMs = Date.now();
      const alive = setInterval(() => undefined, 100);
      const outcome = producer.send({ topic: 't', key: 'k', value }, { deadlineAtMs: startedAtMs + 400 });
      await assert.rejects(outcome, { kind: 'unreachable', reason: 'BUS_UNREACHABLE' });
      clearInterval(alive);
      const tookMs = Date.now() - startedAtMs;
      assert.ok(tookMs >= 390 && tookMs < 3_000, `${tookMs} ms`);
      await producer.disconnect();
      await assert.rejects(producer.send({ topic: 't', key: 'k', value }), { reason: 'BUS_CLOSED' });
    });

    test('topics are added when missing and never changed', async () => {
      const topic = await arena.topic(2);
      const added = arena.name('added');
      const ensured = await arena.admin.ensureTopics([
        { name: topic, partitions: 5 },
        { name: added, partitions: 3, config: { 'cleanup.policy': 'compact' } },
      ]);
      assert.deepEqual(ensured, {
        created: [added],
        kept: [topic],
        mismatched: [{ name: topic, partitions: 5, found: 2 }],
      });
      assert.equal((await arena.admin.offsets(added)).length, 3);
    });

    test('a topic is added although another one, asked for before, is not known to the broker for a while', async () => {
      const topic = await arena.topic();
      await withAdmin(arena.connection, (other) => other.deleteTopics([topic]));
      const adding = arena.topic();
      await sleep(300);
      await withAdmin(arena.connection, (other) => other.ensureTopics([{ name: topic, partitions: 1 }]));
      assert.equal((await arena.admin.offsets(await adding)).length, 1);
    });
  });
}
