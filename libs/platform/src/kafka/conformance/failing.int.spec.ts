/** What becomes of records whose handler fails: redo within bounds, then a dead letter, and nobody else notices. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { conflict, invalid, unreachable } from '@toolfleet/kernel';
import { deadLetterHeaders } from '../dead-letter.js';
import { Arena, Gate, untilCount } from './arena.js';
import { drivers } from './drivers.js';

for (const driver of drivers) {
  describe(`failing by ${driver.name}`, { concurrency: 3 }, () => {
    let arena: Arena;
    before(async () => {
      arena = await Arena.open(driver);
    });
    after(() => arena.close());

    test('a poison record becomes a dead letter with its bytes, its headers and its story; the partition goes on', async () => {
      const topic = await arena.topic(1);
      const seen: string[] = [];
      const consumer = await arena.started({ topics: [topic] }, (record) => {
        if (record.key === 'poison') throw invalid('UNDECODABLE', 'The bytes are no message.');
        seen.push(record.key);
      });
      const value = Buffer.from([0, 255, 1, 254]);
      await arena.send(topic, [
        { key: 'a' },
        { key: 'poison', value, headers: { tenant: 't', trace: 'x' } },
        { key: 'b' },
      ]);
      await untilCount(() => arena.lettersOf(topic).length, 1);
      const [letter] = arena.lettersOf(topic);
      assert.deepEqual([letter?.key, letter?.value], ['poison', value]);
      const { [deadLetterHeaders.firstFailedAt]: firstFailedAt, ...headers } = letter?.headers ?? {};
      assert.ok(Math.abs(Date.parse(firstFailedAt ?? '') - Date.now()) < 60_000);
      assert.deepEqual(headers, {
        tenant: 't',
        trace: 'x',
        '__dlq.errors.topic': topic,
        '__dlq.errors.partition': '0',
        '__dlq.errors.offset': '1',
        '__dlq.errors.group': consumer.groupId,
        '__dlq.errors.delivery.count': '1',
        '__dlq.errors.message': 'The bytes are no message.',
        'fleet-error-kind': 'invalid',
        'fleet-error-reason': 'UNDECODABLE',
      });
      assert.deepEqual(seen, ['a', 'b']);
      await arena.untilCommitted(consumer.groupId, topic, [3]);
    });

    test('nothing a handler throws reaches the client: the consumer stays the member it was', async () => {
      const topic = await arena.topic(1);
      const epochs: number[] = [];
      const bad: Record<string, () => unknown> = {
        type: () => (undefined as unknown as string[])[0],
        range: () => new Array(-1),
        text: () => Promise.reject('no error at all' as unknown as Error),
        nothing: () => Promise.reject(undefined as unknown as Error),
      };
      const onAssignment = ({ epoch }: { epoch: number }) => void epochs.push(epoch);
      const consumer = await arena.started({ topics: [topic], onAssignment }, (record) => bad[record.key]?.());
      await arena.send(
        topic,
        [...Object.keys(bad), 'good'].map((key) => ({ key })),
      );
      await untilCount(() => arena.lettersOf(topic).length, 4);
      for (const letter of arena.lettersOf(topic)) assert.equal(letter.headers[deadLetterHeaders.reason], 'UNEXPECTED');
      await arena.untilCommitted(consumer.groupId, topic, [5]);
      assert.deepEqual(epochs, [1]);
      assert.equal(consumer.health().ready, true);
    });

    test('a record that cannot be read for its lane is a dead letter, and its batch mates run', async () => {
      const topic = await arena.topic(1);
      let handled = 0;
      const laneOf = ({ key }: { key: string }) => {
        if (key === 'odd') throw invalid('NO_LANE', 'No lane for this.');
        return key;
      };
      const consumer = await arena.started({ topics: [topic], laneOf }, () => (handled += 1));
      await arena.send(topic, [{ key: 'a' }, { key: 'odd' }, { key: 'b' }]);
      await arena.untilCommitted(consumer.groupId, topic, [3]);
      assert.equal(handled, 2);
      await untilCount(() => arena.lettersOf(topic).length, 1);
    });

    test('a fault to redo runs again in its lane before what waits behind it, and other lanes go on', async () => {
      const topic = await arena.topic(1);
      const story: string[] = [];
      const consumer = await arena.started({ topics: [topic] }, (record, { attempt }) => {
        story.push(`${record.key}${Number(record.offset)}#${attempt}`);
        if (record.offset === 0n && attempt === 1) throw conflict('FENCED', 'Someone else wrote first.');
        if (record.offset === 0n && attempt === 2) throw unreachable('STORE_DOWN', 'The store is down.');
      });
      await arena.send(topic, [{ key: 'k' }, { key: 'k' }, { key: 'other' }]);
      await arena.untilCommitted(consumer.groupId, topic, [3]);
      assert.deepEqual(
        story.filter((line) => line.startsWith('k')),
        ['k0#1', 'k0#2', 'k0#3', 'k1#1'],
      );
      assert.ok(story.indexOf('other2#1') < story.indexOf('k0#3'));
      assert.deepEqual([consumer.stats().redone, arena.lettersOf(topic).length], [2, 0]);
    });

    test('a redo is bounded: after its last try the record is a dead letter that counts the tries', async () => {
      const topic = await arena.topic(1);
      const spec = { topics: [topic], limits: { attemptsMax: 3 } };
      const consumer = await arena.started(spec, () => Promise.reject(unreachable('STORE_DOWN', 'The store is down.')));
      await arena.send(topic, [{ key: 'k' }]);
      await untilCount(() => arena.lettersOf(topic).length, 1);
      const headers = arena.lettersOf(topic)[0]?.headers ?? {};
      assert.deepEqual(
        [headers[deadLetterHeaders.deliveryCount], headers[deadLetterHeaders.kind], headers[deadLetterHeaders.reason]],
        ['3', 'unreachable', 'STORE_DOWN'],
      );
      await arena.untilCommitted(consumer.groupId, topic, [1]);
    });

    test('what finishWhen was given fails like the handler: redo first, then the offset moves', async () => {
      const topic = await arena.topic(1);
      const tries: number[] = [];
      const consumer = await arena.started({ topics: [topic] }, (record, delivery) => {
        if (record.offset !== 0n) return;
        tries.push(delivery.attempt);
        const late = async () => {
          await sleep(20);
          if (delivery.attempt === 1) throw unreachable('STORE_DOWN', 'The store is down.');
        };
        delivery.finishWhen(late());
      });
      await arena.send(topic, [{ key: 'k' }, { key: 'k' }]);
      await arena.untilCommitted(consumer.groupId, topic, [2]);
      assert.deepEqual(tries, [1, 2]);
    });

    test('an offset advances only once the bus has the dead letter', async () => {
      const topic = await arena.topic(1);
      const gate = new Gate();
      const producer = {
        send: async (record: Parameters<typeof arena.producer.send>[0]) => {
          await gate.wait();
          await arena.producer.send(record);
        },
      };
      const deadLetters = { topic: arena.deadLetterTopic, producer };
      let handled = 0;
      const consumer = await arena.started({ topics: [topic], deadLetters }, (record) => {
        handled += 1;
        if (record.offset === 1n) throw invalid('POISON', 'No.');
      });
      await arena.send(topic, [{ key: 'k' }, { key: 'k' }, { key: 'k' }]);
      await untilCount(() => handled, 3);
      await arena.untilCommitted(consumer.groupId, topic, [1]);
      gate.open();
      await arena.untilCommitted(consumer.groupId, topic, [3]);
    });

    test('a handler that overstays its deadline is aborted, and its record is a dead letter', async () => {
      const topic = await arena.topic(1);
      const gate = new Gate();
      const spec = { topics: [topic], limits: { handlerMsMax: 300 } };
      const consumer = await arena.started(spec, (_, { signal }) => gate.wait(signal));
      await arena.send(topic, [{ key: 'stuck' }]);
      await untilCount(() => arena.lettersOf(topic).length, 1);
      assert.equal(arena.lettersOf(topic)[0]?.headers[deadLetterHeaders.reason], 'HANDLER_DEADLINE');
      await arena.untilCommitted(consumer.groupId, topic, [1]);
    });

    test('a record too large to die is buried without its value, and says so', async () => {
      const topic = await arena.topic(1);
      const consumer = await arena.started({ topics: [topic] }, () => Promise.reject(invalid('POISON', 'No.')));
      const value = Buffer.alloc(999_700);
      await arena.producer.send({ topic, key: 'large', value });
      await untilCount(() => arena.lettersOf(topic).length, 1);
      const [letter] = arena.lettersOf(topic);
      assert.deepEqual([letter?.value.byteLength, letter?.headers[deadLetterHeaders.omittedBytes]], [0, '999700']);
      await arena.untilCommitted(consumer.groupId, topic, [1]);
    });
  });
}
