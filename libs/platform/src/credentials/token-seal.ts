/**
 * Seals the token of a user for its session: AES-256-GCM under a key that the gateway and the executors share, bound to the
 * tenant and the session, so that a row that is copied to another session does not open there.
 *
 *   sealed = 1 (version) · key id (4) · nonce (12) · tag (16) · ciphertext
 *
 * Nonces are drawn: one key may seal 2^32 tokens before a repeated one is likely enough to mind (NIST SP 800-38D).
 */
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { broken } from '@toolfleet/kernel';
import type { Secret } from '../config/secret.js';

export interface TokenOwner {
  readonly tenant: string;
  readonly sessionId: string;
}

const version = 1;
const keyIdBytes = 4;
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = 1 + keyIdBytes + nonceBytes + tagBytes;

interface SealKey {
  readonly id: Buffer;
  readonly key: Buffer;
}

export class TokenSeal {
  readonly #keys: readonly SealKey[];

  /** The first one seals; the others open what was sealed before a rotation. */
  constructor(secrets: readonly [Secret, ...Secret[]]) {
    this.#keys = secrets.map(keyOf);
  }

  seal(token: string, owner: TokenOwner): Buffer {
    const { id, key } = this.#keys[0]!;
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(boundTo(owner));
    const text = Buffer.concat([cipher.update(token, 'utf8'), cipher.final()]);
    return Buffer.concat([Buffer.of(version), id, nonce, cipher.getAuthTag(), text]);
  }

  /** Faults `broken` TOKEN_UNREADABLE: another key, another session, or changed. */
  open(sealed: Uint8Array, owner: TokenOwner): string {
    const bytes = Buffer.from(sealed);
    const id = bytes.subarray(1, 1 + keyIdBytes);
    const known = this.#keys.find((key) => key.id.equals(id));
    if (bytes[0] !== version || bytes.byteLength < headBytes || !known) throw unreadable();
    const nonce = bytes.subarray(1 + keyIdBytes, 1 + keyIdBytes + nonceBytes);
    const decipher = createDecipheriv('aes-256-gcm', known.key, nonce, { authTagLength: tagBytes })
      .setAAD(boundTo(owner))
      .setAuthTag(bytes.subarray(headBytes - tagBytes, headBytes));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(headBytes)), decipher.final()]).toString('utf8');
    } catch (cause) {
      throw unreadable(cause);
    }
  }
}

const boundTo = ({ tenant, sessionId }: TokenOwner): Buffer =>
  Buffer.from(JSON.stringify(['toolfleet subject token', tenant, sessionId]));

/** The id is a short digest of the secret, so that keys need no names of their own. */
function keyOf(secret: Secret): SealKey {
  const text = secret.reveal();
  const key = Buffer.from(hkdfSync('sha256', text, '', 'toolfleet subject token', 32));
  const id = createHash('sha256').update(`subject token key id ${text}`).digest().subarray(0, keyIdBytes);
  return { key, id };
}

const unreadable = (cause?: unknown) =>
  broken('TOKEN_UNREADABLE', "The token of a session's user cannot be opened.", { cause, details: { sent: 'no' } });
