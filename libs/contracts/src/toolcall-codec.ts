/** Tool calls, observations and refusals between the kernel's types and their bytes. */
import type {
  AuthorisationReceipt,
  AuthorisedCall,
  Effect,
  FaultKind,
  Observation,
  Outcome,
  Refusal,
  SessionPriority,
  ToolCall,
  WouldHaveDone,
} from '@toolfleet/kernel';
import { faultKinds, invalid, outcomes, sessionPriorities } from '@toolfleet/kernel';
import { WireEnum, wireType } from './wire.js';

const kinds = new WireEnum<FaultKind>('toolfleet.refusal.v1.Kind', faultKinds);
export const outcomeWords = new WireEnum<Outcome>('toolfleet.toolcall.v1.Outcome', outcomes);
const callPriorityWords = new WireEnum<SessionPriority>('toolfleet.toolcall.v1.CallPriority', sessionPriorities);
export const effectWords = new WireEnum<Effect>('toolfleet.toolcall.v1.Effect', ['read', 'write']);

const toolCallType = wireType('toolfleet.toolcall.v1.ToolCall');
const reviewType = wireType('toolfleet.toolcall.v1.ToolCallReview');
const cancelType = wireType('toolfleet.toolcall.v1.ToolCallCancel');
const findType = wireType('toolfleet.toolcall.v1.ToolCallFind');
const observationType = wireType('toolfleet.toolcall.v1.Observation');

type Wire = Record<string, unknown>;

export function refusalToWire(refusal: Refusal | undefined): Wire | undefined {
  return refusal && { ...refusal, kind: kinds.number(refusal.kind) };
}

export function refusalFromWire(wire: Wire | null | undefined): Refusal | undefined {
  if (!wire) return undefined;
  return {
    kind: kinds.word(wire['kind']),
    reason: wire['reason'] as string,
    message: wire['message'] as string,
    retryable: wire['retryable'] as boolean,
    retryAfterMs: (wire['retryAfterMs'] as number | null) ?? undefined,
    hint: (wire['hint'] as string) || undefined,
    alternatives: wire['alternatives'] as string[],
    remainingBudget: (wire['remainingBudget'] as number | null) ?? undefined,
    details: wire['details'] as Record<string, string>,
  };
}

export function observationToWire(observation: Observation): Wire {
  return {
    ...observation,
    outcome: outcomeWords.number(observation.outcome),
    refusal: refusalToWire(observation.refusal),
  };
}

export function observationFromWire(wire: Wire): Observation {
  const result = wire['result'] as Uint8Array;
  const digest = wire['callDigest'] as Uint8Array;
  return {
    callId: wire['callId'] as string,
    outcome: outcomeWords.word(wire['outcome']),
    result: result.length > 0 ? result : undefined,
    contentType: (wire['contentType'] as string) || undefined,
    refusal: refusalFromWire(wire['refusal'] as Wire | null),
    startedAtMs: wire['startedAtMs'] as number,
    finishedAtMs: wire['finishedAtMs'] as number,
    artifact: (wire['artifact'] as string) || undefined,
    resultBytes: wire['resultBytes'] as number,
    ...(digest.length > 0 ? { callDigest: digest } : {}),
    ...(wire['hint'] ? { hint: wire['hint'] as string } : {}),
    ...wouldHaveDoneFromWire(wire['wouldHaveDone']),
  };
}

/** Nothing of a call that was no dry run. */
export function wouldHaveDoneFromWire(wire: unknown): { readonly wouldHaveDone?: WouldHaveDone } {
  if (!wire) return {};
  const { argumentsDigest, destination, method, path } = wire as WouldHaveDone;
  return { wouldHaveDone: { argumentsDigest, destination, method, path } };
}

export const encodeObservation = (observation: Observation) => observationType.encode(observationToWire(observation));
export const decodeObservation = (bytes: Uint8Array) => observationFromWire(observationType.decode(bytes));

