/**
 * Deterministic ids: the same request gives the same session, the same proposal the same call, so every redelivery and
 * every replay meets what is already there.
 */
import { hash } from 'node:crypto';

/** Namespace of session ids, itself uuid-v5(DNS namespace, "session.toolfleet.dev"). */
const sessionNamespace = uuidV5Bytes(Buffer.from('6ba7b8109dad11d180b400c04fd430c8', 'hex'), 'session.toolfleet.dev');

export function sessionIdOf(tenant: string, requestId: string): string {
  return uuidText(uuidV5Bytes(sessionNamespace, `${tenant}\n${requestId}`));
}

/** `session:turn:index`, turn from 1, index from 0. */
export function callIdOf(sessionId: string, turn: number, index: number): string {
  return `${sessionId}:${turn}:${index}`;
}

export function sessionIdOfCall(callId: string): string {
  return callId.slice(0, callId.indexOf(':'));
}

/** The key that reaches the tool: opaque, stable over retries, different for every call. */
export function idempotencyKeyOf(tenant: string, callId: string): string {
  return uuidText(uuidV5Bytes(sessionNamespace, `effect\n${tenant}\n${callId}`));
}

export function digestOf(bytes: Uint8Array | string): Uint8Array {
  return hash('sha256', bytes, 'buffer');
}

export function hexDigestOf(bytes: Uint8Array | string): string {
  return hash('sha256', bytes, 'hex');
}

/** RFC 9562, section 5.5. */
function uuidV5Bytes(namespace: Uint8Array, name: string): Buffer {
  const bytes = hash('sha1', Buffer.concat([namespace, Buffer.from(name)]), 'buffer').subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes;
}

function uuidText(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
