/**
 * Reads a whole topic in every process: a compacted one from its start (the catalogue, the policy bundle), any other from
 * its end (cancels, session events for watchers). Each reader is a group of one member under a name used once, because the
 * client reads only in groups; it commits nothing and remembers its own positions, so a lost connection loses no record.
 * The broker forgets such a group by itself once its member has left.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { chainOf, unreachable } from '@toolfleet/kernel';
import { withAdmin } from './admin.js';
import type { KafkaConnection } from './connection.js';
import { logOf } from './connection.js';
import { driverOf } from './driver.js';
import type { FetchedBatch, GroupMember, Position } from './group-member.js';
import type { BusRecord } from './records.js';
import { isTombstone } from './records.js';

export interface TopicReader {
  /** Resolves when everything that was on the topic at the start has been handed over. Rejects when closed before. */
  readonly caughtUp: Promise<void>;
  close(): Promise<void>;
}

export interface TopicReaderOptions {
  readonly connection: KafkaConnection;
  readonly topic: string;
  /** A tombstone has an empty value. Called in order for each partition; must not throw and must not take long. */
  readonly onRecord: (record: BusRecord, tombstone: boolean) => void;
  /** So much later a record may come, in company of others: each fetch costs the broker and this process 0.2 to 0.4 ms. */
  readonly mayWaitMs?: number | undefined;
}

/** Metadata and offsets are asked again after so long when the broker is not there yet. */
const askAgainMs = 500;
/** Data ends a fetch at once; without any, a reader goes round twice a second. */
const fetchWaitMs = 500;
/** What comes in company comes sooner when there is so much of it: some hundred records. */
const companyBytes = 64 * 1024;

/** From the start of the topic, then on. A record may come twice after a lost connection; the newest is always last. */
export function readCompacted(options: TopicReaderOptions): TopicReader {
  return new Reader(options, 'low');
}

/** From the end of the topic as it is at this call, on. `caughtUp` resolves when no later record can be missed. */
export function readBroadcast(options: TopicReaderOptions): TopicReader {
  return new Reader(options, 'high');
}

class Reader implements TopicReader {
  readonly #caughtUp = Promise.withResolvers<void>();
  readonly #closing = new AbortController();
  /** By partition: the next offset to read, and where the topic ended at the start. */
  readonly #next = new Map<number, number>();
  readonly #ends = new Map<number, number>();
  readonly #started: Promise<void>;
  #member: GroupMember | undefined;

  constructor(
    private readonly options: TopicReaderOptions,
    from: 'low' | 'high',
  ) {
    this.#caughtUp.promise.catch(() => undefined);
    this.#started = this.#start(from);
  }

  get caughtUp(): Promise<void> {
    return this.#caughtUp.promise;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#caughtUp.reject(unreachable('READER_CLOSED', 'The reader was closed before it had read the topic.'));
    await this.#started;
    await this.#member?.stop();
  }

  async #start(from: 'low' | 'high'): Promise<void> {
    const { connection, topic, mayWaitMs } = this.options;
    const { signal } = this.#closing;
    while (this.#ends.size === 0 && !signal.aborted) {
      try {
        // oxlint-disable-next-line no-await-in-loop
        for (const offsets of await withAdmin(connection, (admin) => admin.offsets(topic))) {
          this.#ends.set(offsets.partition, Number(offsets.high));
          this.#next.set(offsets.partition, Number(offsets[from]));
        }
      } catch (error) {
        logOf(connection)('warn', 'The topic cannot be read yet.', { topic, error: chainOf(error) });
        // oxlint-disable-next-line no-await-in-loop
        await sleep(askAgainMs, undefined, { signal }).catch(() => undefined);
      }
    }
    if (signal.aborted) return;
    // From the end there is nothing to catch up with, and what comes is read however late the group is joined.
    this.#checkCaughtUp();
    const fromBeginning = from === 'low';
    const groupId = `${topic}.reader.${randomUUID()}`;
    this.#member = driverOf(connection).memberOf(
      // Nobody was ever in this group: no former self to look for.
      {
        connection: { ...connection, replica: undefined },
        groupId,
        topics: [topic],
        fromBeginning,
        group: mayWaitMs === undefined ? { fetchWaitMs } : { fetchWaitMs: mayWaitMs, fetchBytesMin: companyBytes },
      },
      { joined: () => this.#joined(), fetched: (batch) => this.#fetched(batch), left: () => {}, polled: () => {} },
    );
    this.#member.start().catch(() => undefined);
  }

  #joined(): Position[] {
    return Array.from(this.#next, ([partition, offset]) => ({ topic: this.options.topic, partition, offset }));
  }

  #fetched({ partition, records, nextOffset, highWatermark }: FetchedBatch): void {
    const { topic, connection, onRecord } = this.options;
    for (const record of records) {
      try {
        onRecord(record, isTombstone(record));
      } catch (error) {
        const where = { topic, partition, offset: String(record.offset) };
        logOf(connection)('error', 'A record was skipped because its reader threw.', {
          ...where,
          error: chainOf(error),
        });
      }
    }
    this.#next.set(partition, nextOffset);
    // The log was cut or made anew below the end seen at the start: its present end is all there is to wait for.
    const end = this.#ends.get(partition) ?? 0;
    if (highWatermark < end) this.#ends.set(partition, highWatermark);
    this.#checkCaughtUp();
  }

  #checkCaughtUp(): void {
    for (const [partition, end] of this.#ends) if ((this.#next.get(partition) ?? 0) < end) return;
    this.#caughtUp.resolve();
  }
}
