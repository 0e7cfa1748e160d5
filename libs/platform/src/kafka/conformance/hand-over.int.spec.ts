/** Records that do not go over the bus because their reader lives in the sender's process, or beside it: what stays as it was. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { invalid } from '@toolfleet/kernel';
import { eventually } from '@toolfleet/testkit';
import type { HandingOver } from '../../bus/hand-over.js';
import { HandOver } from '../../bus/hand-over.js';
import { Neighbours } from '../../bus/neighbours.js';
import { createLogger } from '../../telemetry/log.js';
import type { KeyedConsumer } from '../keyed-consumer.js';
import { Arena, Gate, untilCount } from './arena.js';
import { drivers } from './drivers.js';

const log = createLogger({ level: 'silent', roles: 'spec', instance: 'spec' });
const finished: HandingOver = { reader: 'owner', until: 'finished' };
const taken: HandingOver = { reader: 'owner', until: 'taken' };

for (const driver of drivers) {
  describe(`hand-over by ${driver.name}`, { concurrency: 3 }, () => {
    let arena: Arena;
    before(async () => {
      arena = await Arena.open(driver);
    });
    after(() => arena.close());

    function senderTo(consumer: KeyedConsumer): { sender: HandOver; handed: () => number } {
      let handed = 0;
      const sender = new HandOver({ bus: arena.producer, log, handed: { add: (count) => (handed += count) } });
      sender.serve(consumer);
      return { sender, handed: () => handed };
    }

    const record = (topic: string, key: string, partition = 0) => ({
      ...{ topic, key, partition },
      value: Buffer.from(`value of ${key}`),
      headers: { tenant: 'acme' },
    });

    const within = { withinMs: 15_000 };
    const partitionsOf = (consumer: KeyedConsumer) => consumer.stats().partitions.map(({ partition }) => partition);

    test('a record is handed to the reader of its partition as it is, and the bus never sees it', async () => {
      const topic = await arena.topic(1);
      const seen: string[] = [];
      const consumer = await arena.started({ topics: [topic] }, ({ key, value, headers, offset, partition }) => {
        seen.push(`${key} ${value} ${headers['tenant']} ${offset} ${partition}`);
      });
      await eventually(() => partitionsOf(consumer).length === 1, within);
      const { sender, handed } = senderTo(consumer);
      await sender.send(record(topic, 'a'), { handOver: finished });
      assert.deepEqual(seen, ['a value of a acme -1 0']);
      assert.equal(handed(), 1);
      // Not allowed to be handed over, it is the first of the log.
      await sender.send(record(topic, 'b'));
      await untilCount(() => seen.length, 2);
      assert.deepEqual(seen[1], 'b value of b acme 0 0');
      await arena.untilCommitted(consumer.groupId, topic, [1]);
    });

    test('it waits in its lane, and its sender is told at once or when it is finished, as asked', async () => {
      const topic = await arena.topic(1);
      const gate = new Gate();
      const order: string[] = [];
      const consumer = await arena.started({ topics: [topic] }, async ({ headers }) => {
        await gate.wait();
        order.push(headers['n']!);
      });
      await eventually(() => partitionsOf(consumer).length === 1, within);
      const { sender } = senderTo(consumer);
      const numbered = (n: string) => ({ ...record(topic, 'same'), headers: { n } });
      let isFinished = false;
      const first = sender.send(numbered('1'), { handOver: finished }).then(() => (isFinished = true));
      await sender.send(numbered('2'), { handOver: taken });
      await untilCount(() => gate.waiting, 1);
      assert.deepEqual([isFinished, consumer.stats().waiting], [false, 1]);
      gate.open();
      await first;
      await untilCount(() => order.length, 2);
      assert.deepEqual(order, ['1', '2']);
    });

    test('one that its handler can never take becomes a dead letter, and that finishes it', async () => {
      const topic = await arena.topic(1);
      const consumer = await arena.started({ topics: [topic] }, () => {
        throw invalid('POISON', 'No.');
      });
      await eventually(() => partitionsOf(consumer).length === 1, within);
      await senderTo(consumer).sender.send(record(topic, 'bad'), { handOver: finished });
      await untilCount(() => arena.lettersOf(topic).length, 1);
      assert.equal(arena.lettersOf(topic)[0]?.value.toString(), 'value of bad');
    });

    test('what another member owns goes over the bus, unless any reader will do', async () => {
      const topic = await arena.topic(2);
      const groupId = arena.name('group');
      const seen: string[] = [];
      const started = (name: string) =>
        arena.started({ topics: [topic], groupId }, ({ key, offset }) => void seen.push(`${name} ${key} ${offset}`));
      const [own, other] = [await started('own'), await started('other')];
      await eventually(() => partitionsOf(own).length === 1 && partitionsOf(other).length === 1, within);
      const [foreign] = partitionsOf(other);
      const { sender } = senderTo(own);
      await sender.send(record(topic, 'a', foreign), { handOver: finished });
      await untilCount(() => seen.length, 1);
      await sender.send(record(topic, 'b', foreign), { handOver: { reader: 'anyone', until: 'finished' } });
      assert.deepEqual(seen, ['other a 0', 'own b -1']);
    });

    test('a reader with its hands full takes nothing: the bus is the queue then', async () => {
      const topic = await arena.topic(1);
      const gate = new Gate();
      let done = 0;
      const limits = { waitingMax: 4, concurrency: 1 };
      const consumer = await arena.started({ topics: [topic], limits }, async () => {
        await gate.wait();
        done += 1;
      });
      await eventually(() => partitionsOf(consumer).length === 1, within);
      const { sender, handed } = senderTo(consumer);
      const sent = Array.from({ length: 20 }, (_, n) => sender.send(record(topic, `k${n}`), { handOver: taken }));
      await Promise.all(sent);
      assert.ok(handed() >= 4 && handed() < 10, String(handed()));
      gate.open();
      await untilCount(() => done, 20);
    });

    test('what is in hand when its partition moves is given back, and the new owner gets it over the bus', async () => {
      const topic = await arena.topic(2);
      const groupId = arena.name('group');
      const begun: number[] = [];
      const first = await arena.started({ topics: [topic], groupId }, async ({ partition }, { signal }) => {
        begun.push(partition);
        await new Gate().wait(signal);
      });
      await eventually(() => partitionsOf(first).length === 2, within);
      const { sender } = senderTo(first);
      const sends = [0, 1].map((partition) =>
        sender.send(record(topic, `k${partition}`, partition), { handOver: finished }).then(() => partition),
      );
      await untilCount(() => begun.length, 2);
      const seen: string[] = [];
      const second = await arena.started({ topics: [topic], groupId }, ({ key, offset }) => {
        seen.push(`${key} ${offset}`);
      });
      await eventually(() => partitionsOf(second).length === 1, within);
      const [moved] = partitionsOf(second);
      assert.equal(await Promise.race(sends), moved);
      await untilCount(() => seen.length, 1);
      assert.deepEqual(seen, [`k${moved} 0`]);
    });

    test('a reader of a neighbour takes what it owns, and what it does not finish goes over the bus', async () => {
      const topic = await arena.topic(2);
      const groupId = arena.name('group');
      const seen: string[] = [];
      const gate = new Gate();
      const consumer = await arena.started({ topics: [topic], groupId }, async ({ key, offset }, { signal }) => {
        seen.push(`${key} ${offset}`);
        if (key === 'stuck') await gate.wait(signal);
      });
      await eventually(() => partitionsOf(consumer).length === 2, within);
      const directory = await mkdtemp(join(tmpdir(), 'hand-over-'));
      const listenAt = join(directory, 'own.sock');
      let handed = 0;
      const options = { bus: arena.producer, log, handed: { add: (count: number) => void (handed += count) } };
      const [here, there] = [new HandOver(options), new HandOver(options)];
      there.serve(consumer);
      const own = new Neighbours({ listenAt, connectTo: [], handOver: here, log });
      const other = new Neighbours({ connectTo: [listenAt], handOver: there, log });
      await own.start();
      await other.start();
      await eventually(() => here.neighbours === 1, within);
      await here.send(record(topic, 'a'), { handOver: finished });
      assert.deepEqual([seen, handed], [['a -1'], 1]);
      const stuck = here.send(record(topic, 'stuck', 1), { handOver: finished });
      await untilCount(() => seen.length, 2);
      await Promise.all([consumer.drain(0), stuck]);
      await Promise.all([own.close(), other.close(), rm(directory, { recursive: true })]);
      await arena.started({ topics: [topic], groupId }, ({ key, offset }) => void seen.push(`${key} ${offset}`));
      await untilCount(() => seen.length, 3);
      assert.deepEqual(seen, ['a -1', 'stuck -1', 'stuck 0']);
    });

    test('a drain gives back what has not begun, and finishes what runs', async () => {
      const topic = await arena.topic(1);
      const groupId = arena.name('group');
      const gate = new Gate();
      const done: string[] = [];
      const spec = { topics: [topic], groupId, limits: { concurrency: 1 } };
      const leaving = await arena.started(spec, async ({ key }, { signal }) => {
        await gate.wait(signal);
        done.push(key);
      });
      await eventually(() => partitionsOf(leaving).length === 1, within);
      const { sender, handed } = senderTo(leaving);
      const runs = sender.send(record(topic, 'runs'), { handOver: finished });
      const waits = sender.send(record(topic, 'waits'), { handOver: finished });
      await untilCount(() => gate.waiting, 1);
      const drained = leaving.drain(10_000);
      await waits;
      await sender.send(record(topic, 'late'), { handOver: finished });
      assert.equal(handed(), 2);
      gate.open();
      await Promise.all([runs, drained]);
      assert.deepEqual(done, ['runs']);
      const next: string[] = [];
      await arena.started(spec, ({ key }) => void next.push(key));
      await untilCount(() => next.length, 2);
      assert.deepEqual(next, ['waits', 'late']);
    });
  });
}
