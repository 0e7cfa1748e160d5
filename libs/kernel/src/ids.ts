/**
 * Deterministic ids: the same request gives the same session, the same proposal the same call, so every redelivery and
 * every replay meets what is already there.
 */
import { hash } from 'node:crypto';

/** Namespace of session ids, itself uuid-v5(DNS namespace, "session.toolfleet.dev"). */
const sessionNamespace = bytesOf(uuidV5(bytesOf('6ba7b810-9dad-11d1-80b4-00c04fd430c8'), 'session.toolfleet.dev'));

export function sessionIdOf(tenant: string, requestId: string): string {
  return uuidV5(sessionNamespace, `${tenant}\n${requestId}`);
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
  return uuidV5(sessionNamespace, `effect\n${tenant}\n${callId}`);
}

/** SHA-256. By way of its text: bytes of Node's own making are each an allocation outside the heap, twice the time of the hash. */
export function digestOf(bytes: Uint8Array | string): Uint8Array {
  return Buffer.from(hexDigestOf(bytes), 'hex');
}

export function hexDigestOf(bytes: Uint8Array | string): string {
  return hash('sha256', bytes, 'hex');
}

/** RFC 9562, section 5.5: the version is the 13th digit, the variant the two high bits of the 17th. */
function uuidV5(namespace: Uint8Array, name: string): string {
  const hex = hash('sha1', Buffer.concat([namespace, Buffer.from(name)]), 'hex');
  const variant = ((Number.parseInt(hex[16]!, 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function bytesOf(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}
