/**
 * The chain of a tenant's entries: each hash covers its place, the hash before it and the stored text, so that an entry that
 * is changed, removed, moved or put in between no longer fits. Texts are hashed as they are stored, never as they are read:
 * there is no second form of one entry.
 */
import { digestOf } from '../ids.js';

/** Before the first entry. */
export const genesisHash: Uint8Array = Buffer.alloc(32);

const entryDomain = 'toolfleet.audit.entry.v1';

export function entryHashOf(tenant: string, seq: number, before: Uint8Array, text: Uint8Array): Uint8Array {
  return digestOf(fieldsOf([entryDomain, tenant, String(seq), before, text]));
}

/** Each with its length before it, so that no two lists of fields share their bytes. */
export function fieldsOf(fields: readonly (string | Uint8Array)[]): Buffer {
  let bytes = 0;
  for (const field of fields) bytes += 4 + lengthOf(field);
  const joined = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (const field of fields) {
    at = joined.writeUInt32BE(lengthOf(field), at);
    if (typeof field === 'string') at += joined.write(field, at);
    else {
      joined.set(field, at);
      at += field.byteLength;
    }
  }
  return joined;
}

const lengthOf = (field: string | Uint8Array): number =>
  typeof field === 'string' ? Buffer.byteLength(field) : field.byteLength;
