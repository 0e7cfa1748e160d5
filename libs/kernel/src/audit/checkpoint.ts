/**
 * A signature over the head of a chain. The hash of an entry covers all before it, so one signature vouches for everything up
 * to its entry. `truncated` says that what came before is gone by intent: retention signs it when it deletes.
 */
import type { KeyObject } from 'node:crypto';
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { invalid } from '../fault.js';
import { hexDigestOf } from '../ids.js';
import { fieldsOf } from './chain.js';

export type CheckpointKind = 'head' | 'truncated';

export interface CheckpointFacts {
  readonly kind: CheckpointKind;
  readonly seq: number;
  readonly hash: Uint8Array;
  readonly atMs: number;
}

export interface AuditCheckpoint extends CheckpointFacts {
  /** Which key signed it, as `publicKeyIdOf`. */
  readonly keyId: string;
  /** Ed25519, 64 bytes. */
  readonly signature: Uint8Array;
}

export interface AuditSigner {
  readonly keyId: string;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  checkpoint(tenant: string, facts: CheckpointFacts): AuditCheckpoint;
}

const keyBytes = 32;
/** DER of an Ed25519 key without its 32 bytes (RFC 8410). */
const privatePrefix = Buffer.from('302e020100300506032b657004220420', 'hex');
const publicPrefix = Buffer.from('302a300506032b6570032100', 'hex');

/** `seed`: 32 bytes that nobody else knows. */
export function auditSignerOf(seed: Uint8Array): AuditSigner {
  if (seed.byteLength !== keyBytes) throw invalid('SIGNING_KEY_INVALID', 'A signing key is a seed of 32 bytes.');
  const key = createPrivateKey({ key: Buffer.concat([privatePrefix, seed]), format: 'der', type: 'pkcs8' });
  const der = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const publicKey = der.subarray(publicPrefix.byteLength);
  const keyId = publicKeyIdOf(publicKey);
  return {
    keyId,
    publicKey,
    checkpoint: (tenant, facts) => ({ ...facts, keyId, signature: sign(null, signedBytes(tenant, facts), key) }),
  };
}

export const publicKeyIdOf = (publicKey: Uint8Array): string => hexDigestOf(publicKey).slice(0, 16);

export function auditPublicKey(publicKey: Uint8Array): KeyObject {
  if (publicKey.byteLength !== keyBytes) throw invalid('PUBLIC_KEY_INVALID', 'A public key has 32 bytes.');
  return createPublicKey({ key: Buffer.concat([publicPrefix, publicKey]), format: 'der', type: 'spki' });
}

export const isSigned = (tenant: string, checkpoint: AuditCheckpoint, by: KeyObject): boolean =>
  verify(null, signedBytes(tenant, checkpoint), by, checkpoint.signature);

const signedBytes = (tenant: string, { kind, seq, hash, atMs }: CheckpointFacts): Buffer =>
  fieldsOf(['toolfleet.audit.checkpoint.v1', kind, tenant, String(seq), hash, String(atMs)]);
