import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { ReceiptKey } from './receipt-key.js';

describe('a receipt key', () => {
  it('signs as HMAC-SHA-256 does, whatever the length of key and text', () => {
    const texts = ['', 'a', 'x'.repeat(63), 'x'.repeat(10_000), 'Größe 漢字 🛒', 'half a pair \ud800'];
    for (const secretBytes of [32, 63, 64, 65, 200]) {
      const secret = Buffer.from(Array.from({ length: secretBytes }, (_, index) => (index * 37) % 256));
      const key = new ReceiptKey('k1', secret);
      for (const text of texts) {
        const expected = createHmac('sha256', secret).update(text).digest('hex');
        assert.equal(key.sign(text).toString('hex'), expected, `${secretBytes} bytes of key, ${text.length} of text`);
      }
    }
  });

  it('signs with its own secret whichever key signed before', () => {
    const [one, other] = [1, 2].map((byte) => new ReceiptKey('k', Buffer.alloc(32, byte))) as [ReceiptKey, ReceiptKey];
    const alone = one.sign('a text');
    other.sign('another');
    assert.deepEqual(one.sign('a text'), alone);
    assert.notDeepEqual(other.sign('a text'), alone);
  });

  it('takes no memory outside the heap, however many there are', () => {
    const before = process.memoryUsage().arrayBuffers;
    const keys = Array.from({ length: 1_000 }, (_, index) => new ReceiptKey(`k${index}`, Buffer.alloc(32, index)));
    for (const key of keys) key.sign('a text');
    // What was signed and made into keys lies in Node's pool, of which these are some kilobytes.
    assert.ok(process.memoryUsage().arrayBuffers - before < 500 * keys.length);
  });

  it('leaves nothing of its secret in memory that others are given', () => {
    const secret = Buffer.alloc(32, 0x5a);
    const key = new ReceiptKey('k1', secret);
    const pool = Buffer.from(Buffer.allocUnsafe(1).buffer);
    const before = [0x36, 0x5c].map((pad) => timesIn(pool, Buffer.alloc(32, 0x5a ^ pad)));
    key.sign('a text');
    const after = [0x36, 0x5c].map((pad) => timesIn(pool, Buffer.alloc(32, 0x5a ^ pad)));
    assert.deepEqual(after, before);
  });

  it('shows its id and nothing of its secret', () => {
    assert.deepEqual(Object.keys(new ReceiptKey('k1', Buffer.alloc(32, 1))), ['id']);
  });
});

function timesIn(bytes: Buffer, part: Buffer): number {
  let times = 0;
  for (let at = bytes.indexOf(part); at >= 0; at = bytes.indexOf(part, at + part.length)) times += 1;
  return times;
}
