import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import './kafkajs-patch.js';
import type { ProduceRequest } from './produce-body.js';

interface Encoder {
  readonly buf: Buffer;
  readonly buffer: Buffer;
  writeInt32(value: number): Encoder;
  writeString(text: string): Encoder;
  writeBytes(bytes: Buffer): Encoder;
}

const require = createRequire(import.meta.url);
const Encoder = require('kafkajs/src/protocol/encoder.js') as { new (): Encoder };

test('a small part of a request is written into the pool, not into an allocation of its own', () => {
  const part = new Encoder().writeString('tenant').writeInt32(7);
  assert.equal(part.buf.buffer.byteLength, Buffer.poolSize);
});

test('a part that grows holds all that was written, and nothing else', () => {
  // Bytes of others lie in the pool.
  for (let index = 0; index < 64; index += 1) Buffer.from('x'.repeat(200));
  const part = new Encoder();
  const expected: Buffer[] = [];
  for (const size of [0, 1, 63, 64, 65, 1_000, 5_000, 3, 70_000]) {
    const bytes = Buffer.alloc(size, size % 251);
    const length = Buffer.alloc(4);
    length.writeInt32BE(size);
    expected.push(length, bytes);
    part.writeBytes(bytes);
  }
  assert.deepEqual(part.buffer, Buffer.concat(expected));
});

test('a produce request of the newest version is one piece of just its size', async () => {
  const { protocol } = require('kafkajs/src/protocol/requests/produce/index.js') as {
    protocol(choice: { version: number }): (body: ProduceRequest) => { request: { encode(): Promise<Encoder> } };
  };
  const messages = [{ key: 'a', value: Buffer.from('one') }];
  const topicData = [{ topic: 'orders', partitions: [{ partition: 0, firstSequence: 0, messages }] }];
  const body: ProduceRequest = { acks: -1, timeout: 1_000, producerId: 1n, producerEpoch: 0, topicData };
  const { buf, buffer } = await protocol({ version: 7 })(body).request.encode();
  assert.equal(buf.byteLength, buffer.byteLength);
  assert.ok(buffer.includes('one'));
});
