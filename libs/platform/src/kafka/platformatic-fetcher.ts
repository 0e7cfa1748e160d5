/**
 * The fetch loop of one platformatic client. It hands each partition's records over and goes on, so no handler is ever
 * waited for; it keeps the positions itself, apart from what is committed, so a paused partition and a kept one go on
 * where they were. One request is under way per broker, beside the heartbeats: fetches have connections of their own,
 * because a broker answers one connection in order and a fetch may wait there for data.
 */
import type { ClusterMetadata, Consumer } from '@platformatic/kafka';
import { ConnectionPool } from '@platformatic/kafka';
import { backOff } from '../waits.js';
import { BrokerPaces } from './broker-paces.js';
import { causesOf } from './failures.js';
import type { FetchedBatch } from './group-member.js';
import type { FetchAnswer } from './platformatic-batch.js';
import { batchOf } from './platformatic-batch.js';
import { platformaticOptions } from './platformatic-connection.js';
import type { KafkaConnection } from './connection.js';

/** Where one partition is read. Replaced, never reused, when the partition is gained anew: an old answer finds no cursor. */
export interface Cursor {
  readonly topic: string;
  readonly partition: number;
  /** Undefined until it is known where the group, or else the log, begins. */
  offset: bigint | undefined;
  /** What is committed lies outside the log: only the log's own begin or end counts. */
  isOutOfRange: boolean;
}

export interface FetcherOptions {
  readonly consumer: Consumer;
  readonly connection: KafkaConnection;
  readonly fromBeginning: boolean;
  readonly waitMs: number;
  readonly bytesMin: number;
  /** Bytes of one partition and of all of them in one answer. */
  readonly partitionBytes: number;
  readonly totalBytes: number;
  readonly isPaused: (cursor: Cursor) => boolean;
  /** False: not taken, because there is no membership at the moment; the position stays. */
  readonly take: (batch: FetchedBatch) => boolean;
  /** The loop went round, with data or without. */
  readonly onRound: () => void;
  /** One more fetch failed, for so long without a success. */
  readonly onFailure: (error: unknown, failingMs: number) => void;
}

const retryMs = { first: 100, max: 2_000 } as const;
/** Special timestamps of Kafka's ListOffsets. */
const logBegin = -2n;
const logEnd = -1n;

export class PartitionFetcher {
  readonly #pool: ConnectionPool;
  readonly #busyLeaders = new Set<number>();
  readonly #paces = new BrokerPaces();
  #cursors: readonly Cursor[] = [];
  #wake: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #stopping = new AbortController();
  #failures = 0;
  #failingSinceMs = 0;

  constructor(private readonly options: FetcherOptions) {
    this.#pool = new ConnectionPool(options.connection.clientId, platformaticOptions(options.connection));
  }

  /** What is fetched from now on; a cursor that was here before goes on where it is. */
  set cursors(cursors: readonly Cursor[]) {
    this.#cursors = cursors;
    this.wake();
  }

  get cursors(): readonly Cursor[] {
    return this.#cursors;
  }

  /** Something may be fetched that could not before. */
  wake(): void {
    this.#wake.resolve();
  }

