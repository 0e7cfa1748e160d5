/**
 * Whether a failed record runs again, when, and when to give it up. Pure. A redo is bounded twice, by tries and by age,
 * so that a record cannot hold its lane for ever.
 */
import type { Fault } from '@toolfleet/kernel';
import { onTheBus } from '@toolfleet/kernel';

export interface RedoLimits {
  readonly attemptsMax: number;
  /** From the first failure on. */
  readonly redoMsMax: number;
}

export interface Failure {
  readonly fault: Fault;
  /** Tries so far, this one included. */
  readonly attempt: number;
  readonly firstFailedAtMs: number;
}

export type Verdict = { readonly redoInMs: number } | 'deadLetter';

/** 100, 200, 400 … 10,000 ms: with 40 tries the age limit of 5 min is reached first. */
const backoffMs = { first: 100, max: 10_000 } as const;

/** `random` is in [0, 1): it spreads the second half of the delay, so that records failed together part. */
export function verdictOf(failure: Failure, limits: RedoLimits, nowMs: number, random: number): Verdict {
  const { fault, attempt, firstFailedAtMs } = failure;
  if (onTheBus[fault.kind] === 'deadLetter' || attempt >= limits.attemptsMax) return 'deadLetter';
  const redoInMs = Math.max(delayMs(fault, attempt, random), fault.retryAfterMs ?? 0);
  return nowMs + redoInMs > firstFailedAtMs + limits.redoMsMax ? 'deadLetter' : { redoInMs };
}

function delayMs(fault: Fault, attempt: number, random: number): number {
  // Someone else wrote first: what they wrote can be read at once.
  if (fault.kind === 'conflict' && attempt === 1) return 0;
  const limitMs = Math.min(backoffMs.max, backoffMs.first * 2 ** Math.min(attempt - 1, 10));
  return limitMs * (0.5 + random / 2);
}
