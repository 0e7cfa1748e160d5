/**
 * The secret that receipts are signed with: HMAC-SHA-256, written out as RFC 2104 has it, with two one-shot digests. Node's
 * own `createHmac` makes an object outside the heap for each signature, and a part of every garbage collection after it,
 * which was 3.5 % of a busy fleet's time. Both messages are written into memory of the key's own, which nobody else is given.
 */
import { digestOf, hexDigestOf } from '../ids.js';

/** What SHA-256 works on at a time. */
const blockBytes = 64;
const digestBytes = 32;
const utf8BytesPerCharMax = 3;
/** A receipt's text is some 400 characters; one of more than this is signed in memory made for it. */
const textCharsMax = 4_096;

export class ReceiptKey {
  /** The key's block, with room for a text after it. */
  readonly #inner: Buffer;
  /** The same for the digest of that. */
  readonly #outer: Buffer;

  /** `secret`: at least 32 bytes. */
  constructor(
    readonly id: string,
    secret: Uint8Array,
  ) {
    const block = Buffer.alloc(blockBytes);
    block.set(secret.byteLength > blockBytes ? digestOf(secret) : secret);
    this.#inner = padded(block, 0x36, textCharsMax * utf8BytesPerCharMax);
    this.#outer = padded(block, 0x5c, digestBytes);
  }

  /** The signature, 32 bytes. */
  sign(text: string): Buffer {
    const isLong = text.length > textCharsMax;
    const message = isLong ? this.#innerFor(text) : this.#inner;
    const end = blockBytes + message.write(text, blockBytes);
    this.#outer.write(hexDigestOf(message.subarray(0, end)), blockBytes, 'hex');
    if (isLong) message.fill(0);
    return Buffer.from(hexDigestOf(this.#outer), 'hex');
  }

  #innerFor(text: string): Buffer {
    const message = Buffer.alloc(blockBytes + text.length * utf8BytesPerCharMax);
    message.set(this.#inner.subarray(0, blockBytes));
    return message;
  }
}

function padded(block: Buffer, pad: number, roomBytes: number): Buffer {
  const bytes = Buffer.alloc(blockBytes + roomBytes);
  bytes.set(block.map((byte) => byte ^ pad));
  return bytes;
}
