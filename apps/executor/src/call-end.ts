/** How a call ended, as the executor knows it: what the session is told, and what the ledger is to hold. */
import type { Fault, Observation, Outcome, ToolCall } from '@toolfleet/kernel';
import { checkFirst, expired, outcomeOf, refused } from '@toolfleet/kernel';
import type { EffectOutcome } from '@toolfleet/platform/postgres';

export interface CallEnd {
  readonly observation: Observation;
  /** Resolves when the ledger holds the end; rejects with `conflict` when another executor answers for the call. */
  readonly kept: Promise<unknown>;
}

/** The end of one attempt. */
export interface End {
  readonly observation: Observation;
  readonly effect: EffectOutcome;
  /** The tool itself said so. */
  readonly answered: boolean;
}

/** What the ledger holds already, or never does. */
export const keptEnd = (observation: Observation): CallEnd => ({ observation, kept: Promise.resolve() });

/** A write that may have reached the tool is neither done nor failed; of a dry run nothing is sent. */
export function endOf(call: ToolCall, fault: Fault, startedAtMs: number, sent: 'no' | 'maybe', outcome?: Outcome): End {
  const observation = refused(call.callId, fault, outcome ?? outcomeOf[fault.kind]);
  const end: End = {
    observation: { ...observation, startedAtMs, finishedAtMs: Date.now() },
    effect: 'failed',
    answered: false,
  };
  return call.effect === 'write' && !call.dryRun && sent === 'maybe' ? unknownOf(end) : end;
}

/** The model must not read an advice to try again: a second try is a second write, with a key of its own. */
export function unknownOf({ observation }: End): End {
  const refusal = observation.refusal && {
    ...observation.refusal,
    retryable: false,
    retryAfterMs: undefined,
    hint: checkFirst,
  };
  return { observation: { ...observation, outcome: 'indeterminate', refusal }, effect: 'unknown', answered: false };
}

export const cancelledFault = () => expired('CANCELLED', 'The call was cancelled.');

/** What was refused before the wire did not happen; of everything else nobody can be sure. */
export function sentOf(fault: Fault): 'no' | 'maybe' {
  if (fault.details['sent'] !== undefined) return fault.details['sent'] === 'no' ? 'no' : 'maybe';
  return fault.kind === 'denied' || fault.kind === 'missing' || fault.kind === 'overloaded' ? 'no' : 'maybe';
}

/** The audit and the session read when it ended, also when nothing ran. */
export const stamped = (observation: Observation): Observation => ({ ...observation, finishedAtMs: Date.now() });

export const deniedEnd = (call: ToolCall, fault: Fault) => stamped(refused(call.callId, fault, 'denied'));

export function unknownEnd(call: ToolCall): Observation {
  const fault = expired('OUTCOME_UNKNOWN', 'The call was begun and its end is not known.', { hint: checkFirst });
  return stamped(refused(call.callId, fault, 'indeterminate'));
}
