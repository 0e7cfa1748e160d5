/**
 * The words of the bus that handlers and senders share. A record is immutable bytes with string headers; nothing here
 * knows what the bytes mean.
 */
export interface BusRecord {
  readonly topic: string;
  readonly partition: number;
  /** -1 when it was handed over past the bus. */
  readonly offset: bigint;
  /** Empty when the record has no key. */
  readonly key: string;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  readonly timestampMs: number;
}

/** One try at one record. */
export interface Delivery {
  readonly record: BusRecord;
  /** Aborted when the partition is lost, the drain's deadline passes, or the handler runs longer than it may. */
  readonly signal: AbortSignal;
  /** 1 on the first try in this process. */
  readonly attempt: number;
  /**
   * The lane moves on when the handler returns, but the record counts as finished (its offset may be committed) only
   * when `done` resolves. A rejection is treated as if the handler had thrown it. Call it before the handler returns.
   */
  finishWhen(done: Promise<unknown>): void;
}

/** Returns, or throws a `Fault`; a stranger counts as `broken`. */
export type RecordHandler = (record: BusRecord, delivery: Delivery) => unknown;

/** Told once what became of a record that was handed over past the bus. */
export interface HandedOver {
  /** Handled, or a dead letter. */
  finished(): void;
  /** Not handled to its end, and never will be here: it must go over the bus. */
  givenBack(): void;
}

/** Who may read a record: the owner of its partition, or any member, because nothing depends on the partition. */
export type Reader = 'owner' | 'anyone';

export interface OutgoingRecord {
  readonly topic: string;
  /** Absent: murmur2 of the key, as Java clients do. */
  readonly partition?: number;
  readonly key: string;
  /** `null` is a tombstone of a compacted topic. */
  readonly value: Uint8Array | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A batch record's length, offset, timestamp and header count, rounded up. */
const recordOverheadBytes = 64;

/** What the record takes on the bus; `limits.recordBytesMax` bounds it. */
export function bytesOf({ key, value, headers }: OutgoingRecord): number {
  let bytes = recordOverheadBytes + Buffer.byteLength(key) + (value?.byteLength ?? 0);
  for (const name in headers) bytes += Buffer.byteLength(name) + Buffer.byteLength(headers[name] ?? '') + 4;
  return bytes;
}

const tombstoneValue: Buffer = Buffer.alloc(0);

/** A record of Kafka without a value reads as one with this empty value, so that handlers never meet `null`. */
export function valueOrTombstone(value: Buffer | null): Buffer {
  return value ?? tombstoneValue;
}

export function isTombstone(record: BusRecord): boolean {
  return record.value === tombstoneValue;
}
