/**
 * Records whose next reader lives in this process, or in a neighbour of the same host, are handed to it, and the bus carries
 * the others. The guarantees are the same, because something that outlives the process stands behind each record that is
 * handed over; it says when a send may resolve:
 *
 * - `finished`: what stands behind it (an unacknowledged record of the sender, an ended session that is not yet retired)
 *   is let go when the send resolves. So the send resolves when the reader is done, and a crash before begins anew.
 * - `taken`: the record follows from a committed session (a call, an observation). Whoever picks the session up after a
 *   crash sends again what is outstanding, and a write is answered from the effect ledger then. So nobody need wait.
 *
 * What a reader cannot finish while the process lives on (its partition moved, it drains) it gives back, and the bus gets
 * it. A reader with its hands full takes nothing: then the bus is the queue, and lag shows it.
 */
import { faultOf } from '@toolfleet/kernel';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HandedOver, OutgoingRecord, Reader } from '../kafka/records.js';
import type { Logger } from '../telemetry/log.js';
import type { StepCounter } from '../telemetry/step-counter.js';

export interface HandingOver {
  readonly reader: Reader;
  readonly until: 'finished' | 'taken';
}

export interface SendOptions {
  readonly deadlineAtMs?: number;
  /** How long it may wait for company on its way to the bus. Default 0: it goes at once. */
  readonly mayWaitMs?: number;
  /** Absent: only the bus will do. */
  readonly handOver?: HandingOver | undefined;
}

/** A `BusProducer`, or what stands before it. Resolves when the bus has the record, or when `handOver` says so. */
export interface RecordSender {
  send(record: OutgoingRecord, options?: SendOptions): Promise<void>;
}

/** A `KeyedConsumer`. */
export interface RecordTaker {
  readonly topics: readonly string[];
  handOver(record: OutgoingRecord, reader: Reader, handedOver: HandedOver): boolean;
}

/** Another process of the host; takes records of the topics that it reads. */
export type Neighbour = Pick<RecordTaker, 'handOver'>;

export interface HandOverOptions {
  readonly bus: RecordSender;
  readonly log: Logger;
  /** Counts what did not go over the bus. */
  readonly handed: Pick<StepCounter<'topic' | 'to'>, 'add'>;
}

/** Each try lasts up to the bus's own deadline; the pause only keeps one that refuses at once from being hammered. */
const againMs = 1_000;

export class HandOver implements RecordSender {
  readonly #takers = new Map<string, RecordTaker>();
  readonly #neighbours = new Set<Neighbour>();

  constructor(private readonly options: HandOverOptions) {}

  /** From now on records of its topics may be handed to this reader. */
  serve(taker: RecordTaker): void {
    for (const topic of taker.topics) this.#takers.set(topic, taker);
  }

  /** Topics whose records readers of this process may be handed. */
  get topics(): readonly string[] {
    return [...this.#takers.keys()];
  }

  /** From now on it may be handed what no reader of this process takes. */
  join(neighbour: Neighbour): void {
    this.#neighbours.add(neighbour);
  }

  /** Whether it had joined. */
  leave(neighbour: Neighbour): boolean {
    return this.#neighbours.delete(neighbour);
  }

  /** Neighbours that may be handed records. */
  get neighbours(): number {
    return this.#neighbours.size;
  }

  /** A neighbour's record, to a reader of this process; false when none can take it. */
  take(record: OutgoingRecord, reader: Reader, handedOver: HandedOver): boolean {
    return this.#takers.get(record.topic)?.handOver(record, reader, handedOver) ?? false;
  }

  send(record: OutgoingRecord, { handOver, ...options }: SendOptions = {}): Promise<void> {
    return (handOver && this.#handed(record, handOver)) ?? this.options.bus.send(record, options);
  }

  #handed(record: OutgoingRecord, { reader, until }: HandingOver): Promise<void> | undefined {
    const { bus, handed } = this.options;
    const { topic } = record;
    const own = this.#takers.get(topic);
    if (own === undefined && this.#neighbours.size === 0) return undefined;
    let sent = taken;
    let handedOver: HandedOver = { finished: nothing, givenBack: () => void this.#untilTaken(record) };
    if (until === 'finished') {
      const { promise, resolve } = Promise.withResolvers<void>();
      sent = promise;
      handedOver = { finished: resolve, givenBack: () => resolve(bus.send(record)) };
    }
    const isOwn = own?.handOver(record, reader, handedOver) ?? false;
    if (!isOwn && !this.#handedToNeighbour(record, reader, handedOver)) return undefined;
    handed.add(1, { topic, to: isOwn ? 'process' : 'neighbour' });
    return sent;
  }

  #handedToNeighbour(record: OutgoingRecord, reader: Reader, handedOver: HandedOver): boolean {
    for (const neighbour of this.#neighbours) if (neighbour.handOver(record, reader, handedOver)) return true;
    return false;
  }

  /** The session's owner lives on and knows it sent, so nobody else would send it before the call's deadline. */
  async #untilTaken(record: OutgoingRecord): Promise<void> {
    for (;;) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- one try after another
        return await this.options.bus.send(record);
      } catch (error) {
        const { reason, retryable } = faultOf(error);
        this.options.log.warn({ topic: record.topic, reason }, 'a record that was given back is not on the bus');
        if (!retryable || reason === 'BUS_CLOSED') return;
        // oxlint-disable-next-line no-await-in-loop
        await sleep(againMs, undefined, { ref: false });
      }
    }
  }
}

const taken: Promise<void> = Promise.resolve();
const nothing = (): void => undefined;
