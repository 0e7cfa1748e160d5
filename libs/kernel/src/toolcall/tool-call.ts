/**
 * A tool call that was allowed, and the receipt that proves it. The receipt is an HMAC over every field that matters, so
 * an executor can trust a record on the bus without trusting who wrote it: one changed field, and nothing runs.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Fault } from '../fault.js';
import { denied, expired } from '../fault.js';
import { digestOf, idempotencyKeyOf } from '../ids.js';
import { limits } from '../limits.js';
import type { JudgedCall, Session, SessionPriority } from '../session/session.js';
import type { Effect } from './observation.js';
import type { ReceiptKey } from './receipt-key.js';

export interface ToolCall {
  readonly tenant: string;
  readonly sessionId: string;
  readonly callId: string;
  readonly tool: string;
  readonly toolVersion: string;
  readonly toolClass: string;
  readonly effect: Effect;
  /** Validated arguments as JSON text. */
  readonly arguments: Uint8Array;
  readonly conflictKey: string;
  /** After this the call is not started any more. */
  readonly deadlineAtMs: number;
  /** How long the tool may take once it runs. */
  readonly timeoutMs: number;
  /** Of a write; a read has none. */
  readonly idempotencyKey: string;
  readonly user: string;
  /** The session's. */
  readonly agent: string;
  /** Of the session; absent: normal. */
  readonly priority?: SessionPriority | undefined;
  /** Of a write: everything but the effect. Signed, so that nobody on the way can make a real call of it. */
  readonly dryRun?: true | undefined;
}

export interface AuthorisationReceipt {
  readonly keyId: string;
  readonly issuer: string;
  readonly policyRevision: string;
  readonly rule: string;
  readonly argumentsDigest: Uint8Array;
  readonly expiresAtMs: number;
  readonly signature: Uint8Array;
}

export interface AuthorisedCall extends ToolCall {
  readonly receipt: AuthorisationReceipt;
}

/** Who lets a call through: at once, or after people were asked. */
export const receiptIssuers = { atOnce: 'orchestrator', afterReview: 'policy' } as const;

export interface Authorisation {
  readonly issuer: string;
  readonly policyRevision: string;
  readonly rule: string;
}

const callDigestBytes = 16;

/** Tells two calls of one id apart: a turn that was asked for twice may have proposed different ones. */
export function callDigestOf({ tool, toolVersion, arguments: args }: CallContent): Uint8Array {
  const before = `${tool}\0${toolVersion}\0`;
  const content = typeof args === 'string' ? before + (args || '{}') : Buffer.concat([Buffer.from(before), args]);
  return digestOf(content).subarray(0, callDigestBytes);
}

interface CallContent {
  readonly tool: string;
  readonly toolVersion: string;
  /** JSON; as text, empty means no arguments. */
  readonly arguments: string | Uint8Array;
}

/** The call that a session makes of what was judged: no arguments are an empty object, and only a write has a key. */
export function toolCallOf(
  { id, request }: Pick<Session, 'id' | 'request'>,
  call: JudgedCall,
  deadlineAtMs: number,
): ToolCall {
  const { tenant, user, agent, priority } = request;
  return {
    tenant,
    sessionId: id,
    callId: call.callId,
    tool: call.tool,
    toolVersion: call.toolVersion,
    toolClass: call.toolClass,
    effect: call.effect,
    arguments: Buffer.from(call.arguments === '' ? '{}' : call.arguments),
    conflictKey: call.conflictKey,
    deadlineAtMs,
    timeoutMs: call.timeoutMs,
    idempotencyKey: call.effect === 'write' ? idempotencyKeyOf(tenant, call.callId) : '',
    user,
    agent,
    priority,
    ...(call.dryRun && { dryRun: true }),
  };
}

export function authorise(call: ToolCall, by: Authorisation, key: ReceiptKey): AuthorisedCall {
  const unsigned = {
    keyId: key.id,
    issuer: by.issuer,
    policyRevision: by.policyRevision,
    rule: by.rule,
    argumentsDigest: digestOf(call.arguments),
    expiresAtMs: call.deadlineAtMs + limits.clockSkewMs,
  };
  return { ...call, receipt: { ...unsigned, signature: signatureOf(call, unsigned, key) } };
}

/** Nothing when the receipt holds; otherwise the fault that the call ends in. */
export function receiptFault(
  call: ToolCall & { receipt?: AuthorisationReceipt },
  keys: readonly ReceiptKey[],
  now: number,
) {
  const { receipt } = call;
  if (!receipt) return forged('RECEIPT_MISSING', 'The call carries no authorisation receipt.');
  const key = keys.find((candidate) => candidate.id === receipt.keyId);
  if (!key) return forged('RECEIPT_KEY_UNKNOWN', 'The receipt is signed by a key that this executor does not know.');
  const expected = signatureOf(call, receipt, key);
  const signed = expected.length === receipt.signature.length && timingSafeEqual(expected, receipt.signature);
  if (!signed || Buffer.compare(receipt.argumentsDigest, digestOf(call.arguments)) !== 0) {
    return forged('RECEIPT_INVALID', 'The receipt does not belong to this call.');
  }
  if (now > receipt.expiresAtMs) return expired('RECEIPT_EXPIRED', 'The authorisation of this call has expired.');
  return undefined;
}

const forged = (reason: string, message: string): Fault => denied(reason, message);

/** Length-prefixed fields, so that no two different calls share one signed text. */
function signatureOf(call: ToolCall, receipt: Omit<AuthorisationReceipt, 'signature'>, key: ReceiptKey): Buffer {
  const fields = [
    receipt.keyId,
    receipt.issuer,
    receipt.policyRevision,
    receipt.rule,
    String(receipt.expiresAtMs),
    Buffer.from(receipt.argumentsDigest).toString('hex'),
    call.tenant,
    call.sessionId,
    call.callId,
    call.tool,
    call.toolVersion,
    call.toolClass,
    call.effect,
    call.conflictKey,
    String(call.deadlineAtMs),
    String(call.timeoutMs),
    call.idempotencyKey,
    call.user,
    call.agent,
    // A priority that is left out is no field: most calls have none.
    ...(call.priority === undefined || call.priority === 'normal' ? [] : [call.priority]),
    // No priority has this name.
    ...(call.dryRun ? ['dryRun'] : []),
  ];
  return key.sign(fields.map((field) => `${field.length}:${field}`).join(''));
}
