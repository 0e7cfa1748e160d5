/**
 * A session's state as its events make it, and the events, inputs and effects of the protocol.
 *
 *   none ──start──▶ model ──answer with calls──▶ tools ──all settled──▶ model … ──final answer, limit, cancel──▶ finished
 *                                                                         ▲                                        │
 *                                                                         └──────────── user message ──────────────┘
 */
import type { ClaimFlag } from './claims.js';
import type { SessionHistory } from './history.js';
import type { ModelAnswer, Message, ModelUsage } from './message.js';
import type { RuleNote } from '../policy/rules.js';
import type { StormNote } from '../storms/storms.js';
import type { Effect, Observation, Outcome, Refusal, WouldHaveDone } from '../toolcall/observation.js';
import type { Fault } from '../fault.js';

export type SessionStatus =
  'waiting' | 'active' | 'completed' | 'gaveUp' | 'escalated' | 'failed' | 'cancelled' | 'rejected';

export const sessionPriorities = ['low', 'normal', 'high'] as const;
export type SessionPriority = (typeof sessionPriorities)[number];

export interface SessionRequest {
  readonly tenant: string;
  readonly user: string;
  readonly requestId: string;
  readonly agent: string;
  readonly input: string;
  readonly roles: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly deadlineAtMs?: number | undefined;
  /** Among the tenant's own waiting sessions; absent: normal. */
  readonly priority?: SessionPriority | undefined;
  /** No write of the session is sent; absent: they are. */
  readonly dryRun?: true | undefined;
}

export interface SessionLimits {
  readonly stepsMax: number;
  readonly wallTimeMs: number;
  readonly tokensMax: number;
  /** Of model turns, in millionths. Absent: no bound. */
  readonly costMicrosMax?: number | undefined;
  readonly escalate: boolean;
  /** A run that reaches its steps, tokens or money is asked once more, without tools. Absent: it ends at once. */
  readonly lastWord?: true | undefined;
  /** An answer that claims what no tool has answered is asked for once more. Absent: it is flagged only. */
  readonly askAgainOnClaim?: true | undefined;
}

export type Disposition = 'dispatch' | 'review' | 'findTools' | 'refuse';

/** A proposed call after policy has looked at it. */
export interface JudgedCall {
  readonly callId: string;
  readonly providerCallId: string;
  readonly tool: string;
  readonly arguments: string;
  readonly disposition: Disposition;
  readonly toolVersion: string;
  readonly toolClass: string;
  readonly effect: Effect;
  readonly conflictKey: string;
  readonly timeoutMs: number;
  readonly policyRevision: string;
  readonly rule: string;
  readonly refusal?: Refusal | undefined;
  readonly approversNeeded: number;
  /** How long people have to decide; absent: `limits.approvalTtlMs`. */
  readonly approvalMs?: number | undefined;
  /** A write that is made ready and not sent. */
  readonly dryRun?: true | undefined;
  /** What rules that are not enforced would have decided. Absent: nothing else. */
  readonly notes?: readonly RuleNote[] | undefined;
  /** Patterns of trouble that the call is part of, and what was done about it. Absent: none. */
  readonly storms?: readonly StormNote[] | undefined;
}

export interface SessionStart extends ShownTools {
  readonly request: SessionRequest;
  /** Tools that the budget of the agent had no room for. Absent: none. */
  readonly toolsLeftOut?: readonly string[] | undefined;
  /** Tools that flags kept back. Absent: none. */
  readonly toolsKeptBack?: readonly string[] | undefined;
  readonly limits: SessionLimits;
  readonly modelRoute: string;
  readonly admittedAtMs: number;
}

/** Names, and in their order the versions that the session is shown. Absent: as they are current. */
export interface ShownTools {
  readonly tools: readonly string[];
  readonly toolVersions?: readonly string[] | undefined;
}

export interface UserMessageInput {
  readonly messageId: string;
  readonly text: string;
}

export interface ApprovalDecision {
  readonly callId: string;
  readonly approved: boolean;
  readonly decidedBy: string;
  readonly deadlineAtMs: number;
}

export type SessionInput =
  | { readonly type: 'start'; readonly sessionId: string; readonly start: SessionStart }
  | {
      readonly type: 'modelAnswered';
      readonly turn: number;
      readonly answer: ModelAnswer;
      readonly calls: readonly JudgedCall[];
    }
  | { readonly type: 'modelFailed'; readonly turn: number; readonly fault: Fault }
  /** The turn was not asked for: a budget of the user or the tenant has no room for it. */
  | { readonly type: 'budgetExhausted'; readonly turn: number; readonly fault: Fault }
  | { readonly type: 'observed'; readonly observation: Observation }
  | { readonly type: 'approvalDecided'; readonly decision: ApprovalDecision }
  | ({ readonly type: 'toolsFound'; readonly callId: string } & ShownTools)
  | { readonly type: 'userMessage'; readonly message: UserMessageInput }
  | { readonly type: 'cancel'; readonly reason: string; readonly requestedBy: string }
  | { readonly type: 'tick' };

interface Fact {
  /** Counts from 1 without gaps. */
  readonly seq: number;
  readonly atMs: number;
}

export type SessionEvent = Fact & SessionEventBody;

