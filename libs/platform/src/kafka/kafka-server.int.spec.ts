import 'reflect-metadata';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Catch, Controller, Module } from '@nestjs/common';
import type { ExceptionFilter, INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { invalid } from '@toolfleet/kernel';
import { of, throwError } from 'rxjs';
import { Arena, untilCount } from './conformance/arena.js';
import { drivers } from './conformance/drivers.js';
import { BusPattern } from './bus-pattern.js';
import { KafkaServer } from './kafka-server.js';
import type { KafkaGroup } from './kafka-server.js';
import type { BusRecord, Delivery } from './records.js';

const BUS = Symbol('bus');
const seen: string[] = [];

@Controller()
class Handlers {
  @BusPattern('orders', BUS)
  async order(record: BusRecord, delivery: Delivery): Promise<void> {
    if (record.key === 'poison') throw invalid('BAD_ORDER', 'This is no order.');
    delivery.finishWhen(Promise.resolve());
    seen.push(`order ${record.key} ${record.value.toString()} try ${delivery.attempt}`);
  }

  @BusPattern('refunds', BUS)
  refund(record: BusRecord): unknown {
    if (record.key === 'poison') return throwError(() => invalid('BAD_REFUND', 'This is no refund.'));
    seen.push(`refund ${record.key}`);
    return of('streams are awaited too');
  }
}

@Catch()
class LetThrough implements ExceptionFilter {
  catch(error: unknown): unknown {
    return throwError(() => error);
  }
}

@Module({ controllers: [Handlers] })
class HandlersModule {}

describe('Nest transport', () => {
  let arena: Arena;
  let app: INestMicroservice | undefined;
  before(async () => {
    arena = await Arena.open(drivers[0]!);
  });
  after(async () => {
    await app?.close();
    await arena.close();
  });

  const serverOf = (groups: readonly KafkaGroup[]) =>
    new KafkaServer({
      transportId: BUS,
      connection: arena.connection,
      groups,
      drainMs: 5_000,
      deadLetters: { topic: arena.deadLetterTopic, producer: arena.producer },
    });

  const start = async (strategy: KafkaServer) => {
    const started = await NestFactory.createMicroservice(HandlersModule, {
      strategy,
      logger: false,
      abortOnError: false,
    });
    started.useGlobalFilters(new LetThrough());
    await started.listen();
    return started;
  };

  test('several groups share one transport, and handlers see records under their pattern', async () => {
    const [orders, refunds] = [await arena.topic(2), await arena.topic(1)];
    const server = serverOf([
      { groupId: arena.name('orders'), topics: [{ pattern: 'orders', topic: orders }] },
      { groupId: arena.name('refunds'), topics: [{ pattern: 'refunds', topic: refunds }] },
    ]);
    app = await start(server);
    await arena.send(orders, [{ key: 'o1', value: Buffer.from('one') }, { key: 'poison' }]);
    await arena.send(refunds, [{ key: 'r1' }, { key: 'poison' }]);
    await untilCount(() => seen.length, 2);
    assert.deepEqual(seen.toSorted(), ['order o1 one try 1', 'refund r1']);
    await untilCount(() => arena.lettersOf(orders).length + arena.lettersOf(refunds).length, 2);
    const reasons = [orders, refunds].map((topic) => arena.lettersOf(topic)[0]?.headers['fleet-error-reason']);
    assert.deepEqual(reasons, ['BAD_ORDER', 'BAD_REFUND']);
    assert.ok(server.consumers.every((consumer) => consumer.health().ready));
    await app.close();
    assert.deepEqual(
      server.consumers.map((consumer) => consumer.health().reason),
      ['stopped', 'stopped'],
    );
  });

  test('a topic without a handler stops the start', async () => {
    const topic = await arena.topic(1);
    const server = serverOf([{ groupId: arena.name('group'), topics: [{ pattern: 'nobody', topic }] }]);
    await assert.rejects(start(server), { reason: 'NO_HANDLER' });
    await server.close();
  });

  test('a topic is served by one group of a transport', async () => {
    const topics = [{ pattern: 'orders', topic: 't' }];
    assert.throws(
      () =>
        serverOf([
          { groupId: 'a', topics },
          { groupId: 'b', topics },
        ]),
      { reason: 'TOPIC_TWICE' },
    );
  });
});
