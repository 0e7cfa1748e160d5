/**
 * Sends records to the bus. One produce is in flight per producer and what arrives meanwhile joins the next, so batches
 * form by themselves: alone a record goes at once, under load a request carries hundreds (3.6 ms CPU for one unbatched
 * message in client and broker together, 38 µs in bulk). A send resolves once every in-sync replica has the record; it is
 * retried until its deadline, in order, and one bad record never fails its batch mates. Delivery is at least once:
 * Kafka's sequence numbers remove the duplicates of ordinary retries, only an isolated batch can repeat a record.
 */
import { broken, expired, Fault, invalid, limits, unreachable } from '@toolfleet/kernel';
import { backOff } from '../waits.js';
import { Batcher } from '../batcher.js';
import { Pace } from '../pace.js';
import type { KafkaConnection } from './connection.js';
import { driverOf } from './driver.js';
import { sendFailureOf } from './failures.js';
import type { ProducerClient } from './producer-client.js';
import { bytesOf } from './records.js';
import type { OutgoingRecord } from './records.js';

export interface BusProducerOptions {
  readonly connection: KafkaConnection;
  /** Largest key, value and headers of one record together. Default 1,000,000: below the broker's 1,048,588 a batch. */
  readonly recordBytesMax?: number;
  /** Most bytes of one produce request. Default 900,000, so that even a request for one partition fits its limit. */
  readonly batchBytesMax?: number;
  /** Most bytes waiting for a produce; beyond it `send` refuses with `overloaded`. Default 32 MiB. */
  readonly waitingBytesMax?: number;
  /** How long a send is tried when the caller names no deadline. Default 30 s: a broker restart took at most 25 s. */
  readonly deadlineMs?: number;
}

/** kafkajs copies the partition's list for each message, n²: 1,000 keeps that at 1 µs a record. */
const recordsPerBatchMax = 1_000;
/** A topic made a moment ago may be unknown to this broker for some 100 ms; three tries cover it. */
const unknownTopicTriesMax = 3;
const backoffMs = { first: 50, max: 1_000 } as const;

interface Outgoing {
  readonly record: OutgoingRecord;
  readonly bytes: number;
  readonly deadlineAtMs: number;
}

type Sent = PromiseSettledResult<void>;
const sent: Sent = { status: 'fulfilled', value: undefined };

export class BusProducer {
  readonly #batcher: Batcher<Outgoing, void>;
  readonly #recordBytesMax: number;
  readonly #deadlineMs: number;
  readonly #closing = new AbortController();
  #client: Promise<ProducerClient> | undefined;
  readonly #counts = { records: 0, batches: 0, retries: 0 };

