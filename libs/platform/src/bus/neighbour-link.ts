/**
 * One connection to another process of the same host: records whose next reader lives there are handed over it, both ways.
 * It promises what `HandOver` promises within a process, although the two may die one without the other: a record counts as
 * here until the neighbour says that it is finished, so when the connection ends all of them are given back and the bus
 * carries them. The neighbour may have had some; every reader takes a record that it knows as done.
 */
import { decodeNeighbourFrame, encodeNeighbourFrame } from '@toolfleet/contracts';
import type { HandedRecord, NeighbourFrame } from '@toolfleet/contracts';
import { TransientMap, faultOf, limits } from '@toolfleet/kernel';
import type { Socket } from 'node:net';
import { bytesOf } from '../kafka/records.js';
import type { HandedOver, OutgoingRecord, Reader } from '../kafka/records.js';
import type { Logger } from '../telemetry/log.js';
import type { Neighbour } from './hand-over.js';
import { FrameReader, lengthOf } from './neighbour-frames.js';

export interface NeighbourLinkOptions {
  /** Topics that this process reads, for the neighbour to know. */
  readonly topics: readonly string[];
  readonly log: Logger;
  /** Gives a neighbour's record to a reader of this process; false when none can take it. */
  readonly take: (record: OutgoingRecord, reader: Reader, handedOver: HandedOver) => boolean;
  readonly onHop?: ((topic: string, tookMs: number) => void) | undefined;
  /** The neighbour has said what it reads. */
  readonly onOpen: () => void;
}

interface Waiting extends HandedOver {
  readonly place: string;
  readonly bytes: number;
}

type Outgoing = { -readonly [Part in Exclude<keyof NeighbourFrame, 'topics'>]: NeighbourFrame[Part][number][] };

/** A place that a record came back from has no reader there now, or a full one: nothing is handed to it for so long. */
const refusedMs = 1_000;
/** A neighbour that has connected and says nothing is none. */
const helloMsMax = 5_000;
/** Records of one frame: more go into the next one. */
const frameBytes = limits.recordBytesMax;

export class NeighbourLink implements Neighbour {
  /** What the neighbour reads. */
  #topics: ReadonlySet<string> = new Set();
  #state: 'opening' | 'open' | 'closing' | 'closed' = 'opening';
  #lastId = 0;
  /** What the neighbour has and has not told the end of. */
  readonly #waiting = new TransientMap<number, Waiting>();
  #waitingBytes = 0;
  readonly #refusedUntilMs = new Map<string, number>();
  #outgoing = nothingYet();
  #outgoingBytes = 0;
  #flush: NodeJS.Immediate | undefined;
  readonly #frames = new FrameReader();
  readonly #hello: NodeJS.Timeout;
  readonly #ended = Promise.withResolvers<void>();

  constructor(
    private readonly socket: Socket,
    private readonly options: NeighbourLinkOptions,
  ) {
    this.#hello = setTimeout(() => socket.destroy(), helloMsMax);
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('error', (error) => options.log.warn({ err: error }, 'the connection to a neighbour failed'));
    socket.on('close', () => this.#closed());
    this.#write(encodeNeighbourFrame({ topics: options.topics }));
  }

  /** Resolves when the connection has ended and everything was given back. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Records that the neighbour has and has not told the end of. */
  get waiting(): number {
    return this.#waiting.size;
  }

  handOver(record: OutgoingRecord, reader: Reader, { finished, givenBack }: HandedOver): boolean {
    const { topic, partition = -1, key, value, headers = {} } = record;
    const place = reader === 'owner' ? `${topic} ${partition}` : topic;
    if (value === null || !this.#topics.has(topic) || !this.#takes(place)) return false;
    const bytes = bytesOf(record);
    // What the bus would refuse is not for a neighbour either.
    if (bytes > limits.recordBytesMax) return false;
    const id = (this.#lastId += 1);
    this.#waiting.set(id, { finished, givenBack, place, bytes });
    this.#waitingBytes += bytes;
    const ownerOnly = reader === 'owner';
    this.#outgoing.records.push({ id, topic, partition, key, value, headers, ownerOnly, sentAtMs: Date.now() });
    this.#outgoingBytes += bytes;
    if (this.#outgoingBytes > frameBytes) this.#flushNow();
    else this.#flushSoon();
    return true;
  }

  /** Takes no more; what it has said so far still arrives. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closing';
    this.#flushNow();
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }

  #takes(place: string): boolean {
    if (this.#state !== 'open' || this.socket.writableNeedDrain) return false;
    const { neighbourRecordsMax, neighbourBytesMax } = limits;
    if (this.#waiting.size >= neighbourRecordsMax || this.#waitingBytes >= neighbourBytesMax) return false;
    const untilMs = this.#refusedUntilMs.get(place);
    if (untilMs === undefined) return true;
    if (untilMs > Date.now()) return false;
    this.#refusedUntilMs.delete(place);
    return true;
  }

  #read(chunk: Buffer): void {
    try {
      for (const frame of this.#frames.push(chunk)) this.#receive(decodeNeighbourFrame(frame));
    } catch (error) {
      const { reason } = faultOf(error);
      this.options.log.error({ err: error, reason }, 'a neighbour says what nobody understands; it is let go');
      this.socket.destroy();
    }
  }

  #receive({ topics, records, finished, givenBack }: NeighbourFrame): void {
    if (this.#state === 'opening') {
      clearTimeout(this.#hello);
      this.#topics = new Set(topics);
      this.#state = 'open';
      this.options.onOpen();
    }
    for (const record of records) this.#receiveRecord(record);
    for (const id of finished) this.#settle(id)?.finished();
    for (const id of givenBack) {
      const waiting = this.#settle(id);
      if (waiting === undefined) continue;
      this.#refusedUntilMs.set(waiting.place, Date.now() + refusedMs);
      waiting.givenBack();
    }
  }

  #receiveRecord({ id, ownerOnly, sentAtMs, ...record }: HandedRecord): void {
    const { take, onHop } = this.options;
    onHop?.(record.topic, Date.now() - sentAtMs);
    const tell = (end: 'finished' | 'givenBack') => (): void => {
      this.#outgoing[end].push(id);
      this.#flushSoon();
    };
    const handedOver = { finished: tell('finished'), givenBack: tell('givenBack') };
    if (!take(record, ownerOnly ? 'owner' : 'anyone', handedOver)) handedOver.givenBack();
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return undefined;
    this.#waiting.delete(id);
    this.#waitingBytes -= waiting.bytes;
    return waiting;
  }

  /** What comes up within one turn of the event loop goes as one frame. */
  #flushSoon(): void {
    this.#flush ??= setImmediate(() => this.#flushNow());
  }

  #flushNow(): void {
    clearImmediate(this.#flush);
    this.#flush = undefined;
    const { records, finished, givenBack } = this.#outgoing;
    if (this.#state === 'closed' || records.length + finished.length + givenBack.length === 0) return;
    this.#outgoing = nothingYet();
    this.#outgoingBytes = 0;
    this.#write(encodeNeighbourFrame({ records, finished, givenBack }));
  }

  #write(frame: Uint8Array): void {
    this.socket.cork();
    this.socket.write(lengthOf(frame));
    this.socket.write(frame);
    this.socket.uncork();
  }

  #closed(): void {
    clearTimeout(this.#hello);
    clearImmediate(this.#flush);
    this.#state = 'closed';
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { givenBack } of waiting) givenBack();
    this.#ended.resolve();
  }
}

const nothingYet = (): Outgoing => ({ records: [], finished: [], givenBack: [] });
