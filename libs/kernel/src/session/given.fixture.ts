/**
 * The grammar of the session specs: a story is a session, its clock and all that it decided. `given(start())` begins one;
 * `when` hands it an input at the story's time; `transcript` is what was decided, one short line an event.
 */
import { assertNever } from '../assert.js';
import { callIdOf } from '../ids.js';
import type { Observation } from '../toolcall/observation.js';
import { refusalOf } from '../toolcall/observation.js';
import { missing } from '../fault.js';
import { decide } from './decide.js';
import { evolve } from './evolve.js';
import type {
  Decision,
  JudgedCall,
  Session,
  SessionEffect,
  SessionEvent,
  SessionInput,
  SessionLimits,
} from './session.js';

export const sessionId = 's1';

export interface StartOptions {
  readonly limits?: Partial<SessionLimits>;
  readonly deadlineAtMs?: number;
  readonly tools?: readonly string[];
}

export function start({ limits = {}, deadlineAtMs, tools = ['look', 'change'] }: StartOptions = {}): SessionInput {
  const request = { tenant: 'acme', user: 'u1', requestId: 'r1', agent: 'clerk', input: 'hi', roles: [], labels: {} };
  return {
    type: 'start',
    sessionId,
    start: {
      request: { ...request, ...(deadlineAtMs === undefined ? {} : { deadlineAtMs }) },
      tools,
      limits: { stepsMax: 20, wallTimeMs: 600_000, tokensMax: 1_000_000, escalate: false, ...limits },
      modelRoute: 'default',
      admittedAtMs: 0,
    },
  };
}

/** A call before it has its place in a turn. */
export type CallPlan = Partial<Omit<JudgedCall, 'callId'>>;

export const read = (plan: CallPlan = {}): CallPlan => ({ tool: 'look', ...plan });
export const write = (plan: CallPlan = {}): CallPlan => ({ tool: 'change', effect: 'write', ...plan });
export const review = (plan: CallPlan = {}): CallPlan => write({ disposition: 'review', ...plan });
export const findTools = (): CallPlan => ({ tool: 'find_tools', disposition: 'findTools', arguments: '{"query":"x"}' });
export const unknown = (): CallPlan => ({
  tool: 'lok',
  disposition: 'refuse',
  refusal: refusalOf(missing('UNKNOWN_TOOL', 'There is no tool named "lok".')),
});

export function judged(callId: string, plan: CallPlan = {}): JudgedCall {
  return {
    callId,
    providerCallId: `p-${callId}`,
    tool: 'look',
    arguments: '{}',
    disposition: 'dispatch',
    toolVersion: '1',
    toolClass: 'read',
    effect: 'read',
    conflictKey: '',
    timeoutMs: 1_000,
    policyRevision: 'rev',
    rule: 'all',
    approversNeeded: 0,
    ...plan,
  };
}

/** The model's answer to `turn`; without calls it is final. */
export function answer(turn: number, calls: readonly CallPlan[] = [], tokens = 10): SessionInput {
  return {
    type: 'modelAnswered',
    turn,
    answer: {
      text: `answer ${turn}`,
      toolCalls: [],
      finishReason: calls.length ? 'tool_calls' : 'stop',
      usage: { inputTokens: tokens, outputTokens: 0 },
    },
    calls: calls.map((plan, index) => judged(callIdOf(sessionId, turn, index), plan)),
  };
}

export function ok(callId: string, text = 'done'): SessionInput {
  return { type: 'observed', observation: observationOf(callId, text) };
}

export function observationOf(callId: string, text: string): Observation {
  const result = Buffer.from(text);
  const observation = { callId, result, contentType: 'text/plain', resultBytes: result.byteLength };
  return { ...observation, outcome: 'ok', startedAtMs: 0, finishedAtMs: 0 };
}

export function approval(callId: string, deadlineAtMs: number, approved = true): SessionInput {
  return { type: 'approvalDecided', decision: { callId, approved, decidedBy: 'boss', deadlineAtMs } };
}

export const message = (messageId: string): SessionInput => ({
  type: 'userMessage',
  message: { messageId, text: `text of ${messageId}` },
});
export const cancel: SessionInput = { type: 'cancel', reason: 'no longer needed', requestedBy: 'u1' };
export const tick: SessionInput = { type: 'tick' };
export const call = (turn: number, index: number): string => callIdOf(sessionId, turn, index);

export class Story {
  readonly events: SessionEvent[] = [];
  readonly effects: string[] = [];
  session: Session | undefined;
  now = 0;
  last: Decision = { events: [], effects: [] };

  when(...inputs: readonly SessionInput[]): this {
    for (const input of inputs) {
      this.last = decide(this.session, input, this.now);
      for (const event of this.last.events) this.session = evolve(this.session, event);
      this.events.push(...this.last.events);
      this.effects.push(...this.last.effects.map(effectLine));
    }
    return this;
  }

  at(now: number): this {
    this.now = now;
    return this;
  }

  /** What the last input decided. */
  get then(): { events: string[]; effects: string[] } {
    return { events: this.last.events.map(eventLine), effects: this.last.effects.map(effectLine) };
  }

  get transcript(): string[] {
    return this.events.map(eventLine);
  }

  /** The conversation that the model would be shown. */
  get conversation(): string[] {
    return this.session!.messages.map((said) => {
      if (said.role === 'tool') return `tool ${said.toolCallId}`;
      return said.role === 'assistant'
        ? `assistant ${said.toolCalls.map(({ id }) => id).join(' ')}`.trim()
        : `user ${said.text}`;
    });
  }
}

export const given = (...inputs: readonly SessionInput[]): Story => new Story().when(...inputs);

export function eventLine(event: SessionEvent): string {
  switch (event.type) {
    case 'modelAnswered':
      return `modelAnswered ${event.turn}`;
    case 'claimsFlagged':
      return `claimsFlagged ${event.flags.map(({ kind }) => kind).join(' ')}${event.askedAgain ? ' askedAgain' : ''}`;
    case 'toolCallSettled':
      return `settled ${shortOf(event.observation.callId)} ${event.observation.outcome}`;
    case 'toolCallEndedLate':
      return `endedLate ${shortOf(event.observation.callId)} ${event.observation.outcome}`;
    case 'limitReached':
      return `limitReached ${event.reason}`;
    case 'finished':
      return `finished ${event.status}${event.refusal ? ` ${event.refusal.reason}` : ''}`;
    case 'started':
    case 'approvalDecided':
    case 'toolsOffered':
    case 'userMessageReceived':
    case 'cancelRequested':
      return event.type;
    default:
      return assertNever(event);
  }
}

export function effectLine(effect: SessionEffect): string {
  switch (effect.type) {
    case 'callModel':
      return `callModel ${effect.turn}`;
    case 'dispatch':
    case 'review':
      return `${effect.type} ${shortOf(effect.call.callId)} until ${effect.deadlineAtMs}`;
    case 'findTools':
      return `findTools ${shortOf(effect.call.callId)}`;
    case 'cancelCalls':
      return `cancelCalls ${effect.callIds.map(shortOf).join(' ')}`;
    case 'publishOutcome':
      return effect.type;
    default:
      return assertNever(effect);
  }
}

const shortOf = (callId: string): string => callId.slice(callId.indexOf(':') + 1);
