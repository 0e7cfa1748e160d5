/** The figures of a run and whether it is right: all sessions completed, all states as recorded, nothing twice or lost. */
import type { DemoFindings } from './run-demo.js';

export interface DemoSummary {
  readonly sessions: number;
  readonly completed: number;
  readonly stateMatches: number;
  readonly toolCalls: number;
  readonly duplicateEffects: number;
  readonly lostSessions: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly seconds: number;
}

export function summaryOf({ verdicts, seconds }: DemoFindings): DemoSummary {
  const tookMs = verdicts.flatMap((verdict) => verdict.tookMs ?? []).toSorted((left, right) => left - right);
  return {
    sessions: verdicts.length,
    completed: verdicts.filter((verdict) => verdict.completed).length,
    stateMatches: verdicts.filter((verdict) => verdict.stateMatches).length,
    toolCalls: verdicts.reduce((sum, verdict) => sum + verdict.toolCalls, 0),
    duplicateEffects: verdicts.reduce((sum, verdict) => sum + verdict.duplicateEffects, 0),
    lostSessions: verdicts.filter((verdict) => verdict.status === 'lost').length,
    p50Ms: rounded(quantile(tookMs, 0.5)),
    p99Ms: rounded(quantile(tookMs, 0.99)),
    seconds: rounded(seconds),
  };
}

export function isRight(summary: DemoSummary): boolean {
  const { sessions, completed, stateMatches, duplicateEffects, lostSessions } = summary;
  return (
    sessions > 0 && completed === sessions && stateMatches === sessions && duplicateEffects === 0 && lostSessions === 0
  );
}

/** Nearest rank: always a value that was measured. */
function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)] ?? 0;
}

const rounded = (value: number): number => Math.round(value * 10) / 10;
