/**
 * Which calls of a turn may run at the same time: a run of neighbouring reads is one wave, every write is a wave of its
 * own, in the model's order. The model's order is kept because a read after a write may depend on it.
 */
import { limits } from '../limits.js';
import type { CallState, Session, SessionEffect } from './session.js';

export function currentWave(calls: readonly CallState[]): readonly CallState[] {
  const first = calls.findIndex((state) => !state.observation);
  if (first < 0) return [];
  if (calls[first]!.call.effect === 'write') return [calls[first]!];
  const wave: CallState[] = [];
  for (const state of calls.slice(first)) {
    if (state.call.effect === 'write') break;
    if (!state.observation) wave.push(state);
  }
  return wave;
}

/** A call's own end of time: its tool's timeout and a wait for an executor from the wave's start, never after the session's. */
export function deadlineOf(state: CallState, session: Session): number {
  const { call } = state;
  const wait =
    call.disposition === 'review' ? (call.approvalMs ?? limits.approvalTtlMs) : call.timeoutMs + limits.callWaitMs;
  const own = state.approvedUntilMs ?? session.waveAtMs + wait;
  return Math.min(own, session.deadlineAtMs);
}

/**
 * Whether the effect may leave beside the commit of what it follows from. A read changes nothing, and its observation says
 * what was run, so that it cannot answer for a call that another owner decided. A cancel that somebody asked for is read by
 * every owner that the session has until one has committed it, and after it the session never goes on: no call is stopped
 * that was still wanted. A session that ends by itself may not have ended for another owner.
 */
export function mayLeaveEarly(effect: SessionEffect): boolean {
  if (effect.type === 'cancelCalls') return effect.asked;
  return effect.type === 'dispatch' && effect.call.effect === 'read';
}

/** When the session must look at itself again if nothing arrives: the first deadline of what it waits for. */
export function nextWakeAtMs(session: Session): number | undefined {
  if (session.phase === 'finished') return undefined;
  const waits = currentWave(session.calls).map((state) => deadlineOf(state, session) + limits.observationGraceMs);
  return Math.min(session.deadlineAtMs, ...waits);
}
