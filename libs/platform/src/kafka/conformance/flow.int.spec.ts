/** How records flow through a consumer while nothing fails: order, concurrency, fairness, bounds and pauses. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { unreachable } from '@toolfleet/kernel';
import { eventually } from '@toolfleet/testkit';
import type { BusRecord } from '../records.js';
import { Arena, Gate, untilCount } from './arena.js';
import { drivers } from './drivers.js';
import { everything, holding, only } from './holding.js';

for (const driver of drivers) {
  describe(`flow by ${driver.name}`, { concurrency: 3 }, () => {
    let arena: Arena;
    before(async () => {
      arena = await Arena.open(driver);
    });
    after(() => arena.close());

    test('records of one key run in order and one at a time, while other keys run beside them', async () => {
      const topic = await arena.topic(4);
      const order = new Map<string, number[]>();
      const busy = new Set<string>();
      let overlaps = 0;
      let together = 0;
      let done = 0;
      const consumer = await arena.started({ topics: [topic] }, async (record) => {
        if (busy.has(record.key)) overlaps += 1;
        busy.add(record.key);
        together = Math.max(together, busy.size);
        order.set(record.key, [...(order.get(record.key) ?? []), Number(record.headers['n'])]);
        await sleep(1);
        busy.delete(record.key);
        done += 1;
      });
      await arena.send(
        topic,
        Array.from({ length: 400 }, (_, n) => ({ key: `k${n % 20}`, headers: { n: String(n) } })),
      );
      await untilCount(() => done, 400);
      assert.equal(overlaps, 0);
      assert.ok(together > 4, `only ${together} keys ran together`);
      for (const numbers of order.values())
        assert.deepEqual(
          numbers,
          numbers.toSorted((a, b) => a - b),
        );
      assert.equal(consumer.stats().finished, 400);
    });

    test('a key that takes 10 s delays no other key of a burst, and holds back only the commit', async () => {
      const topic = await arena.topic(1);
      const slow = new AbortController();
      let others = 0;
      let slowIsDone = false;
      const consumer = await arena.started({ topics: [topic] }, async (record) => {
        if (record.key !== 'slow') return void (others += 1);
        await sleep(10_000, undefined, { signal: slow.signal }).catch(() => undefined);
        slowIsDone = true;
      });
      await arena.send(
        topic,
        Array.from({ length: 1_000 }, (_, n) => ({ key: n === 10 ? 'slow' : `k${n}` })),
      );
      await untilCount(() => others, 999, 8_000);
      assert.equal(slowIsDone, false);
      await arena.untilCommitted(consumer.groupId, topic, [10]);
      assert.equal(consumer.stats().partitions[0]?.gap, 990);
      slow.abort();
      await arena.untilCommitted(consumer.groupId, topic, [1_000]);
    });

    test('never more handlers run than the limit, and the limit changes live', async () => {
      const topic = await arena.topic(2);
      const gate = new Gate();
      const consumer = await arena.started({ topics: [topic], limits: { concurrency: 3 } }, () => gate.wait());
      await arena.send(
        topic,
        Array.from({ length: 20 }, () => ({})),
      );
      await eventually(() => consumer.stats().waiting === 17, { withinMs: 5_000 });
      assert.equal(gate.waiting, 3);
      consumer.setConcurrency(7);
      assert.equal(consumer.stats().inFlight, 7);
      consumer.setConcurrency(1);
      gate.open();
      await eventually(() => consumer.stats().finished === 20, { withinMs: 5_000 });
    });

    test('a tenant with a burst does not delay another tenant', async () => {
      const topic = await arena.topic(1);
      const order: string[] = [];
      const gate = new Gate();
      await arena.started({ topics: [topic], limits: { concurrency: 4 } }, async (record) => {
        await gate.wait();
        order.push(record.headers['tenant'] ?? '');
      });
      const burst = Array.from({ length: 300 }, () => ({ headers: { tenant: 'burst' } }));
      await arena.send(topic, [...burst, ...Array.from({ length: 10 }, () => ({ headers: { tenant: 'calm' } }))]);
      await untilCount(() => gate.waiting, 4);
      gate.open();
      await untilCount(() => order.length, 310);
      // Four of the burst had started; from then on the two alternate.
      assert.ok(order.lastIndexOf('calm') < 40, `the last calm record was number ${order.lastIndexOf('calm')}`);
    });

    test('a full partition pauses, another one flows on, and nothing is lost when it resumes', async () => {
      const topic = await arena.topic(2);
      const gate = new Gate();
      const handled: number[] = [0, 0];
      const spec = { topics: [topic], limits: { waitingMax: 50, concurrency: 8 }, group: { fetchBytes: 4_096 } };
      const consumer = await arena.started(spec, async (record) => {
        if (record.partition === 0) await gate.wait();
        handled[record.partition]! += 1;
      });
      await arena.send(
        topic,
        Array.from({ length: 5 }, (_, n) => ({ partition: 0, key: `slow${n}` })),
      );
      await untilCount(() => gate.waiting, 5);
      const value = Buffer.alloc(100);
      await arena.send(
        topic,
        Array.from({ length: 2_000 }, (_, n) => ({ partition: 0, key: `slow${n % 5}`, value })),
      );
      const paused = () => consumer.stats().partitions.find((row) => row.partition === 0);
      await eventually(() => paused()?.paused, { withinMs: 5_000 });
      await arena.send(
        topic,
        Array.from({ length: 30 }, () => ({ partition: 1 })),
      );
      await untilCount(() => handled[1] ?? 0, 30);
      // The bound plus at most one fetch of 4 KiB; the broker sends whole batches, here up to the first in a fetch.
      assert.ok((paused()?.waiting ?? 0) < 2_000, `${paused()?.waiting} waiting`);
      gate.open();
      await untilCount(() => handled[0] ?? 0, 2_005);
      await arena.untilCommitted(consumer.groupId, topic, [2_005, 30]);
    });

    test('an operator holds and releases partitions live, and the others flow', async () => {
      const topic = await arena.topic(2);
      const seen: number[] = [];
      const consumer = await arena.started({ topics: [topic] }, (record) => seen.push(record.partition));
      consumer.tune(holding((partition) => partition === 0 && everything));
      await arena.send(topic, [{ partition: 0 }, { partition: 1 }]);
      await untilCount(() => seen.length, 1);
      assert.deepEqual(seen, [1]);
      assert.deepEqual(
        consumer.stats().partitions.map((row) => row.paused),
        [true, false],
      );
      const workedOn = () => [0, 1, 2].map((partition) => consumer.worksOn(topic, partition, 'acme'));
      assert.deepEqual(workedOn(), [false, true, false]);
      consumer.tune(undefined);
      await untilCount(() => seen.length, 2);
      assert.deepEqual(
        [seen, workedOn()],
        [
          [1, 0],
          [true, true, false],
        ],
      );
      await consumer.drain(1_000);
      assert.deepEqual(workedOn(), [false, false, false]);
    });

    test('a held tenant waits in its lanes, others of its partition flow, and nothing of it is lost', async () => {
      const topic = await arena.topic(1);
      const seen: string[] = [];
      const consumer = await arena.started({ topics: [topic] }, (record) => seen.push(record.headers['tenant'] ?? ''));
      consumer.tune(holding(() => only('acme')));
      const tenants = Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? 'acme' : 'zoo'));
      await arena.send(
        topic,
        tenants.map((tenant) => ({ headers: { tenant } })),
      );
      await untilCount(() => seen.length, 20);
      const row = await eventually(() => consumer.stats().partitions.find(({ held }) => held === 20), {
        withinMs: 5_000,
      });
      assert.deepEqual([row.paused, row.blocked, row.waiting, new Set(seen)], [false, false, 20, new Set(['zoo'])]);
      assert.ok(row.queueAgeMs > 0);
      assert.deepEqual(
        ['acme', 'zoo'].map((tenant) => consumer.worksOn(topic, 0, tenant)),
        [false, true],
      );
      assert.deepEqual(
        [true, false].map((known) => consumer.tenantAges(() => known).map(({ tenant }) => tenant)),
        [['acme'], ['other']],
      );
      consumer.tune(undefined);
      await untilCount(() => seen.length, 40);
      await arena.untilCommitted(consumer.groupId, topic, [40]);
    });

    test('held records that reach their bound pause their partition for all, say so, and let go when released', async () => {
      const topic = await arena.topic(1);
      let done = 0;
      const spec = { topics: [topic], limits: { heldMax: 10 }, group: { fetchBytes: 1_024 } };
      const consumer = await arena.started(spec, () => (done += 1));
      consumer.tune(holding(() => only('acme')));
      await arena.send(
        topic,
        Array.from({ length: 10 }, () => ({ headers: { tenant: 'acme' } })),
      );
      const row = () => consumer.stats().partitions[0];
      await eventually(() => row()?.blocked, { withinMs: 5_000 });
      await arena.send(topic, [{ headers: { tenant: 'zoo' } }]);
      assert.deepEqual([row()?.held, row()?.paused, done], [10, true, 0]);
      assert.deepEqual(consumer.health().live, true);
      consumer.tune(undefined);
      await untilCount(() => done, 11);
      assert.equal(row()?.blocked, false);
    });

    test('what an operator sets counts until it is taken back, whatever is configured meanwhile', async () => {
      const topic = await arena.topic(1);
      const consumer = await arena.started({ topics: [topic], limits: { concurrency: 3 } }, () => undefined);
      const concurrency = () => [consumer.stats().concurrency, consumer.stats().configuredConcurrency];
      consumer.tune({ concurrency: 1, holdsOf: () => undefined });
      assert.deepEqual(concurrency(), [1, 3]);
      consumer.setConcurrency(5);
      assert.deepEqual(concurrency(), [1, 5]);
      consumer.tune(undefined);
      assert.deepEqual(concurrency(), [5, 5]);
    });

    test('handlers without a place run beside the limit, also beside one that an operator sets, and not beside none', async () => {
      const topic = await arena.topic(1);
      const gate = new Gate();
      const consumer = await arena.started({ topics: [topic], limits: { concurrency: 6 } }, () => gate.wait());
      const tune = (concurrency: number) => consumer.tune({ concurrency, holdsOf: () => undefined });
      tune(2);
      await arena.send(
        topic,
        Array.from({ length: 20 }, () => ({})),
      );
      await eventually(() => consumer.stats().waiting === 18, { withinMs: 5_000 });
      consumer.changePlaceless(2);
      assert.deepEqual([gate.waiting, consumer.stats().concurrency], [4, 2]);
      tune(0);
      consumer.changePlaceless(1);
      assert.equal(gate.waiting, 4);
      consumer.tune(undefined);
      assert.deepEqual([gate.waiting, consumer.stats().concurrency], [9, 6]);
      gate.open();
      await eventually(() => consumer.stats().finished === 20, { withinMs: 5_000 });
    });

    test('the lane moves on when a handler returns, and the offset waits for what it promised', async () => {
      const topic = await arena.topic(1);
      const commits = Array.from({ length: 3 }, () => Promise.withResolvers<void>());
      let handled = 0;
      const consumer = await arena.started({ topics: [topic] }, (_, delivery) => {
        delivery.finishWhen(commits[handled]!.promise);
        handled += 1;
      });
      await arena.send(topic, [{ key: 'k' }, { key: 'k' }, { key: 'k' }]);
      await untilCount(() => handled, 3);
      commits[0]!.resolve();
      commits[2]!.resolve();
      await arena.untilCommitted(consumer.groupId, topic, [1]);
      commits[1]!.resolve();
      await arena.untilCommitted(consumer.groupId, topic, [3]);
    });

    test('what is answered when it comes needs no lane; the handler gets what is not, what fails, and what was held', async () => {
      const topic = await arena.topic(1);
      const handled: [string, attempt: number][] = [];
      const later = Promise.withResolvers<void>();
      const atOnce = ({ key }: BusRecord): Promise<void> | undefined => {
        if (key === 'later') return later.promise;
        if (key === 'fails') return Promise.reject(unreachable('STORE_DOWN', 'The store is down.'));
        if (key === 'throws') throw new Error('Unreadable.');
        return key === 'mine' ? undefined : Promise.resolve();
      };
      const consumer = await arena.started(
        { topics: [topic], limits: { concurrency: 1 }, atOnce },
        ({ key }, { attempt }) => handled.push([key, attempt]),
      );
      await arena.send(
        topic,
        ['later', 'fails', 'throws', 'mine', 'answered'].map((key) => ({ key })),
      );
      await untilCount(() => consumer.stats().finished, 4);
      assert.deepEqual(
        handled.toSorted(([one], [other]) => one.localeCompare(other)),
        [
          ['fails', 2],
          ['mine', 1],
          ['throws', 1],
        ],
      );
      assert.deepEqual(await arena.committed(consumer.groupId, topic), [-1]);
      later.resolve();
      await arena.untilCommitted(consumer.groupId, topic, [5]);
      consumer.tune(holding(() => everything));
      await arena.send(topic, [{ key: 'answered' }]);
      await eventually(() => consumer.stats().partitions[0]?.held === 1, { withinMs: 5_000 });
      consumer.tune(undefined);
      await untilCount(() => handled.length, 4);
      assert.deepEqual(handled.at(-1), ['answered', 1]);
    });
  });
}
