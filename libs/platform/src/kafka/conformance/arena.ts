/**
 * A real broker, a producer and a place for dead letters, for the suites that any driver must pass. Whatever a test opens
 * here is closed with the arena, so a test that fails leaves nothing behind.
 */
import type { TestKafka } from '@toolfleet/testkit';
import { eventually, kafkaForTests } from '@toolfleet/testkit';
import type { TopicReader } from '../compacted-reader.js';
import { readCompacted } from '../compacted-reader.js';
import type { KafkaConnection } from '../connection.js';
import type { ConsumerLimits, KeyedConsumerOptions } from '../consumer-options.js';
import { BusAdmin } from '../admin.js';
import type { KafkaDriver } from '../driver.js';
import { KeyedConsumer } from '../keyed-consumer.js';
import { BusProducer } from '../producer.js';
import type { BusRecord, OutgoingRecord, RecordHandler } from '../records.js';

export interface ConsumerSpec extends Partial<Omit<KeyedConsumerOptions, 'connection' | 'limits'>> {
  readonly topics: readonly string[];
  readonly limits?: ConsumerLimits;
  /** Default: the arena's. */
  readonly driver?: KafkaDriver;
}

export class Arena {
  readonly connection: KafkaConnection;
  readonly producer: BusProducer;
  readonly admin: BusAdmin;
  readonly deadLetters: BusRecord[] = [];
  readonly deadLetterTopic: string;
  readonly #consumers: KeyedConsumer[] = [];
  #letterReader: TopicReader | undefined;
  #names = 0;

  private constructor(
    readonly kafka: TestKafka,
    private readonly driver: KafkaDriver,
  ) {
    this.connection = { brokers: kafka.brokers, clientId: 'conformance', driver, log: () => undefined };
    this.producer = new BusProducer({ connection: this.connection });
    this.admin = new BusAdmin(this.connection);
    this.deadLetterTopic = `${kafka.prefix}.deadletter`;
  }

  static async open(driver: KafkaDriver, options: { readonly own?: boolean } = {}): Promise<Arena> {
    const arena = new Arena(await kafkaForTests(options), driver);
    await arena.admin.connect();
    await arena.admin.ensureTopics([{ name: arena.deadLetterTopic, partitions: 1 }]);
    await arena.producer.connect();
    arena.#letterReader = readCompacted({
      connection: arena.connection,
      topic: arena.deadLetterTopic,
      onRecord: (record) => arena.deadLetters.push(record),
    });
    return arena;
  }

  async close(): Promise<void> {
    await Promise.all(this.#consumers.map((consumer) => consumer.drain(0)));
    await this.#letterReader?.close();
    await this.producer.disconnect();
    await this.admin.close();
    await this.kafka.stop();
  }

  name(kind: string): string {
    return `${this.kafka.prefix}.${kind}${(this.#names += 1)}`;
  }

  async topic(partitions = 1, config: Readonly<Record<string, string>> = {}): Promise<string> {
    const name = this.name('topic');
    await this.admin.ensureTopics([{ name, partitions, config }]);
    return name;
  }

  /** Not started. */
  consumer({ driver = this.driver, ...spec }: ConsumerSpec, handler: RecordHandler): KeyedConsumer {
    const consumer = new KeyedConsumer(
      {
        groupId: this.name('group'),
        connection: { ...this.connection, driver },
        deadLetters: { topic: this.deadLetterTopic, producer: this.producer },
        ...spec,
        group: { commitIntervalMs: 50, fetchWaitMs: 100, heartbeatIntervalMs: 300, ...spec.group },
      },
      handler,
    );
    this.#consumers.push(consumer);
    return consumer;
  }

  async started(spec: ConsumerSpec, handler: RecordHandler): Promise<KeyedConsumer> {
    const consumer = this.consumer(spec, handler);
    await consumer.start();
    return consumer;
  }

  /** Sends all at once: one producer keeps their order for each partition. */
  async send(topic: string, records: readonly Partial<OutgoingRecord>[]): Promise<void> {
    const text = (index: number) => Buffer.from(`value ${index}`);
    await Promise.all(
      records.map((record, index) => this.producer.send({ topic, key: `key ${index}`, value: text(index), ...record })),
    );
  }

  /** By partition; -1 where the group never committed. */
  async committed(groupId: string, topic: string): Promise<number[]> {
    return (await this.admin.lag(groupId, [topic])).map(({ committed }) => Number(committed ?? -1));
  }

  async untilCommitted(groupId: string, topic: string, offsets: readonly number[]): Promise<void> {
    await eventually(async () => String(await this.committed(groupId, topic)) === String(offsets), {
      withinMs: 10_000,
    });
  }

  /** The dead letters that came from this topic. */
  lettersOf(topic: string): BusRecord[] {
    return this.deadLetters.filter((letter) => letter.headers['__dlq.errors.topic'] === topic);
  }
}

/** Waits for a count and, with it, that no more come than asked for. */
export async function untilCount(of: () => number, count: number, withinMs = 15_000): Promise<void> {
  await eventually(() => of() >= count, { withinMs });
}

/** A handler that waits here until it is let through. */
export class Gate {
  readonly #open = Promise.withResolvers<void>();
  waiting = 0;

  /** Ends early when the signal aborts. */
  async wait(signal?: AbortSignal): Promise<void> {
    this.waiting += 1;
    const aborted = new Promise<never>((_, reject) =>
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
    );
    await Promise.race([this.#open.promise, aborted]);
  }

  open(): void {
    this.#open.resolve();
  }
}
