/**
 * What of an entry is about a person, sealed with a key of that person's own (AES-256-GCM). The chain covers the sealed text,
 * so that destroying the key makes it unreadable and changes nothing else. Names and comments have keys that are derived for
 * them alone: an export may carry those, and they open nothing else.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { ReceiptKey } from '../toolcall/receipt-key.js';
import { fieldsOf } from './chain.js';

/** A person's data key. Its id says nothing of who it is. */
export interface SubjectKey {
  readonly id: string;
  readonly key: ReceiptKey;
}

/** A key to write with: the person's name is sealed once, and the same box stands in each of their entries. */
export interface NamedSubjectKey extends SubjectKey {
  readonly nameBox: string;
}

export const subjectKeyOf = (id: string, secret: Uint8Array): SubjectKey => ({ id, key: new ReceiptKey(id, secret) });

/** For whom the session runs, who acted, and what the latter wrote. */
export type SealedAs = 'user' | 'actor' | 'comment';

export interface SealedPart {
  readonly as: SealedAs;
  readonly key: string;
  /** Nonce, text and tag, base64url. */
  readonly box: string;
}

const cipher = 'aes-256-gcm';
/** Bytes of a person's data key and of the fleet's. */
export const subjectKeyBytes = 32;
export const sealNonceBytes = 12;
const tagBytes = 16;

/** `nonce`: random, `sealNonceBytes` long. */
export const named = (subject: SubjectKey, name: string, nonce: Uint8Array): NamedSubjectKey => ({
  ...subject,
  nameBox: boxOf(name, partKeyOf(subject, 'user', ''), nonce),
});

export const sealComment = (comment: string, entryId: string, by: SubjectKey, nonce: Uint8Array): SealedPart => ({
  ...{ as: 'comment', key: by.id },
  box: boxOf(comment, partKeyOf(by, 'comment', entryId), nonce),
});

/**
 * A digest of arguments as an entry has it: those of few possible values could be guessed from a plain one. Whoever has the
 * person's key can tell whether arguments are these; without it nobody can.
 */
export const keyedDigestOf = (argumentsDigest: Uint8Array, subject: SubjectKey): string =>
  subject.key.sign(`audit arguments\n${Buffer.from(argumentsDigest).toString('hex')}`).toString('hex');

/** The key that opens a person's name wherever it stands, or one comment. */
export const partKeyOf = ({ key }: SubjectKey, as: SealedAs, entryId: string): Buffer =>
  key.sign(as === 'comment' ? `audit comment\n${entryId}` : 'audit name');

function boxOf(text: string, partKey: Uint8Array, nonce: Uint8Array): string {
  const sealing = createCipheriv(cipher, partKey, nonce);
  const bytes = [nonce, sealing.update(text, 'utf8'), sealing.final(), sealing.getAuthTag()];
  return Buffer.concat(bytes).toString('base64url');
}

/** Undefined when the key is another or a byte was changed. */
export function openSealed({ box }: SealedPart, partKey: Uint8Array): string | undefined {
  const bytes = Buffer.from(box, 'base64url');
  if (bytes.byteLength < sealNonceBytes + tagBytes) return undefined;
  try {
    const opening = createDecipheriv(cipher, partKey, bytes.subarray(0, sealNonceBytes), { authTagLength: tagBytes });
    opening.setAuthTag(bytes.subarray(-tagBytes));
    return Buffer.concat([opening.update(bytes.subarray(sealNonceBytes, -tagBytes)), opening.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

/** What is sealed of a person: their key, and their name, by which they are found again under another key of the fleet. */
export interface SubjectSecret {
  readonly secret: Uint8Array;
  readonly name: string;
}

/** A person's data key as it is stored: sealed with the fleet's key, for this tenant and id only. */
export function wrapSubjectKey(
  { secret, name }: SubjectSecret,
  { tenant, id, fleetKey, nonce }: { tenant: string; id: string; fleetKey: Uint8Array; nonce: Uint8Array },
): Buffer {
  const sealing = createCipheriv(cipher, fleetKey, nonce);
  sealing.setAAD(fieldsOf([tenant, id]));
  const bytes = [nonce, sealing.update(secret), sealing.update(name, 'utf8'), sealing.final(), sealing.getAuthTag()];
  return Buffer.concat(bytes);
}

/** Undefined when it was wrapped with another key, or for another tenant or id. Empty: the name was not kept. */
export function unwrapSubjectKey(
  wrapped: Uint8Array,
  { tenant, id, fleetKey }: { tenant: string; id: string; fleetKey: Uint8Array },
): SubjectSecret | undefined {
  if (wrapped.byteLength < sealNonceBytes + subjectKeyBytes + tagBytes) return undefined;
  try {
    const opening = createDecipheriv(cipher, fleetKey, wrapped.subarray(0, sealNonceBytes), {
      authTagLength: tagBytes,
    });
    opening.setAAD(fieldsOf([tenant, id]));
    opening.setAuthTag(wrapped.subarray(-tagBytes));
    const text = Buffer.concat([opening.update(wrapped.subarray(sealNonceBytes, -tagBytes)), opening.final()]);
    return { secret: text.subarray(0, subjectKeyBytes), name: text.subarray(subjectKeyBytes).toString('utf8') };
  } catch {
    return undefined;
  }
}