  /** Never rejects; ends after `stop`. */
  async run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      this.#wake = Promise.withResolvers();
      const { promise } = this.#wake;
      try {
        // oxlint-disable-next-line no-await-in-loop
        await this.#startFetches();
      } catch (error) {
        // oxlint-disable-next-line no-await-in-loop
        await this.#failed(error);
        continue;
      }
      const isIdle = this.#busyLeaders.size === 0;
      const idle = isIdle ? setTimeout(() => this.wake(), this.options.waitMs) : undefined;
      // oxlint-disable-next-line no-await-in-loop
      await promise;
      clearTimeout(idle);
      if (isIdle) this.#wentRound();
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#cursors = [];
    this.wake();
    await this.#pool.close().catch(() => undefined);
  }

  async #startFetches(): Promise<void> {
    const { consumer, isPaused } = this.options;
    const unknown = this.#cursors.filter(({ offset }) => offset === undefined);
    if (unknown.length > 0) await this.#locate(unknown);
    const flowing = this.#cursors.filter((cursor) => cursor.offset !== undefined && !isPaused(cursor));
    if (flowing.length === 0 || this.#stopping.signal.aborted) return;
    const metadata = await consumer.metadata({ topics: [...new Set(flowing.map(({ topic }) => topic))] });
    const byLeader = Map.groupBy(flowing, (cursor) => leaderOf(metadata, cursor));
    for (const [leader, cursors] of byLeader) {
      if (!this.#busyLeaders.has(leader)) void this.#fetchFrom(leader, metadata, cursors);
    }
  }

  /** Never rejects. */
  async #fetchFrom(leader: number, metadata: ClusterMetadata, cursors: readonly Cursor[]): Promise<void> {
    this.#busyLeaders.add(leader);
    try {
      await this.#paces.of(leader).turn();
      const { consumer, waitMs, bytesMin, totalBytes } = this.options;
      const topics = requestOf(metadata, cursors, this.options.partitionBytes);
      const answer = await consumer.fetch({
        node: leader,
        topics,
        maxWaitTime: waitMs,
        minBytes: bytesMin,
        maxBytes: totalBytes,
        connectionPool: this.#pool,
      });
      this.#handOver(metadata, cursors, answer);
      this.#wentRound();
    } catch (error) {
      const answer = (error as { response?: FetchAnswer }).response;
      if (answer?.responses !== undefined) this.#markOutOfRange(metadata, cursors, answer);
      await this.#failed(error);
    } finally {
      this.#busyLeaders.delete(leader);
      this.wake();
    }
  }

  #handOver(metadata: ClusterMetadata, cursors: readonly Cursor[], { responses }: FetchAnswer): void {
    for (const { topicId, partitions } of responses) {
      for (const answer of partitions) {
        const cursor = cursorOf(metadata, cursors, topicId, answer.partitionIndex);
        // Not asked for, or not ours any more since the request was sent.
        if (cursor?.offset === undefined || !this.#cursors.includes(cursor)) continue;
        const batch = batchOf(cursor.topic, cursor.partition, cursor.offset, answer);
        if (batch !== undefined && this.options.take(batch)) cursor.offset = BigInt(batch.nextOffset);
      }
    }
  }

  #markOutOfRange(metadata: ClusterMetadata, cursors: readonly Cursor[], { responses }: FetchAnswer): void {
    for (const { topicId, partitions } of responses) {
      for (const { partitionIndex, errorCode } of partitions) {
        const cursor = cursorOf(metadata, cursors, topicId, partitionIndex);
        if (cursor === undefined || errorCode !== offsetOutOfRange) continue;
        cursor.offset = undefined;
        cursor.isOutOfRange = true;
      }
    }
  }

  /** The committed offset, or where the log begins or ends when there is none or it lies outside the log. */
  async #locate(cursors: readonly Cursor[]): Promise<void> {
    const { consumer, fromBeginning } = this.options;
    const inGroup = cursors.filter(({ isOutOfRange }) => !isOutOfRange);
    const committed =
      inGroup.length === 0 ? undefined : await consumer.listCommittedOffsets({ topics: listOf(inGroup) });
    for (const cursor of inGroup) {
      const offset = committed?.get(cursor.topic)?.[cursor.partition];
      if (offset !== undefined && offset >= 0n) cursor.offset ??= offset;
    }
    const rest = cursors.filter(({ offset }) => offset === undefined);
    if (rest.length === 0) return;
    const partitions = Object.fromEntries(listOf(rest).map((each) => [each.topic, each.partitions]));
    const timestamp = fromBeginning ? logBegin : logEnd;
    const offsets = await consumer.listOffsets({ topics: Object.keys(partitions), partitions, timestamp });
    for (const cursor of rest) {
      cursor.offset ??= offsets.get(cursor.topic)?.[cursor.partition];
      cursor.isOutOfRange = false;
    }
  }

  #wentRound(): void {
    this.#failures = 0;
    this.#failingSinceMs = 0;
    if (!this.#stopping.signal.aborted) this.options.onRound();
  }

  async #failed(failure: unknown): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    this.#failures += 1;
    if (this.#failingSinceMs === 0) this.#failingSinceMs = Date.now();
    this.options.consumer.clearMetadata();
    this.options.onFailure(failure, Date.now() - this.#failingSinceMs);
    // A session that the broker forgot is made anew by the next fetch: nothing to wait for.
    if (causesOf(failure).some(({ type }) => type !== undefined && sessionErrors.includes(type))) return;
    await backOff(this.#failures, retryMs, this.#stopping.signal);
  }
}

const offsetOutOfRange = 1;
const sessionErrors = ['FETCH_SESSION_ID_NOT_FOUND', 'INVALID_FETCH_SESSION_EPOCH', 'OFFSET_OUT_OF_RANGE'];

/** -1 for a partition without a leader: the fetch fails there, and asks for new metadata. */
function leaderOf({ topics }: ClusterMetadata, { topic, partition }: Cursor): number {
  return topics.get(topic)?.partitions[partition]?.leader ?? -1;
}

function requestOf({ topics }: ClusterMetadata, cursors: readonly Cursor[], partitionMaxBytes: number) {
  return Array.from(
    Map.groupBy(cursors, ({ topic }) => topic),
    ([topic, ofTopic]) => ({
      topicId: topics.get(topic)?.id ?? '',
      partitions: ofTopic.map(({ partition, offset }) => ({
        partition,
        fetchOffset: offset ?? 0n,
        partitionMaxBytes,
        // No epochs: a log that was cut is recognised by its end, as with every client here.
        currentLeaderEpoch: -1,
        lastFetchedEpoch: -1,
      })),
    }),
  );
}

function cursorOf({ topics }: ClusterMetadata, cursors: readonly Cursor[], topicId: string, partition: number) {
  return cursors.find((cursor) => cursor.partition === partition && topics.get(cursor.topic)?.id === topicId);
}

function listOf(cursors: readonly Cursor[]): { topic: string; partitions: number[] }[] {
  return Array.from(
    Map.groupBy(cursors, ({ topic }) => topic),
    ([topic, ofTopic]) => ({ topic, partitions: ofTopic.map(({ partition }) => partition) }),
  );
}
