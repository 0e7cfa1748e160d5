/**
 * Group membership by kafkajs. It hands each batch over and returns at once, so that the fetch loop, which also carries
 * the heartbeats, never waits for a handler. kafkajs's own restarts are off: any crash, also those after which it would
 * stay silent for ever, ends in one path here that builds a fresh client with back-off.
 */
import { faultOf, unreachable } from '@toolfleet/kernel';
import type { Consumer, ConsumerRunConfig, EachBatchPayload, KafkaMessage } from 'kafkajs';
import { backOff, endsWithin } from '../waits.js';
import { clientIdOf, kafkaClient, logOf } from './connection.js';
import type { GroupMember, MemberEvents, MemberFactory, MemberOptions, Position } from './group-member.js';
import { replacePredecessor } from './kafkajs-predecessor.js';
import type { BusRecord } from './records.js';
import { valueOrTombstone } from './records.js';
import { stickyAssigner } from './sticky-assigner.js';

/** Bytes of all partitions in one fetch: with the waiting bounds this caps what a consumer can hold. */
const fetchTotalBytes = 4 * 1024 * 1024;
const rebuildMs = { first: 100, max: 2_000 } as const;
const stopMsMax = 5_000;

export class KafkajsMember implements GroupMember {
  #consumer: Consumer | undefined;
  #commit: EachBatchPayload['commitOffsetsIfNecessary'] | undefined;
  #isJoined = false;
  #failures = 0;
  /** What this member holds, told to the group at each join. */
  #held: Readonly<Record<string, readonly number[]>> = {};
  #building: Promise<void> | undefined;
  readonly #stopping = new AbortController();
  readonly #firstJoin = Promise.withResolvers<void>();

  constructor(
    private readonly options: MemberOptions,
    private readonly events: MemberEvents,
  ) {}

  start(): Promise<void> {
    const { connection, groupId } = this.options;
    if (connection.replica !== undefined) replacePredecessor(groupId, clientIdOf(connection));
    this.#building = this.#build();
    return this.#firstJoin.promise;
  }

