/**
 * What the answer of a declared read says about a write whose own answer was lost. "It happened" is believed at once. "It did
 * not happen" is believed only once nothing of it can be on its way any more: a tool that has not done it yet may still do it.
 */
import type { ReconcileSpec } from '../catalog/effects.js';
import { compileCondition, type Condition } from '../condition.js';
import { unreachable } from '../fault.js';
import type { Observation } from '../toolcall/observation.js';
import { refused } from '../toolcall/observation.js';
import type { ToolCall } from '../toolcall/tool-call.js';
import { answerJsonOf } from './answer-json.js';

export type Verdict = 'done' | 'failed' | 'unknown';

/** What the read answered. */
export interface ReadAnswer {
  /** False: the tool refused the read. */
  readonly ok: boolean;
  readonly body: Uint8Array;
}

interface Conditions {
  readonly done: Condition;
  readonly failed: Condition | undefined;
}

/** A manifest that changes is another object. */
const compiled = new WeakMap<ReconcileSpec, Conditions>();

function conditionsOf(spec: ReconcileSpec): Conditions {
  let known = compiled.get(spec);
  if (!known) {
    const failed = spec.failed === undefined ? undefined : compileCondition(spec.failed);
    compiled.set(spec, (known = { done: compileCondition(spec.done), failed }));
  }
  return known;
}

/** `lastTryOverAtMs`: since when no try of the write is under way. */
export function verdictOf(
  spec: ReconcileSpec,
  { ok, body }: ReadAnswer,
  { idempotencyKey, args }: { readonly idempotencyKey: string; readonly args: Readonly<Record<string, unknown>> },
  { nowMs, lastTryOverAtMs }: { readonly nowMs: number; readonly lastTryOverAtMs: number },
): Verdict {
  // What refuses a read need not do so in JSON.
  const answer = answerJsonOf(body) ?? (ok ? undefined : null);
  if (answer === undefined) return 'unknown';
  const { done, failed } = conditionsOf(spec);
  const values = { ok, answer, args, idempotency_key: idempotencyKey };
  const happened = done(values) === true;
  const didNot = failed?.(values) === true;
  // A manifest that says both says nothing.
  if (happened === didNot) return 'unknown';
  if (happened) return 'done';
  return nowMs - lastTryOverAtMs >= spec.failedAfterMs ? 'failed' : 'unknown';
}

/** What a write is told as that turned out to be done, where the read's answer is not to be told. */
export function foundDone(call: ToolCall): Observation {
  const note = 'It was done. The answer of the tool was lost; that it was done was found out afterwards.';
  const result = Buffer.from(JSON.stringify({ note }));
  return {
    ...{ callId: call.callId, outcome: 'ok', result, contentType: 'application/json' },
    ...{ startedAtMs: 0, finishedAtMs: 0, resultBytes: result.byteLength },
  };
}

/** The call is not run again by itself: whether it is still wanted is for the model to say, under a key of its own. */
export const foundNotDone = (call: ToolCall): Observation =>
  refused(
    call.callId,
    unreachable('EFFECT_NOT_APPLIED', 'The call was lost on its way, and the tool says that it did not happen.'),
  );

/** A person found out how a write ended. */
export function settledBySomebody(call: ToolCall, end: 'done' | 'failed', atMs: number): Observation {
  const fault = unreachable(
    'EFFECT_NOT_APPLIED',
    'The call was lost on its way; a person found that it did not happen.',
  );
  return { ...(end === 'done' ? foundDone(call) : refused(call.callId, fault)), finishedAtMs: atMs };
}
