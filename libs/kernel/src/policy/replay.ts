/**
 * Judges again what a recorded session proposed, with its history as it was then, under other rules or another catalogue.
 * Nothing is run: the session goes on as it was recorded, so each call is a question of its own.
 */
import { evolve } from '../session/evolve.js';
import type { ProposedCall } from '../session/message.js';
import type { JudgedCall, Session, SessionEvent } from '../session/session.js';
import type { JudgeContext } from './judge.js';
import { judge } from './judge.js';

export type RecordedAnswer = Extract<SessionEvent, { type: 'modelAnswered' }>;

export interface RecordedTurn {
  /** As it was when the model answered. */
  readonly session: Session;
  readonly event: RecordedAnswer;
}

export const decisionWords = ['allow', 'review', 'search', 'refuse', 'stop'] as const;
export type DecisionWord = (typeof decisionWords)[number];

export interface RecordedDecision {
  readonly decision: DecisionWord;
  readonly rule: string;
  /** Why it was refused; empty when it was not. */
  readonly reason: string;
}

export interface Redecision {
  readonly tenant: string;
  readonly sessionId: string;
  readonly callId: string;
  readonly tool: string;
  readonly before: RecordedDecision;
  readonly after: RecordedDecision;
  readonly changed: boolean;
}

/** The model's answers of a journal, each with the session that it came to. */
export function* turnsOf(events: Iterable<SessionEvent>): Generator<RecordedTurn> {
  let session: Session | undefined;
  for (const event of events) {
    if (event.type === 'modelAnswered' && session) yield { session, event };
    session = evolve(session, event);
  }
}

export const proposalsOf = ({ calls }: RecordedAnswer): ProposedCall[] =>
  calls.map(({ providerCallId, tool, arguments: args }) => ({ id: providerCallId, name: tool, arguments: args }));

export function judgeAgain({ session, event }: RecordedTurn, context: Omit<JudgeContext, 'nowMs'>): JudgedCall[] {
  return judge(session, proposalsOf(event), { ...context, nowMs: event.atMs });
}

export function redecide(events: Iterable<SessionEvent>, context: Omit<JudgeContext, 'nowMs'>): Redecision[] {
  return [...turnsOf(events)].flatMap((turn) => {
    const after = judgeAgain(turn, context);
    return turn.event.calls.map((call, index) => redecisionOf(turn.session, call, after[index]!));
  });
}

function redecisionOf({ id, request }: Session, was: JudgedCall, is: JudgedCall): Redecision {
  const before = decisionOf(was);
  // Of arguments that were too long only the beginning was kept.
  const after = before.reason === 'ARGUMENTS_TOO_LARGE' ? before : decisionOf(is);
  const changed = before.decision !== after.decision || before.reason !== after.reason;
  return { tenant: request.tenant, sessionId: id, callId: was.callId, tool: was.tool, before, after, changed };
}

export function decisionOf({ disposition, rule, refusal, storms = [] }: JudgedCall): RecordedDecision {
  const stops = storms.some(({ action }) => action === 'stop');
  const decision = stops ? 'stop' : decisionWordOf[disposition];
  return { decision, rule, reason: refusal?.reason ?? '' };
}

const decisionWordOf = {
  dispatch: 'allow',
  review: 'review',
  findTools: 'search',
  refuse: 'refuse',
} as const satisfies Record<JudgedCall['disposition'], DecisionWord>;
