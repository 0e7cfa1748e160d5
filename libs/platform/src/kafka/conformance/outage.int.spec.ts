/** The broker dies, comes back, or hangs: nothing acknowledged is lost, and everybody finds the way back alone. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@toolfleet/testkit';
import { Arena, untilCount } from './arena.js';
import { drivers } from './drivers.js';

for (const driver of drivers) {
  describe(`outage by ${driver.name}`, () => {
    let arena: Arena;
    before(async () => {
      arena = await Arena.open(driver, { own: true });
    });
    after(() => arena.close());

    test('over a killed and restarted broker no send fails, no record is lost, and members come back', async () => {
      const topic = await arena.topic(4);
      const handled = new Set<string>();
      const epochs: number[] = [];
      const spec = { topics: [topic], onAssignment: ({ epoch }: { epoch: number }) => void epochs.push(epoch) };
      const consumer = await arena.started(spec, (record) => handled.add(record.key));
      const sends: Promise<void>[] = [];
      const sendOne = () => {
        const key = `k${sends.length}`;
        const deadlineAtMs = Date.now() + 60_000;
        sends.push(arena.producer.send({ topic, key, value: Buffer.from(key) }, { deadlineAtMs }));
      };
      const sending = setInterval(sendOne, 10);
      await untilCount(() => handled.size, 20);
      await arena.kafka.own?.kill();
      await eventually(() => !consumer.health().ready, { withinMs: 10_000 });
      assert.equal(consumer.health().live, true, 'a lost broker is no reason to restart the process');
      await arena.kafka.own?.restart();
      await eventually(() => consumer.health().ready, { withinMs: 45_000 });
      await sleep(200);
      clearInterval(sending);
      const failed = (await Promise.allSettled(sends)).filter((each) => each.status === 'rejected');
      assert.deepEqual(failed, []);
      await untilCount(() => handled.size, sends.length, 30_000);
      await eventually(() => consumer.stats().lag === 0, { withinMs: 5_000 });
      assert.ok(epochs.length >= 2);
      const lags = await arena.admin.lag(consumer.groupId, [topic]);
      assert.ok(lags.every(({ lag }) => lag >= 0n));
    });

    test('a broker that hangs fails sends at their deadline, and the same producer goes on afterwards', async () => {
      const topic = await arena.topic(1);
      let handled = 0;
      const consumer = await arena.started({ topics: [topic] }, () => (handled += 1));
      await arena.send(topic, [{}]);
      await untilCount(() => handled, 1);
      await arena.kafka.own?.suspend();
      const startedAtMs = Date.now();
      const record = { topic, key: 'k', value: Buffer.from('v') };
      const short = arena.producer.send(record, { deadlineAtMs: startedAtMs + 500 });
      const long = arena.producer.send(record, { deadlineAtMs: startedAtMs + 30_000 });
      await assert.rejects(short, { reason: 'BUS_UNREACHABLE' });
      assert.ok(Date.now() - startedAtMs < 2_500);
      arena.kafka.own?.resume();
      await long;
      // The short one may have arrived as well: its sender was told that the outcome is unknown, never that it failed.
      await untilCount(() => handled, 2, 20_000);
      await eventually(() => consumer.stats().lag === 0, { withinMs: 10_000 });
      assert.ok(handled <= 3);
    });
  });
}
