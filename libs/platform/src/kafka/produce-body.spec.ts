import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { crc32c } from './crc32c.js';
import { produceBodyOf, type ProduceRequest } from './produce-body.js';

type Encode = (request: ProduceRequest) => { encode(): Promise<{ readonly buffer: Buffer }> };

const require = createRequire(import.meta.url);
const theirs = require('kafkajs/src/protocol/requests/produce/v3/request.js') as Encode;
const theirCrc = require('kafkajs/src/protocol/recordBatch/crc32C/index.js') as (bytes: Buffer) => number;

const filled = (bytes: number) => Buffer.from(Array.from({ length: bytes }, (_, index) => (index * 31 + bytes) % 256));

/** Sizes on both sides of each step of a varint, texts of one to four bytes a character, and what may be left out. */
const request: ProduceRequest = {
  ...{ acks: -1, timeout: 10_000, producerId: 7_000_000_001n, producerEpoch: 3 },
  topicData: [
    {
      topic: 'toolfleet.session.inbox.v1',
      partitions: [
        {
          partition: '0',
          firstSequence: 0,
          messages: [0, 1, 63, 64, 8_191, 8_192, 100_000].map((bytes) => ({ key: 'k', value: filled(bytes) })),
        },
        {
          partition: 41,
          firstSequence: 2_147_483_000,
          messages: Array.from({ length: 70 }, (_, index) => ({
            key: 'Größe 漢字 🛒'.repeat(index % 9),
            value: index % 7 === 0 ? null : filled(index),
            headers: { tenant: 'acme', 'ce-type': 'ä'.repeat(index), empty: '' },
          })),
        },
      ],
    },
    { topic: 'thémes', partitions: [{ partition: 1, firstSequence: 5, messages: [{ key: '', value: filled(3) }] }] },
    { topic: 'none', partitions: [] },
  ],
};

test('a produce request has the bytes that kafkajs itself writes', async (context) => {
  context.mock.timers.enable({ apis: ['Date'], now: 1_790_000_000_123 });
  const { buffer } = await theirs(request).encode();
  const ours = produceBodyOf(request, Date.now());
  assert.equal(ours.compare(buffer), 0);
});

test('the checksum is CRC-32C, whatever the length and where the bytes begin', () => {
  assert.equal(crc32c(Buffer.from('123456789'), 0, 9), 0xe3069283, 'the check value of the algorithm');
  for (let bytes = 0; bytes < 40; bytes += 1) {
    const buffer = filled(bytes);
    for (let start = 0; start <= bytes; start += 5) {
      assert.equal(crc32c(buffer, start, bytes), theirCrc(buffer.subarray(start)), `${start} to ${bytes}`);
    }
  }
});