  async commit(positions: readonly Position[]): Promise<void> {
    // The batch's own commit, because `consumer.commitOffsets` retries by itself, and a retry that falls into the next
    // generation would be accepted there for a partition that moved away.
    if (this.#commit === undefined) throw unreachable('NOT_A_MEMBER', 'There is no group to commit to.');
    const topics = Map.groupBy(positions, (position) => position.topic);
    await this.#commit({
      topics: Array.from(topics, ([topic, ofTopic]) => ({
        topic,
        partitions: ofTopic.map(({ partition, offset }) => ({ partition, offset: String(offset) })),
      })),
    });
  }

  setPaused(paused: readonly Omit<Position, 'offset'>[]): void {
    const consumer = this.#consumer;
    if (consumer === undefined || !this.#isJoined) return;
    // kafkajs keeps pauses across rebalances, so the list is compared with what it says, never with what we told it.
    const current = consumer.paused();
    const isPaused = (topic: string, partition: number) =>
      current.some((entry) => entry.topic === topic && entry.partitions.includes(partition));
    const isWanted = (topic: string, partition: number) =>
      paused.some((entry) => entry.topic === topic && entry.partition === partition);
    const pause = paused.filter(({ topic, partition }) => !isPaused(topic, partition));
    const resume = current.flatMap(({ topic, partitions }) =>
      partitions.filter((partition) => !isWanted(topic, partition)).map((partition) => ({ topic, partition })),
    );
    if (pause.length > 0) consumer.pause(byTopic(pause));
    if (resume.length > 0) consumer.resume(byTopic(resume));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#firstJoin.reject(unreachable('CONSUMER_STOPPED', 'The consumer was stopped before it joined its group.'));
    this.#firstJoin.promise.catch(() => undefined);
    await endsWithin(Promise.all([this.#discard(), this.#building]), stopMsMax);
  }

  async #build(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const { connection, groupId, topics, fromBeginning = true, group = {} } = this.options;
    const sessionTimeout = group.sessionTimeoutMs ?? 6_000;
    this.#held = {};
    const consumer = kafkaClient(connection).consumer({
      groupId,
      partitionAssigners: [stickyAssigner(() => this.#held)],
      sessionTimeout,
      // Members rejoin at once because nothing blocks their loop, so a slow one is a dead one.
      rebalanceTimeout: Math.max(10_000, sessionTimeout),
      heartbeatInterval: group.heartbeatIntervalMs ?? 1_000,
      maxWaitTimeInMs: group.fetchWaitMs ?? 250,
      minBytes: group.fetchBytesMin ?? 1,
      maxBytesPerPartition: group.fetchBytes ?? 256 * 1024,
      maxBytes: fetchTotalBytes,
      allowAutoTopicCreation: false,
      retry: { retries: 3, restartOnFailure: () => Promise.resolve(false) },
    });
    this.#consumer = consumer;
    this.#listen(consumer);
    try {
      await consumer.connect();
      if (consumer === this.#consumer) await consumer.subscribe({ topics: [...topics], fromBeginning });
      if (consumer === this.#consumer) await consumer.run(this.#runOptions(consumer));
      // Stopped while it joined: leaving now is what keeps a consumer that nobody knows out of the group.
      if (consumer !== this.#consumer) await closed(consumer);
    } catch (error) {
      void this.#rebuild(consumer, error);
    }
  }

  #runOptions(consumer: Consumer): ConsumerRunConfig {
    return {
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: (payload) => {
        this.#take(consumer, payload);
        return Promise.resolve();
      },
    };
  }

  #listen(consumer: Consumer): void {
    const { GROUP_JOIN, FETCH, CRASH } = consumer.events;
    consumer.on(GROUP_JOIN, ({ payload }) => this.#joined(consumer, payload.memberId, payload.memberAssignment));
    consumer.on(FETCH, () => this.events.polled());
    consumer.on(CRASH, ({ payload }) => void this.#rebuild(consumer, payload.error));
  }

  #joined(consumer: Consumer, memberId: string, assignment: Readonly<Record<string, readonly number[]>>): void {
    if (consumer !== this.#consumer) return;
    this.#isJoined = true;
    this.#held = assignment;
    this.#failures = 0;
    try {
      for (const { topic, partition, offset } of this.events.joined(memberId, new Map(Object.entries(assignment)))) {
        consumer.seek({ topic, partition, offset: String(offset) });
      }
    } catch (error) {
      this.#log('error', 'A group join could not be handled.', { error: faultOf(error).message });
    }
    this.#firstJoin.resolve();
  }

  #take(
    consumer: Consumer,
    { batch, resolveOffset, commitOffsetsIfNecessary, isStale, isRunning }: EachBatchPayload,
  ): void {
    if (consumer !== this.#consumer || isStale() || !isRunning()) return;
    this.#commit = commitOffsetsIfNecessary;
    try {
      const { topic, partition } = batch;
      const lastOffset = batch.lastOffset();
      // First, so that a batch whose hand-over fails half-way is not fetched again beside its first half.
      resolveOffset(lastOffset);
      this.events.fetched({
        topic,
        partition,
        records: batch.messages.map((message) => recordOf(topic, partition, message)),
        nextOffset: Number(lastOffset) + 1,
        highWatermark: Number(batch.highWatermark),
      });
    } catch (error) {
      this.#log('error', 'A batch could not be handed over.', { error: faultOf(error).message, topic: batch.topic });
    }
  }

  async #rebuild(crashed: Consumer, error: unknown): Promise<void> {
    if (crashed !== this.#consumer || this.#stopping.signal.aborted) return;
    this.#failures += 1;
    this.#log('warn', 'The consumer lost its group and is built anew.', {
      groupId: this.options.groupId,
      failures: this.#failures,
      error: error instanceof Error ? error.message : String(error),
    });
    this.#isJoined = false;
    this.events.left();
    await this.#discard();
    await backOff(this.#failures, rebuildMs, this.#stopping.signal);
    this.#building = this.#build();
  }

  async #discard(): Promise<void> {
    const consumer = this.#consumer;
    this.#consumer = undefined;
    this.#commit = undefined;
    this.#isJoined = false;
    if (consumer !== undefined) await closed(consumer);
  }

  #log(level: 'warn' | 'error', message: string, facts: object): void {
    logOf(this.options.connection)(level, message, facts);
  }
}

/** Also leaves the group. kafkajs's disconnect can hang on a dead broker, so it is given some seconds and left behind. */
async function closed(consumer: Consumer): Promise<void> {
  await endsWithin(
    consumer.disconnect().catch(() => undefined),
    stopMsMax,
  );
}

export const kafkajsMember: MemberFactory = (options, events) => new KafkajsMember(options, events);

function recordOf(topic: string, partition: number, message: KafkaMessage): BusRecord {
  return {
    topic,
    partition,
    offset: BigInt(message.offset),
    key: message.key === null ? '' : message.key.toString('utf8'),
    value: valueOrTombstone(message.value),
    headers: headersOf(message.headers),
    timestampMs: Number(message.timestamp),
  };
}

const noHeaders: Readonly<Record<string, string>> = {};

function headersOf(headers: KafkaMessage['headers']): Readonly<Record<string, string>> {
  if (headers === undefined) return noHeaders;
  const strings: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    // Kafka allows a header twice; the last one counts, as with a producer that overwrites.
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last !== undefined) strings[name] = last.toString();
  }
  return strings;
}

function byTopic(partitions: readonly Omit<Position, 'offset'>[]): { topic: string; partitions: number[] }[] {
  return Array.from(
    Map.groupBy(partitions, ({ topic }) => topic),
    ([topic, entries]) => ({ topic, partitions: entries.map(({ partition }) => partition) }),
  );
}
