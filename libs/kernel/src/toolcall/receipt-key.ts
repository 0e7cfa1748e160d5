/**
 * The secret that receipts are signed with: HMAC-SHA-256, written out as RFC 2104 has it, with two one-shot digests. Node's
 * own `createHmac` makes an object outside the heap for each signature, and a part of every garbage collection after it,
 * which was 3.5 % of a busy fleet's time. Both messages are written into memory of this module's own, which nobody else is
 * given. A key by itself is small and lies in the heap, because the audit has one of each person.
 */
import { digestOf, hexDigestOf } from '../ids.js';

/** What SHA-256 works on at a time. V8 keeps arrays of up to so many bytes in its heap. */
const blockBytes = 64;
const digestBytes = 32;
const utf8BytesPerCharMax = 3;
/** A receipt's text is some 400 characters; one of more than this is signed in memory made for it. */
const textCharsMax = 4_096;

/** The key's block and a text after it; and the same for the digest of that. */
const inner = Buffer.alloc(blockBytes + textCharsMax * utf8BytesPerCharMax);
const outer = Buffer.alloc(blockBytes + digestBytes);

export class ReceiptKey {
  readonly #inner: Uint8Array;
  readonly #outer: Uint8Array;

  /** `secret`: at least 32 bytes. */
  constructor(
    readonly id: string,
    secret: Uint8Array,
  ) {
    const block = new Uint8Array(blockBytes);
    block.set(secret.byteLength > blockBytes ? digestOf(secret) : secret);
    this.#inner = block.map((byte) => byte ^ 0x36);
    this.#outer = block.map((byte) => byte ^ 0x5c);
  }

  /** The signature, 32 bytes. */
  sign(text: string): Buffer {
    const isLong = text.length > textCharsMax;
    const message = isLong ? Buffer.alloc(blockBytes + text.length * utf8BytesPerCharMax) : inner;
    message.set(this.#inner);
    const end = blockBytes + message.write(text, blockBytes);
    outer.set(this.#outer);
    outer.write(hexDigestOf(message.subarray(0, end)), blockBytes, 'hex');
    if (isLong) message.fill(0);
    return Buffer.from(hexDigestOf(outer), 'hex');
  }
}
