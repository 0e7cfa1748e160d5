import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchOf } from './platformatic-batch.js';

type Answer = Parameters<typeof batchOf>[3];
type Batch = NonNullable<Answer['records']>[number];

const transactional = 1 << 4;
const control = 1 << 5;

/** One batch of a log: its records are named by their offsets. */
function batch(firstOffset: number, count: number, facts: Partial<Batch> = {}): Batch {
  const records = Array.from({ length: count }, (_, offsetDelta) => ({
    length: 0,
    attributes: 0,
    timestampDelta: BigInt(offsetDelta),
    offsetDelta,
    key: Buffer.from(`key ${firstOffset + offsetDelta}`),
    value: Buffer.from('value'),
    headers: [] as [Buffer | null, Buffer | null][],
  }));
  return {
    firstOffset: BigInt(firstOffset),
    length: 0,
    partitionLeaderEpoch: 0,
    magic: 2,
    crc: 0,
    attributes: 0,
    lastOffsetDelta: count - 1,
    firstTimestamp: 1_000n,
    maxTimestamp: 9_000n,
    producerId: -1n,
    producerEpoch: -1,
    firstSequence: -1,
    records,
    ...facts,
  };
}

function answer(records: Batch[] | null, aborted: readonly (readonly [bigint, bigint])[] = []): Answer {
  return {
    partitionIndex: 3,
    errorCode: 0,
    highWatermark: 100n,
    lastStableOffset: 100n,
    logStartOffset: 0n,
    abortedTransactions: aborted.map(([producerId, firstOffset]) => ({ producerId, firstOffset })),
    preferredReadReplica: -1,
    records,
  };
}

const read = (from: bigint, given: Answer) => batchOf('t', 3, from, given);
const offsetsOf = (from: bigint, given: Answer) => read(from, given)?.records.map(({ offset }) => Number(offset));

test('a batch says where it ends and where the log ended', () => {
  const { records, ...facts } = read(5n, answer([batch(5, 2), batch(9, 1)])) ?? { records: [] };
  assert.deepEqual(facts, { topic: 't', partition: 3, nextOffset: 10, highWatermark: 100 });
  assert.deepEqual(
    records.map(({ key, offset, timestampMs }) => [key, offset, timestampMs]),
    [
      ['key 5', 5n, 1_000],
      ['key 6', 6n, 1_001],
      ['key 9', 9n, 1_000],
    ],
  );
});

test('an answer without news is no batch', () => {
  assert.equal(read(5n, answer(null)), undefined);
  assert.equal(read(5n, answer([])), undefined);
  assert.equal(read(5n, answer([batch(3, 2)])), undefined);
});

test('records below the asked offset are left out: a broker sends whole batches', () => {
  assert.deepEqual(offsetsOf(6n, answer([batch(5, 3)])), [6, 7]);
});

test('offsets that compaction left empty at the end of a batch are passed', () => {
  assert.equal(read(5n, answer([batch(5, 1, { lastOffsetDelta: 4 })]))?.nextOffset, 10);
});

test('the mark of a transaction is no record, and the position passes it', () => {
  const marked = answer([batch(5, 1, { attributes: transactional | control })]);
  assert.deepEqual([offsetsOf(5n, marked), read(5n, marked)?.nextOffset], [[], 6]);
});

test('records of an aborted transaction are left out up to its mark, and no others', () => {
  const of = (producerId: bigint, attributes = transactional) => ({ producerId, attributes });
  const log = [
    batch(5, 1, of(1n)),
    batch(6, 1, of(2n)),
    batch(7, 1, of(1n)),
    batch(8, 1),
    batch(9, 1, of(1n, transactional | control)),
    batch(10, 1, of(1n)),
  ];
  assert.deepEqual(offsetsOf(5n, answer(log, [[1n, 5n]])), [6, 8, 10]);
  // Without the mark in this answer, the transaction is still aborted.
  assert.deepEqual(offsetsOf(5n, answer(log.slice(0, 3), [[1n, 5n]])), [6]);
});

test('a record appended under the time of the log carries that time', () => {
  assert.equal(read(5n, answer([batch(5, 1, { attributes: 1 << 3 })]))?.records[0]?.timestampMs, 9_000);
});

test('a header that comes twice counts last', () => {
  const one = batch(5, 1);
  one.records[0]!.headers = [
    [Buffer.from('h'), Buffer.from('first')],
    [Buffer.from('h'), Buffer.from('last')],
  ];
  assert.deepEqual(read(5n, answer([one]))?.records[0]?.headers, { h: 'last' });
});