export type SessionEventBody =
  | ({
      readonly type: 'started';
      readonly sessionId: string;
      readonly request: SessionRequest;
      /** Tools that the budget of the agent had no room for. Absent: none. */
      readonly toolsLeftOut?: readonly string[] | undefined;
      /** Tools that flags kept back. Absent: none. */
      readonly toolsKeptBack?: readonly string[] | undefined;
      readonly limits: SessionLimits;
      readonly modelRoute: string;
      readonly deadlineAtMs: number;
    } & ShownTools)
  | {
      readonly type: 'modelAnswered';
      readonly turn: number;
      readonly text: string;
      readonly calls: readonly JudgedCall[];
      readonly usage: ModelUsage;
    }
  | {
      readonly type: 'toolCallSettled';
      readonly observation: Observation;
      /** Nobody reported how the call ended: the session had to go on without. */
      readonly presumed?: true;
    }
  /** The answer of `turn` claims what the session has no observation of; `askedAgain`: the model is told so, once a run. */
  | {
      readonly type: 'claimsFlagged';
      readonly turn: number;
      readonly flags: readonly ClaimFlag[];
      readonly askedAgain: boolean;
    }
  /** How a call really ended whose end was presumed. It corrects what is told of the call, never the conversation. */
  | { readonly type: 'toolCallEndedLate'; readonly observation: Observation }
  | { readonly type: 'approvalDecided'; readonly decision: ApprovalDecision }
  /** The run ends with the next turn, in which the model can call nothing. */
  | ({ readonly type: 'limitReached' } & ReachedLimit)
  | ({ readonly type: 'toolsOffered' } & ShownTools)
  | { readonly type: 'userMessageReceived'; readonly message: UserMessageInput }
  | { readonly type: 'cancelRequested'; readonly reason: string; readonly requestedBy: string }
  | {
      readonly type: 'finished';
      readonly status: SessionStatus;
      readonly answer: string;
      readonly refusal?: Refusal | undefined;
    };

export interface ReachedLimit {
  readonly reason: string;
  readonly message: string;
}

export interface CallState {
  readonly call: JudgedCall;
  readonly observation?: Observation | undefined;
  /** A later end than the class timeout, given by an approval. */
  readonly approvedUntilMs?: number | undefined;
}

export interface CallSummary {
  readonly callId: string;
  readonly tool: string;
  readonly effect: Effect;
  readonly outcome: Outcome;
  /** It was not done: what would have been sent. */
  readonly wouldHaveDone?: WouldHaveDone | undefined;
}

/** A settled call as the session remembers it. */
export interface DoneCall extends CallSummary {
  /** Why it was not `ok`. */
  readonly reason?: string;
  /** Handle of an answer that was too long to be shown whole. */
  readonly artifact?: string;
}

export interface SessionArtifact {
  readonly handle: string;
  /** Of the call that it answers: its executors can read it. */
  readonly toolClass: string;
}

export interface Session {
  readonly id: string;
  readonly request: SessionRequest;
  readonly phase: 'model' | 'tools' | 'finished';
  readonly status: SessionStatus;
  /** Number of the last event. */
  readonly seq: number;
  /** Model turns of all runs. */
  readonly turn: number;
  readonly run: number;
  /** `turn` when the run began: the limit of steps counts from here. */
  readonly runFirstTurn: number;
  /** Tokens used when the run began: the limit of tokens counts from here. */
  readonly runFirstTokens: number;
  /** The same of money. */
  readonly runFirstCostMicros: number;
  readonly messages: readonly Message[];
  /** Calls of the turn that is being worked on, in the model's order. */
  readonly calls: readonly CallState[];
  readonly done: readonly DoneCall[];
  readonly history: SessionHistory;
  /** Calls whose end was presumed, or is not known, and may still be heard of, the newest. */
  readonly unheard: readonly JudgedCall[];
  /** Answers that were too long to be shown whole, the newest. */
  readonly artifacts: readonly SessionArtifact[];
  /** Claims without an observation, the newest. */
  readonly flags: readonly ClaimFlag[];
  /** The last run whose answer was asked for again; 0: none. */
  readonly askedAgainRun: number;
  /** The run has its last turn before it. Absent: it has reached no limit. */
  readonly reached?: ReachedLimit | undefined;
  /** User messages that wait for the next turn. */
  readonly pending: readonly string[];
  readonly messageIds: readonly string[];
  readonly tools: readonly string[];
  /** In their order, as the session was shown them. Absent or empty: as they are current. */
  readonly toolVersions?: readonly string[] | undefined;
  /** Tools that flags kept back when it began. Absent: none. */
  readonly toolsKeptBack?: readonly string[] | undefined;
  readonly limits: SessionLimits;
  readonly modelRoute: string;
  readonly usage: ModelUsage;
  readonly startedAtMs: number;
  readonly deadlineAtMs: number;
  /** When the present wave of calls could start. */
  readonly waveAtMs: number;
  readonly updatedAtMs: number;
  readonly answer: string;
  readonly refusal?: Refusal | undefined;
}

export type SessionEffect =
  | { readonly type: 'callModel'; readonly turn: number }
  | { readonly type: 'dispatch'; readonly call: JudgedCall; readonly deadlineAtMs: number }
  | { readonly type: 'review'; readonly call: JudgedCall; readonly deadlineAtMs: number }
  | { readonly type: 'findTools'; readonly call: JudgedCall }
  /** `asked`: somebody cancelled the session; else it ended by itself. */
  | {
      readonly type: 'cancelCalls';
      readonly callIds: readonly string[];
      readonly reason: string;
      readonly asked: boolean;
    }
  /** Tell the world how the run ended, and give the tenant its share back. `corrected`: it was told, and knew less. */
  | { readonly type: 'publishOutcome'; readonly corrected?: true };

export interface Decision {
  readonly events: readonly SessionEvent[];
  readonly effects: readonly SessionEffect[];
}