function callToWire(call: ToolCall & { receipt?: AuthorisationReceipt }): Wire {
  const { priority } = call;
  const wire = { ...call, effect: effectWords.number(call.effect) };
  return priority ? { ...wire, priority: callPriorityWords.number(priority) } : wire;
}

function callFromWire(wire: Wire): ToolCall & { receipt?: AuthorisationReceipt } {
  const call = {
    tenant: wire['tenant'] as string,
    sessionId: wire['sessionId'] as string,
    callId: wire['callId'] as string,
    tool: wire['tool'] as string,
    toolVersion: wire['toolVersion'] as string,
    toolClass: wire['toolClass'] as string,
    effect: effectWords.word(wire['effect']),
    arguments: wire['arguments'] as Uint8Array,
    conflictKey: wire['conflictKey'] as string,
    deadlineAtMs: wire['deadlineAtMs'] as number,
    timeoutMs: wire['timeoutMs'] as number,
    idempotencyKey: wire['idempotencyKey'] as string,
    user: wire['user'] as string,
    agent: wire['agent'] as string,
  };
  if (!call.tenant || !call.callId || !call.tool) throw invalid('CALL_INCOMPLETE', 'The call lacks an identity field.');
  const receipt = wire['receipt'] as AuthorisationReceipt | null;
  const priority = callPriorityWords.optionalWord(wire['priority']);
  const dryRun = wire['dryRun'] === true && ({ dryRun: true } as const);
  return { ...call, ...(priority ? { priority } : {}), ...dryRun, ...(receipt ? { receipt } : {}) };
}

export const encodeToolCall = (call: AuthorisedCall) => toolCallType.encode(callToWire(call));

/** Of a call that was run, and is only asked about from now on: nobody could run it from these bytes. */
export function encodeUnsignedCall(call: ToolCall & { readonly receipt?: AuthorisationReceipt }): Uint8Array {
  const { receipt: _, ...unsigned } = call;
  return toolCallType.encode(callToWire(unsigned));
}

/** The receipt may be absent: whoever runs the call must verify it. */
export const decodeToolCall = (bytes: Uint8Array) => callFromWire(toolCallType.decode(bytes));

export interface ToolCallReview {
  readonly call: ToolCall;
  readonly rule: string;
  readonly reason: string;
  readonly policyRevision: string;
  readonly expiresAtMs: number;
  readonly approversNeeded: number;
}

export const encodeToolCallReview = (review: ToolCallReview) =>
  reviewType.encode({ ...review, call: callToWire(review.call) });

export function decodeToolCallReview(bytes: Uint8Array): ToolCallReview {
  const wire = reviewType.decode(bytes) as unknown as ToolCallReview & { call: Wire | null };
  if (!wire.call) throw invalid('CALL_INCOMPLETE', 'The review names no call.');
  const { rule, reason, policyRevision, expiresAtMs, approversNeeded } = wire;
  return { call: callFromWire(wire.call), rule, reason, policyRevision, expiresAtMs, approversNeeded };
}

export interface ToolCallCancel {
  readonly tenant: string;
  readonly sessionId: string;
  readonly callIds: readonly string[];
  readonly reason: string;
}

export const encodeToolCallCancel = (cancel: ToolCallCancel) => cancelType.encode(cancel);
export const decodeToolCallCancel = (bytes: Uint8Array) => cancelType.decode(bytes) as unknown as ToolCallCancel;

export interface ToolCallFind {
  readonly tenant: string;
  readonly sessionId: string;
  readonly callId: string;
  readonly agent: string;
  readonly query: string;
  readonly limit: number;
  readonly offered: readonly string[];
  /** Of the session; empty where it has none. */
  readonly user: string;
}

export const encodeToolCallFind = (find: ToolCallFind) => findType.encode(find);

/** No bytes at all are a valid message of protobuf's; of ours, one that names its call is. */
export function decodeToolCallFind(bytes: Uint8Array): ToolCallFind {
  const find = findType.decode(bytes) as unknown as ToolCallFind;
  if (!find.tenant || !find.sessionId || !find.callId) throw invalid('CALL_INCOMPLETE', 'The question names no call.');
  return find;
}
