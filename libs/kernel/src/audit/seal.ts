/**
 * What of an entry is about a person, sealed with a key of that person's own (AES-256-GCM). The chain covers the sealed text,
 * so that destroying the key makes it unreadable and changes nothing else. Each part has a key derived for it alone: an export
 * may carry that, and it opens nothing but this part.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { ReceiptKey } from '../toolcall/receipt-key.js';
import { fieldsOf } from './chain.js';

/** A person's data key. Its id says nothing of who it is. */
export interface SubjectKey {
  readonly id: string;
  readonly key: ReceiptKey;
}

export const subjectKeyOf = (id: string, secret: Uint8Array): SubjectKey => ({ id, key: new ReceiptKey(id, secret) });

/** Who the part is about: for whom the session runs, or who acted. */
export type SealedAs = 'user' | 'actor';

export interface PersonalPart {
  readonly name: string;
  /** Of the arguments, in hexadecimal: those of few possible values can be guessed from it. */
  readonly argumentsDigest?: string | undefined;
  readonly comment?: string | undefined;
}

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
export function seal(
  part: PersonalPart,
  as: SealedAs,
  entryId: string,
  subject: SubjectKey,
  nonce: Uint8Array,
): SealedPart {
  const sealing = createCipheriv(cipher, partKeyOf(subject, as, entryId), nonce);
  const text = [sealing.update(JSON.stringify(part), 'utf8'), sealing.final()];
  const box = Buffer.concat([nonce, ...text, sealing.getAuthTag()]).toString('base64url');
  return { as, key: subject.id, box };
}

/** The key that opens one part of one entry. */
export const partKeyOf = (subject: SubjectKey, as: SealedAs, entryId: string): Buffer =>
  subject.key.sign(`audit part\n${as}\n${entryId}`);

/** Undefined when the key is another or a byte was changed. */
export function openSealed({ box }: SealedPart, partKey: Uint8Array): PersonalPart | undefined {
  const bytes = Buffer.from(box, 'base64url');
  if (bytes.byteLength < sealNonceBytes + tagBytes) return undefined;
  try {
    const opening = createDecipheriv(cipher, partKey, bytes.subarray(0, sealNonceBytes), { authTagLength: tagBytes });
    opening.setAuthTag(bytes.subarray(-tagBytes));
    const text = Buffer.concat([opening.update(bytes.subarray(sealNonceBytes, -tagBytes)), opening.final()]);
    return JSON.parse(text.toString('utf8')) as PersonalPart;
  } catch {
    return undefined;
  }
}

/** A person's data key as it is stored: sealed with the fleet's key, for this tenant and id only. */
export function wrapSubjectKey(
  secret: Uint8Array,
  { tenant, id, fleetKey, nonce }: { tenant: string; id: string; fleetKey: Uint8Array; nonce: Uint8Array },
): Buffer {
  const sealing = createCipheriv(cipher, fleetKey, nonce);
  sealing.setAAD(fieldsOf([tenant, id]));
  return Buffer.concat([nonce, sealing.update(secret), sealing.final(), sealing.getAuthTag()]);
}

/** Undefined when it was wrapped with another key, or for another tenant or id. */
export function unwrapSubjectKey(
  wrapped: Uint8Array,
  { tenant, id, fleetKey }: { tenant: string; id: string; fleetKey: Uint8Array },
): Buffer | undefined {
  if (wrapped.byteLength !== sealNonceBytes + subjectKeyBytes + tagBytes) return undefined;
  try {
    const opening = createDecipheriv(cipher, fleetKey, wrapped.subarray(0, sealNonceBytes), {
      authTagLength: tagBytes,
    });
    opening.setAAD(fieldsOf([tenant, id]));
    opening.setAuthTag(wrapped.subarray(-tagBytes));
    return Buffer.concat([opening.update(wrapped.subarray(sealNonceBytes, -tagBytes)), opening.final()]);
  } catch {
    return undefined;
  }
}
