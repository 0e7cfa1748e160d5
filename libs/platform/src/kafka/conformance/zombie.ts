/**
 * A consumer in a process of its own, for a test that freezes it past its session and lets it wake up as a zombie. It
 * reports what happens to it, and its handlers return only when told.
 */
import { KeyedConsumer } from '../keyed-consumer.js';
import { BusProducer } from '../producer.js';
import type { DriverName } from '../driver-names.js';
import { loadDriver } from '../driver.js';

export interface ZombieOrder {
  readonly brokers: readonly string[];
  readonly driver: DriverName;
  readonly groupId: string;
  readonly topic: string;
  readonly deadLetterTopic: string;
  /** See `KafkaConnection.replica`. */
  readonly replica?: string;
  readonly sessionTimeoutMs?: number;
  readonly heartbeatIntervalMs?: number;
}

export type ZombieReport =
  | { readonly kind: 'handling'; readonly offset: number }
  | { readonly kind: 'aborted'; readonly offset: number }
  | { readonly kind: 'assigned'; readonly lost: readonly number[]; readonly epoch: number }
  | { readonly kind: 'finished'; readonly finished: number };

const report = (message: ZombieReport) => process.send?.(message);

async function rise(order: ZombieOrder): Promise<void> {
  const driver = await loadDriver(order.driver);
  const { brokers, replica, sessionTimeoutMs = 6_000, heartbeatIntervalMs = 300 } = order;
  const connection = { brokers, clientId: 'zombie', replica, driver, log: () => undefined };
  const producer = new BusProducer({ connection });
  const finish = Promise.withResolvers<void>();
  const consumer = new KeyedConsumer(
    {
      connection,
      groupId: order.groupId,
      topics: [order.topic],
      deadLetters: { topic: order.deadLetterTopic, producer },
      group: { sessionTimeoutMs, commitIntervalMs: 20, heartbeatIntervalMs, fetchWaitMs: 100 },
      onAssignment: ({ lost, epoch }) => void report({ kind: 'assigned', lost, epoch }),
    },
    async (record, { signal }) => {
      const offset = Number(record.offset);
      signal.addEventListener('abort', () => report({ kind: 'aborted', offset }), { once: true });
      report({ kind: 'handling', offset });
      await finish.promise;
    },
  );
  process.on('message', () => {
    finish.resolve();
    setImmediate(() => report({ kind: 'finished', finished: consumer.stats().finished }));
  });
  await consumer.start();
}

process.once('message', (order: ZombieOrder) => void rise(order));
