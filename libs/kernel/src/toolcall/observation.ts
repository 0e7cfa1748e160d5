/**
 * The end of a tool call in one shape, whoever produced it. Exactly one observation settles a call; the model reads its
 * text, so nothing here may carry a stack trace, a host name or a secret.
 */
import type { Fault, FaultKind } from '../fault.js';
import { isFault } from '../fault.js';
import { checkFirst, detailsFor, harmless, hintFor } from './advice.js';
import { readArtifactName } from './fleet-tools.js';

export const outcomes = [
  'ok',
  'failed',
  'denied',
  'shed',
  'unavailable',
  'timedOut',
  'cancelled',
  'indeterminate',
] as const;
export type Outcome = (typeof outcomes)[number];

export type Effect = 'read' | 'write';

export interface Refusal {
  readonly kind: FaultKind;
  readonly reason: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number | undefined;
  readonly hint?: string | undefined;
  readonly alternatives: readonly string[];
  readonly remainingBudget?: number | undefined;
  readonly details: Readonly<Record<string, string>>;
}

/** A write that was made ready as far as its request, and not sent. */
export interface WouldHaveDone {
  /** SHA-256, in hex. */
  readonly argumentsDigest: string;
  /** Name of the destination; empty for what runs in the executor itself. */
  readonly destination: string;
  /** Of the protocol: POST, tools/call, unary, EXECUTE. */
  readonly method: string;
  /** As it would have been asked for, without host and credential; a statement has numbers in place of its values. */
  readonly path: string;
}

export interface Observation {
  readonly callId: string;
  readonly outcome: Outcome;
  readonly result?: Uint8Array | undefined;
  readonly contentType?: string | undefined;
  /** Present unless `ok`. */
  readonly refusal?: Refusal | undefined;
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
  /** Handle of the whole payload when `result` is a part of it. */
  readonly artifact?: string | undefined;
  readonly resultBytes: number;
  /** What the model should know besides an answer that is `ok`, in the fleet's words. */
  readonly hint?: string | undefined;
  /** What was run, as `callDigestOf` says it. A read may be sent before its call is durable, so its id alone proves nothing. */
  readonly callDigest?: Uint8Array | undefined;
  /** Of a dry run; with it `ok` means that nothing stood against the call, and that nothing was done. */
  readonly wouldHaveDone?: WouldHaveDone | undefined;
}

/** What a fault becomes when it ends a tool call. A conflict is answered like a failure: the model may read and retry. */
export const outcomeOf = {
  invalid: 'failed',
  unauthenticated: 'denied',
  denied: 'denied',
  missing: 'failed',
  conflict: 'failed',
  overloaded: 'shed',
  unreachable: 'unavailable',
  expired: 'timedOut',
  broken: 'failed',
} as const satisfies Record<FaultKind, Outcome>;

export function refusalOf(fault: Fault): Refusal {
  const hidden = fault.kind === 'broken';
  return {
    kind: fault.kind,
    reason: fault.reason,
    message: hidden ? 'An internal error occurred.' : fault.message,
    retryable: fault.retryable,
    retryAfterMs: fault.retryAfterMs,
    hint: fault.hint,
    alternatives: fault.alternatives,
    ...(fault.remainingBudget === undefined ? {} : { remainingBudget: fault.remainingBudget }),
    details: hidden ? {} : fault.details,
  };
}

/** An observation of something that was not run, or did not end well. */
export function refused(callId: string, cause: Fault | Refusal, outcome?: Outcome): Observation {
  const refusal = isFault(cause) ? refusalOf(cause) : cause;
  return {
    callId,
    outcome: outcome ?? outcomeOf[refusal.kind],
    refusal,
    startedAtMs: 0,
    finishedAtMs: 0,
    resultBytes: 0,
  };
}

/** What the model reads. A result goes in as it is; everything else as one JSON object with the same keys every time. */
export function textForModel(observation: Observation): string {
  const result = observation.result ? Buffer.from(observation.result).toString('utf8') : '';
  if (observation.outcome === 'ok') {
    const { artifact, resultBytes } = observation;
    const hint = observation.hint === undefined ? '' : `\n[${observation.hint}]`;
    if (resultBytes <= (observation.result?.byteLength ?? 0)) return result + hint;
    const rest = artifact ? `${readArtifactName} reads the rest by the handle ${artifact}` : 'the rest was not kept';
    return `${result}\n[cut: ${resultBytes} bytes in all; ${rest}]${hint}`;
  }
  const { outcome, refusal = unexplained } = observation;
  const { kind, reason, message, retryAfterMs, alternatives } = refusal;
  const details = detailsFor(refusal.details);
  // A second try of what may have happened is a second effect, whatever its fault would allow.
  const open = outcome === 'indeterminate';
  return JSON.stringify({
    error: harmless(message),
    kind,
    outcome,
    reason,
    retryable: refusal.retryable && !open,
    ...(retryAfterMs === undefined || open ? {} : { retryAfterMs }),
    hint: refusal.hint || (open ? checkFirst : hintFor(reason, kind)),
    ...(alternatives.length > 0 ? { alternatives } : {}),
    ...(Object.keys(details).length > 0 ? { details } : {}),
    ...(result ? { result } : {}),
  });
}

const unexplained: Refusal = {
  ...{ kind: 'broken', reason: 'UNKNOWN', message: 'The call did not succeed.', retryable: false },
  ...{ alternatives: [], details: {} },
};
