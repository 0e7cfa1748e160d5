/**
 * A producer by kafkajs. Its sequence numbers go back after a failed send, so the same list goes out under the same ones.
 */
import type { Message, Producer } from 'kafkajs';
import { Partitioners } from 'kafkajs';
import { endsWithin } from '../waits.js';
import type { KafkaConnection } from './connection.js';
import { kafkaClient } from './connection.js';
import type { OpenProducer, ProducerClient } from './producer-client.js';
import type { OutgoingRecord } from './records.js';

const disconnectMsMax = 5_000;

class KafkajsProducer implements ProducerClient {
  constructor(
    private readonly producer: Producer,
    private readonly connection: KafkaConnection,
  ) {}

  async send(records: readonly OutgoingRecord[]): Promise<readonly OutgoingRecord[]> {
    const topics = new Map<string, Message[]>();
    for (const record of records) {
      const messages = topics.get(record.topic);
      if (messages === undefined) topics.set(record.topic, [messageOf(record)]);
      else messages.push(messageOf(record));
    }
    const answers = await this.producer.sendBatch({
      acks: -1,
      timeout: this.connection.requestTimeoutMs ?? 10_000,
      topicMessages: Array.from(topics, ([topic, messages]) => ({ topic, messages })),
    });
    // kafkajs drops records for partitions that do not exist without a word: only its answers tell.
    return records.filter(
      ({ topic, partition }) =>
        partition !== undefined &&
        !answers.some((answer) => answer.partition === partition && answer.topicName === topic),
    );
  }

  close(): Promise<void> {
    return closed(this.producer);
  }
}

export const openKafkajsProducer: OpenProducer = async (connection) => {
  const producer = kafkaClient(connection, { retries: 1, quiet: true }).producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
    // One: an idempotent producer of kafkajs insists on some; the deadline is kept by the caller.
    retry: { retries: 1 },
  });
  try {
    await producer.connect();
    return new KafkajsProducer(producer, connection);
  } catch (error) {
    // A client whose connect failed half-way would go on without a producer id, so it is not used again.
    await closed(producer);
    throw error;
  }
};

/** kafkajs's disconnect can hang on a request in flight, so it is given some seconds and then left behind. */
async function closed(producer: Producer): Promise<void> {
  await endsWithin(
    producer.disconnect().catch(() => undefined),
    disconnectMsMax,
  );
}

function messageOf({ key, value, headers, partition }: OutgoingRecord): Message {
  return {
    key,
    value: value === null ? null : Buffer.from(value.buffer, value.byteOffset, value.byteLength),
    ...(headers === undefined ? {} : { headers }),
    ...(partition === undefined ? {} : { partition }),
  };
}
