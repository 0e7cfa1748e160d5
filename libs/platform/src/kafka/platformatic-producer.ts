/**
 * A producer by `@platformatic/kafka`, over its protocol calls and not over its `Producer`: that one forgets its producer
 * id after each failed send, so that a repeated list could be written twice, and takes a partition that does not exist
 * modulo those that do. Here the sequence numbers advance only when a whole list is written, so the same list goes out
 * under the same ones.
 */
import type { API, Connection, initProducerIdV5, MessageRecord, produceV11 } from '@platformatic/kafka';
import { Base, kGetApi, kGetBootstrapConnection, murmur2, NumericMap } from '@platformatic/kafka';
import type { ClusterMetadata } from '@platformatic/kafka';
import { endsWithin } from '../waits.js';
import { platformaticOptions } from './platformatic-connection.js';
import type { OpenProducer, ProducerClient } from './producer-client.js';
import type { OutgoingRecord } from './records.js';

const closeMsMax = 5_000;
/** A sequence number is a positive int32 and begins again at 0. */
const sequenceMask = 0x7fffffff;

type Produce = typeof produceV11.api;
type Message = MessageRecord & { readonly partition: number };
interface ProducerId {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

class PlatformaticProducer implements ProducerClient {
  /** By topic and partition: the number of the next record. */
  readonly #sequences = new NumericMap();

  constructor(
    private readonly client: Base,
    private readonly id: ProducerId,
    private readonly produce: Produce,
    private readonly timeoutMs: number,
  ) {}

  async send(records: readonly OutgoingRecord[]): Promise<readonly OutgoingRecord[]> {
    try {
      const metadata = await this.#metadataOf(records);
      const { byLeader, unsent } = placed(records, metadata);
      await settled(Array.from(byLeader, ([leader, messages]) => this.#produce(metadata, leader, messages)));
      for (const messages of byLeader.values()) {
        for (const { topic, partition } of messages) {
          const name = nameOf(topic, partition);
          this.#sequences.set(name, (this.#sequences.getWithDefault(name, 0) + 1) & sequenceMask);
        }
      }
      return unsent;
    } catch (error) {
      // A leader may have moved, or a topic been made anew.
      this.client.clearMetadata();
      throw error;
    }
  }

  close(): Promise<void> {
    return closed(this.client);
  }

  async #metadataOf(records: readonly OutgoingRecord[]): Promise<ClusterMetadata> {
    const topics = [...new Set(records.map(({ topic }) => topic))];
    try {
      return await this.client.metadata({ topics });
    } catch (error) {
      // Of a metadata request this code means one thing: a topic is not there. Kafka's own code is lost on the way.
      const isMissing = (error as { code?: unknown }).code === 'PLT_KFK_USER';
      throw isMissing ? Object.assign(new Error('', { cause: error }), { type: 'UNKNOWN_TOPIC_OR_PARTITION' }) : error;
    }
  }

  async #produce(metadata: ClusterMetadata, leader: number, messages: Message[]): Promise<void> {
    // Absent while a partition has no leader: the pool fails then, and the next try asks for new metadata.
    const connection = await this.client.connections.get(metadata.brokers.get(leader)!);
    await this.produce.async(connection, -1, this.timeoutMs, messages, { ...this.id, sequences: this.#sequences });
  }
}

export const openPlatformaticProducer: OpenProducer = async (connection) => {
  const client = new Base(platformaticOptions(connection));
  const timeoutMs = connection.requestTimeoutMs ?? 10_000;
  try {
    const anyBroker = await called<Connection>((done) => client[kGetBootstrapConnection](done));
    const initProducerId = await apiOf<typeof initProducerIdV5.api>(client, 'InitProducerId');
    // -1: no id yet. The id is not bound to the broker that gives it out.
    const id = await initProducerId.async(anyBroker, null, timeoutMs, -1n, -1);
    return new PlatformaticProducer(client, id, await apiOf<Produce>(client, 'Produce'), timeoutMs);
  } catch (error) {
    await closed(client);
    throw error;
  }
};

/** The newest version of a call that both sides know; all versions of these calls take and give the same here. */
function apiOf<A>(client: Base, name: string): Promise<A> {
  return called((done) => client[kGetApi](name, done as (error: Error | null, api?: API<unknown[], unknown>) => void));
}

function called<R>(call: (done: (error: Error | null, result?: R) => void) => void): Promise<R> {
  return new Promise((resolve, reject) => {
    call((error, result) => (error === null ? resolve(result as R) : reject(error)));
  });
}

/** Waits for all, also when one fails: the next try must not meet a request of this one on its way. */
async function settled(requests: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(requests)).filter((each) => each.status === 'rejected');
  const reasons = failed.map((each) => each.reason as unknown);
  if (reasons.length > 0) throw reasons.length === 1 ? reasons[0] : new AggregateError(reasons);
}

async function closed(client: Base): Promise<void> {
  await endsWithin(
    client.close().catch(() => undefined),
    closeMsMax,
  );
}

interface Placed {
  readonly byLeader: ReadonlyMap<number, Message[]>;
  readonly unsent: readonly OutgoingRecord[];
}

function placed(records: readonly OutgoingRecord[], { topics }: ClusterMetadata): Placed {
  const byLeader = new Map<number, Message[]>();
  const unsent: OutgoingRecord[] = [];
  for (const record of records) {
    const partitions = topics.get(record.topic)?.partitions ?? [];
    const key = Buffer.from(record.key);
    // As Java clients place a key.
    const partition = record.partition ?? (murmur2(key) & 0x7fffffff) % Math.max(1, partitions.length);
    const leader = partitions[partition]?.leader;
    if (leader === undefined) unsent.push(record);
    else {
      const messages = byLeader.get(leader);
      const message = messageOf(record, key, partition);
      if (messages === undefined) byLeader.set(leader, [message]);
      else messages.push(message);
    }
  }
  return { byLeader, unsent };
}

function messageOf({ topic, value, headers }: OutgoingRecord, key: Buffer, partition: number): Message {
  return {
    topic,
    partition,
    key,
    value: value === null ? null : Buffer.from(value.buffer, value.byteOffset, value.byteLength),
    ...(headers === undefined ? {} : { headers: headersOf(headers) }),
  } as Message;
}

function headersOf(headers: Readonly<Record<string, string>>): Map<Buffer, Buffer> {
  const encoded = new Map<Buffer, Buffer>();
  for (const name in headers) encoded.set(Buffer.from(name), Buffer.from(headers[name] ?? ''));
  return encoded;
}

function nameOf(topic: string, partition: number): string {
  return `${topic}:${partition}`;
}
