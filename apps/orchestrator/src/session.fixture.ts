/** What the specs of the orchestrator share: sessions to start, answers and observations to feed, ports that write down. */
import type { JudgedCall, Observation, Session, SessionEffect, SessionEvent, SessionInput } from '@toolfleet/kernel';
import { callIdOf, sessionIdOf } from '@toolfleet/kernel';
import type { OwnerPorts, SessionOwner } from './session-owner.js';

export const tenant = 'acme';
export const sessionId = sessionIdOf(tenant, 'r1');

export function startOf(limits: { stepsMax?: number; wallTimeMs?: number } = {}): SessionInput {
  const request = { tenant, user: 'u1', requestId: 'r1', agent: 'helper', input: 'Hello', roles: [], labels: {} };
  const start = {
    request,
    tools: ['look', 'pay'],
    limits: { stepsMax: 20, wallTimeMs: 600_000, tokensMax: 1_000_000, escalate: false, ...limits },
    modelRoute: 'main',
    admittedAtMs: 0,
  };
  return { type: 'start', sessionId, start };
}

export function judged(turn: number, index: number, effect: 'read' | 'write' = 'read'): JudgedCall {
  return {
    callId: callIdOf(sessionId, turn, index),
    providerCallId: `p${index}`,
    tool: effect === 'read' ? 'look' : 'pay',
    arguments: '{}',
    disposition: 'dispatch',
    toolVersion: '1',
    toolClass: effect,
    effect,
    conflictKey: '',
    timeoutMs: 10_000,
    policyRevision: 'p',
    rule: 'all',
    approversNeeded: 0,
  };
}

/** Without calls the answer is final. */
export function answered(turn: number, ...calls: readonly JudgedCall[]): SessionInput {
  const usage = { inputTokens: 1, outputTokens: 1 };
  return {
    type: 'modelAnswered',
    turn,
    calls,
    answer: { text: calls.length ? '' : 'Done.', toolCalls: [], finishReason: 'stop', usage },
  };
}

export function observed(call: JudgedCall, outcome: Observation['outcome'] = 'ok'): SessionInput {
  const observation = { callId: call.callId, outcome, startedAtMs: 0, finishedAtMs: 0, resultBytes: 0 };
  return { type: 'observed', observation };
}

/** Ports in memory: commits and sends succeed at once unless a gate or a failure is set. */
export class RecordingPorts implements OwnerPorts {
  nowMs = 1_000;
  readonly log: string[] = [];
  readonly commits: (readonly SessionEvent[])[] = [];
  readonly sent: { readonly effect: SessionEffect; readonly session: Session }[] = [];
  readonly modelCalls: { readonly turn: number; readonly signal: AbortSignal }[] = [];
  readonly released: { readonly owner: SessionOwner; readonly reason: unknown }[] = [];
  commitGate: Promise<void> | undefined;
  commitFailure: unknown;
  sendFailure: unknown;

  now = (): number => this.nowMs;

  commit = async (_session: Session, events: readonly SessionEvent[]): Promise<void> => {
    this.log.push(`commit ${events.map(({ type }) => type).join(' ')}`);
    await this.commitGate;
    if (this.commitFailure) throw this.commitFailure;
    this.commits.push(events);
  };

  send = async (session: Session, effect: SessionEffect): Promise<void> => {
    this.log.push(`send ${effect.type}`);
    if (this.sendFailure) throw this.sendFailure;
    this.sent.push({ effect, session });
  };

  publish = async (): Promise<void> => undefined;

  callModel = (_owner: SessionOwner, session: Session, signal: AbortSignal): void => {
    this.modelCalls.push({ turn: session.turn + 1, signal });
  };

  release = (owner: SessionOwner, reason: unknown): void => {
    this.released.push({ owner, reason });
  };
}

/** Lets everything that is already decided run to its end. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
