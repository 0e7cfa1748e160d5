/**
 * Whether a call ended as planned, and at which station it left the plan: offered by the router, let through by the check
 * of its arguments, run once by the tool, answered with the recorded bytes.
 */
import type { EndedCall, EndedSession, JsonObject, PlannedCall } from './plan.js';

export interface Refusal {
  readonly outcome: string;
  readonly reason: string;
  readonly error: string;
  readonly hint: string;
  readonly details: JsonObject;
  /** The tool's own words. */
  readonly result: string;
}

/** What the model reads of a call that did not go well; undefined when the text is a tool's answer. */
export function refusalIn({ text, outcome }: EndedCall): Refusal | undefined {
  if (text === undefined || outcome === undefined || outcome === 'ok') return undefined;
  try {
    const { reason = '', error = '', hint = '', result = '', details = {} } = JSON.parse(text) as Partial<Refusal>;
    return { outcome, reason, error, hint, result, details };
  } catch {
    return { outcome, reason: 'UNREADABLE', error: text, hint: '', result: '', details: {} };
  }
}

const argumentsRefused = 'ARGUMENTS_';

export interface CallVerdict {
  /** The check of arguments let it through, or refused what the recording refuses too. */
  readonly validated: boolean;
  readonly routed: boolean;
  readonly firstPick: boolean;
  readonly executed: boolean;
  readonly exact: boolean;
  /** Expected to be refused. */
  readonly toRefuse: boolean;
  readonly refusedAsRecorded: boolean;
  /** The set counts it right, and the fleet refuses its arguments or does not take its tool. */
  readonly disagrees: boolean;
  /** Ran more than once. */
  readonly repeated: boolean;
  readonly asPlanned: boolean;
}

export function verdictOf(call: EndedCall): CallVerdict {
  const { planned, executions, offered } = call;
  const refusal = refusalIn(call);
  const byArguments = refusal?.reason.startsWith(argumentsRefused) === true;
  const toRefuse = planned.end.type !== 'answered';
  const refusedAsRecorded = toRefuse && isRefusedAsRecorded(call, refusal, byArguments);
  const executed = executions > 0;
  const exact = planned.end.type === 'answered' && call.outcome === 'ok' && call.text === planned.end.text;
  const isOffered = offered === 'first' || offered === 'found';
  return {
    validated: toRefuse ? refusedAsRecorded : !byArguments && offered !== 'unusable' && call.outcome !== undefined,
    routed: isOffered && planned.end.type !== 'unknown',
    firstPick: offered === 'first' && planned.end.type !== 'unknown',
    executed,
    exact,
    toRefuse,
    refusedAsRecorded,
    disagrees: !toRefuse && (byArguments || offered === 'unusable'),
    repeated: executions > 1,
    asPlanned: executions <= 1 && (toRefuse ? refusedAsRecorded : exact && executed),
  };
}

function isRefusedAsRecorded(call: EndedCall, refusal: Refusal | undefined, byArguments: boolean): boolean {
  const { planned, executions } = call;
  if (refusal === undefined) return false;
  switch (planned.end.type) {
    case 'refused':
      if (executions === 0) return byArguments;
      return refusal.reason === 'TOOL_REFUSED' && refusal.result === planned.end.text;
    case 'unknown':
      return executions === 0 && refusal.reason === 'UNKNOWN_TOOL' && refusal.hint !== '';
    case 'denied':
      return planned.end.reasons.includes(refusal.reason);
    case 'unreadable':
      return executions === 0 && byArguments;
    case 'answered':
      return false;
  }
}

/** A check of arguments that disagrees with the set is counted for itself: nothing was run that should not have been. */
export function isAsPlanned(call: EndedCall): boolean {
  return verdictOf(call).asPlanned;
}

export interface Tally {
  readonly sessions: number;
  readonly completed: number;
  readonly stuck: number;
  readonly calls: number;
  readonly validated: number;
  readonly routed: number;
  readonly firstPick: number;
  /** Calls of a tool that there is: what `routed` is a share of. */
  readonly toRoute: number;
  /** Of those that a tool was to answer. */
  readonly executed: number;
  readonly toAnswer: number;
  readonly exact: number;
  readonly toRefuse: number;
  readonly refusedAsRecorded: number;
  readonly disagreements: number;
  readonly repeated: number;
  readonly strays: number;
}

export function tallyOf(ended: readonly EndedSession[]): Tally {
  const calls = ended.flatMap((session) => session.calls);
  const verdicts = calls.map(verdictOf);
  const count = (of: (verdict: CallVerdict) => boolean): number => verdicts.filter(of).length;
  return {
    sessions: ended.length,
    completed: ended.filter(({ status }) => status === 'completed').length,
    stuck: ended.filter(({ status }) => status === 'stuck').length,
    calls: calls.length,
    validated: count(({ validated }) => validated),
    routed: count(({ routed }) => routed),
    firstPick: count(({ firstPick }) => firstPick),
    toRoute: calls.filter(({ planned }) => planned.end.type !== 'unknown').length,
    executed: count(({ executed, toRefuse }) => executed && !toRefuse),
    toAnswer: count(({ toRefuse }) => !toRefuse),
    exact: count(({ exact }) => exact),
    toRefuse: count(({ toRefuse }) => toRefuse),
    refusedAsRecorded: count(({ refusedAsRecorded }) => refusedAsRecorded),
    disagreements: count(({ disagrees }) => disagrees),
    repeated: count(({ repeated }) => repeated),
    strays: ended.reduce((sum, { strays }) => sum + strays, 0),
  };
}

export interface Mismatch {
  readonly session: string;
  readonly tool: string;
  readonly arguments: PlannedCall['arguments'];
  readonly expected: string;
  readonly got: string;
  /** The fleet's check of arguments refuses what the set counts right. */
  readonly disagreement: boolean;
}

/** Enough to judge a text by. */
const shownChars = 300;

export function mismatchesOf(ended: readonly EndedSession[]): Mismatch[] {
  return ended.flatMap(({ planned: session, calls }) =>
    calls.flatMap((call) => {
      const verdict = verdictOf(call);
      if (verdict.asPlanned) return [];
      const { end } = call.planned;
      const expected = 'text' in end ? `${end.type}: ${end.text.slice(0, shownChars)}` : end.type;
      return [
        {
          session: session.id,
          tool: call.planned.tool,
          arguments: call.planned.arguments,
          expected,
          got: gotOf(call),
          disagreement: verdict.disagrees,
        },
      ];
    }),
  );
}

function gotOf(call: EndedCall): string {
  const refusal = refusalIn(call);
  const times = call.executions > 1 ? `, run ${call.executions} times` : '';
  if (refusal === undefined) return `${call.outcome ?? 'nothing'}: ${(call.text ?? '').slice(0, shownChars)}${times}`;
  return `${refusal.outcome} ${refusal.reason}: ${refusal.hint || refusal.error}`.slice(0, shownChars) + times;
}