  constructor(private readonly options: BusProducerOptions) {
    this.#recordBytesMax = options.recordBytesMax ?? limits.recordBytesMax;
    this.#deadlineMs = options.deadlineMs ?? 30_000;
    const pace = new Pace();
    this.#batcher = new Batcher<Outgoing, void>({
      turn: () => pace.turn(),
      flush: (items) => this.#flush(items),
      itemsMax: recordsPerBatchMax,
      weightMax: options.batchBytesMax ?? 900_000,
      weightOf: (item) => item.bytes,
      waitingMax: options.waitingBytesMax ?? 32 * 1024 * 1024,
      deadlineAtMsOf: (item) => item.deadlineAtMs,
      onDeadline: () => busUnreachable(),
    });
  }

  /** Optional: the first send connects too. Fails at the send deadline when no broker answers. */
  async connect(): Promise<void> {
    const deadlineAtMs = Date.now() + this.#deadlineMs;
    for (let attempt = 1; ; attempt += 1) {
      try {
        // oxlint-disable-next-line no-await-in-loop
        await this.#connected();
        return;
      } catch (error) {
        if (Date.now() >= deadlineAtMs || this.#closing.signal.aborted) throw busUnreachable(error);
        // oxlint-disable-next-line no-await-in-loop
        await this.#pause(attempt);
      }
    }
  }

  /**
   * Resolves when the record is on all in-sync replicas. Sends of one producer to one partition keep their order, those with
   * `mayWaitMs` and those without each among themselves.
   */
  send(
    record: OutgoingRecord,
    options?: { readonly deadlineAtMs?: number; readonly mayWaitMs?: number },
  ): Promise<void> {
    if (this.#closing.signal.aborted) return Promise.reject(unreachable('BUS_CLOSED', 'The producer is closed.'));
    const bytes = bytesOf(record);
    if (bytes > this.#recordBytesMax) return Promise.reject(tooLarge(record, bytes));
    const nowMs = Date.now();
    const deadlineAtMs = options?.deadlineAtMs ?? nowMs + this.#deadlineMs;
    if (deadlineAtMs <= nowMs) return Promise.reject(expired('SEND_DEADLINE', 'The deadline passed before the send.'));
    return this.#batcher.add({ record, bytes, deadlineAtMs }, options?.mayWaitMs);
  }

  stats(): { waiting: number; records: number; batches: number; retries: number } {
    return { waiting: this.#batcher.size, ...this.#counts };
  }

  /** Sends what waits (each within its own deadline), then closes. */
  async disconnect(): Promise<void> {
    await this.#batcher.idle();
    this.#closing.abort();
    await this.#renew();
  }

  async #flush(items: readonly Outgoing[]): Promise<Sent[]> {
    const results = new Map<Outgoing, Sent>();
    await this.#deliver(items, results);
    return items.map((item) => results.get(item) ?? sent);
  }

  /** Fills `results` for every item that was not sent; the same list is sent again and again, never a part of it. */
  async #deliver(items: readonly Outgoing[], results: Map<Outgoing, Sent>): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        // oxlint-disable-next-line no-await-in-loop
        const unsent = await this.#sendOnce(items);
        // oxlint-disable-next-line no-await-in-loop
        if (unsent.length > 0) await this.#sendToNewPartitions(unsent, results);
        return;
      } catch (error) {
        this.#counts.retries += 1;
        const failure = sendFailureOf(error);
        const isTopicTrouble = failure.blame === 'topic' && attempt >= unknownTopicTriesMax;
        if (failure.blame === 'record' || isTopicTrouble) {
          // oxlint-disable-next-line no-await-in-loop
          await this.#isolate(items, failure.blame, failure.fault, results);
          return;
        }
        // After a failed produce the outcome is unknown and the sequence numbers are rolled back. Sending the same list
        // again is recognised by the broker; sending anything else under those numbers could be taken for a duplicate
        // and lost. So whenever a list is given up, the producer id goes with it.
        const gaveUp = items.every((item) => item.deadlineAtMs <= Date.now());
        // oxlint-disable-next-line no-await-in-loop
        if (failure.blame === 'producer' || gaveUp) await this.#renew();
        if (gaveUp) {
          for (const item of items) results.set(item, { status: 'rejected', reason: busUnreachable(error) });
          return;
        }
        // oxlint-disable-next-line no-await-in-loop
        await this.#pause(attempt);
      }
    }
  }

  /** Finds the bad records by halves, so that their mates are sent. Bad ones are few: log2(1,000) = 10 sends for one. */
  async #isolate(
    items: readonly Outgoing[],
    blame: 'record' | 'topic',
    fault: Fault,
    results: Map<Outgoing, Sent>,
  ): Promise<void> {
    await this.#renew();
    const parts = partsOf(items, blame);
    if (parts.length === 1) {
      for (const item of items) results.set(item, { status: 'rejected', reason: fault });
      return;
    }
    // In order, because records of one partition keep theirs.
    // oxlint-disable-next-line no-await-in-loop
    for (const part of parts) await this.#deliver(part, results);
  }

  /** A partition added a moment ago is unknown to a client until it asks again; one that is still unknown is not there. */
  async #sendToNewPartitions(items: readonly Outgoing[], results: Map<Outgoing, Sent>): Promise<void> {
    await this.#renew();
    const unsent = await this.#sendOnce(items);
    for (const item of unsent) results.set(item, { status: 'rejected', reason: partitionUnknown(item.record) });
  }

  /** Returns the items whose partition does not exist. */
  async #sendOnce(items: readonly Outgoing[]): Promise<Outgoing[]> {
    const client = await this.#connected();
    const unsent = await client.send(items.map(({ record }) => record));
    this.#counts.batches += 1;
    this.#counts.records += items.length;
    return unsent.length === 0 ? [] : items.filter(({ record }) => unsent.includes(record));
  }

  #connected(): Promise<ProducerClient> {
    this.#client ??= this.#open();
    return this.#client;
  }

  async #open(): Promise<ProducerClient> {
    const { connection } = this.options;
    try {
      return await driverOf(connection).openProducer(connection);
    } catch (error) {
      this.#client = undefined;
      throw error;
    }
  }

  async #renew(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    if (client !== undefined)
      await client.then(
        (open) => open.close(),
        () => undefined,
      );
  }

  async #pause(attempt: number): Promise<void> {
    await backOff(attempt, backoffMs, this.#closing.signal);
  }
}

function partsOf(items: readonly Outgoing[], blame: 'record' | 'topic'): (readonly Outgoing[])[] {
  const groups = Map.groupBy(items, ({ record: { topic, partition } }) =>
    blame === 'topic' ? topic : `${topic} ${partition ?? ''}`,
  );
  if (groups.size > 1) return [...groups.values()];
  if (items.length === 1 || blame === 'topic') return [items];
  const middle = items.length >> 1;
  return [items.slice(0, middle), items.slice(middle)];
}

function busUnreachable(cause?: unknown): Fault {
  return unreachable('BUS_UNREACHABLE', 'The bus did not take the record in time; it may still have it.', { cause });
}

function tooLarge(record: OutgoingRecord, bytes: number): Fault {
  return invalid('RECORD_TOO_LARGE', 'The record is larger than the bus takes.', {
    details: { topic: record.topic, bytes: String(bytes) },
  });
}

function partitionUnknown({ topic, partition }: OutgoingRecord): Fault {
  return broken('PARTITION_UNKNOWN', 'The topic has no such partition.', {
    details: { topic, partition: String(partition) },
  });
}
