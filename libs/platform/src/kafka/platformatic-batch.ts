/**
 * One partition of a fetch answer as a batch of our port. Pure. The library leaves three things to its reader: control
 * records, records below the asked offset (a broker sends whole batches), and records of an aborted transaction whose
 * marker is not in the same answer.
 */
import type { fetchV17, KafkaRecord, RecordsBatch } from '@platformatic/kafka';
import type { FetchedBatch } from './group-member.js';
import type { BusRecord } from './records.js';
import { valueOrTombstone } from './records.js';

export type FetchAnswer = ReturnType<typeof fetchV17.parseResponse>;
type PartitionAnswer = FetchAnswer['responses'][number]['partitions'][number];

/** Bits of a batch's attributes, as Kafka's record format names them. */
const isLogAppendTime = 1 << 3;
const isTransactional = 1 << 4;
const isControl = 1 << 5;

/** Undefined when the answer holds nothing that moves the position. */
export function batchOf(
  topic: string,
  partition: number,
  fromOffset: bigint,
  { records, highWatermark, abortedTransactions }: PartitionAnswer,
): FetchedBatch | undefined {
  const last = records?.at(-1);
  if (records === undefined || records === null || last === undefined) return undefined;
  const taken: BusRecord[] = [];
  const isAborted = abortedBy(abortedTransactions ?? []);
  for (const batch of records) {
    if (isAborted(batch) || (batch.attributes & isControl) !== 0) continue;
    const appendedAtMs = (batch.attributes & isLogAppendTime) === 0 ? undefined : Number(batch.maxTimestamp);
    for (const record of batch.records) {
      const offset = batch.firstOffset + BigInt(record.offsetDelta);
      if (offset < fromOffset) continue;
      const timestampMs = appendedAtMs ?? Number(batch.firstTimestamp + record.timestampDelta);
      taken.push(recordOf(topic, partition, offset, timestampMs, record));
    }
  }
  const nextOffset = last.firstOffset + BigInt(last.lastOffsetDelta) + 1n;
  if (nextOffset <= fromOffset) return undefined;
  return { topic, partition, records: taken, nextOffset: Number(nextOffset), highWatermark: Number(highWatermark) };
}

/** A transaction is aborted from the offset the broker names to its marker; batches must be asked about in order. */
function abortedBy(
  transactions: readonly { readonly producerId: bigint; readonly firstOffset: bigint }[],
): (batch: RecordsBatch) => boolean {
  const waiting = transactions.toSorted((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
  const open = new Set<bigint>();
  return ({ attributes, producerId, firstOffset, lastOffsetDelta }) => {
    const lastOffset = firstOffset + BigInt(lastOffsetDelta);
    while (waiting[0] !== undefined && waiting[0].firstOffset <= lastOffset) open.add(waiting.shift()!.producerId);
    if ((attributes & isTransactional) === 0 || !open.has(producerId)) return false;
    // The marker itself ends it; a later transaction of the producer may have been committed.
    if ((attributes & isControl) !== 0) open.delete(producerId);
    return true;
  };
}

function recordOf(
  topic: string,
  partition: number,
  offset: bigint,
  timestampMs: number,
  { key, value, headers }: KafkaRecord,
): BusRecord {
  return {
    topic,
    partition,
    offset,
    key: key === null ? '' : key.toString('utf8'),
    value: valueOrTombstone(value),
    headers: headersOf(headers),
    timestampMs,
  };
}

const noHeaders: Readonly<Record<string, string>> = {};

function headersOf(headers: KafkaRecord['headers']): Readonly<Record<string, string>> {
  if (headers.length === 0) return noHeaders;
  const strings: Record<string, string> = {};
  // Kafka allows a header twice; the last one counts, as with a producer that overwrites.
  for (const [name, value] of headers)
    if (name !== null) strings[name.toString('utf8')] = value?.toString('utf8') ?? '';
  return strings;
}
