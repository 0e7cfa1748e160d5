/** How a session, or one run of it, ended: between the kernel's types and bytes. */
import type { CallSummary, ClaimFlag, ModelUsage, Refusal, SessionStatus } from '@toolfleet/kernel';
import { flagToWire, flagsFromWire, statusWords, usageFromWire } from './session-codec.js';
import { effectWords, outcomeWords, refusalFromWire, refusalToWire, wouldHaveDoneFromWire } from './toolcall-codec.js';
import { wireType } from './wire.js';

const outcomeType = wireType('toolfleet.session.v1.SessionOutcome');

type Wire = Record<string, unknown>;

export interface SessionOutcome {
  readonly tenant: string;
  readonly sessionId: string;
  readonly requestId: string;
  readonly user: string;
  readonly agent: string;
  readonly status: SessionStatus;
  readonly answer: string;
  readonly refusal?: Refusal | undefined;
  readonly usage: ModelUsage;
  readonly turns: number;
  readonly calls: readonly CallSummary[];
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly run: number;
  /** Absent: none. */
  readonly flags?: readonly ClaimFlag[] | undefined;
}

export function encodeSessionOutcome(outcome: SessionOutcome): Uint8Array {
  const calls = outcome.calls.map(({ callId, tool, effect, outcome: end, wouldHaveDone }) => ({
    ...{ callId, tool, effect: effectWords.number(effect), outcome: outcomeWords.number(end) },
    ...(wouldHaveDone && { dryRun: true }),
  }));
  const wouldHaveDone = outcome.calls.flatMap(({ callId, tool, wouldHaveDone: call }) =>
    call ? [{ callId, tool, call }] : [],
  );
  return outcomeType.encode({
    ...outcome,
    status: statusWords.number(outcome.status),
    refusal: refusalToWire(outcome.refusal),
    calls,
    wouldHaveDone,
    flags: (outcome.flags ?? []).map(flagToWire),
  });
}

export function decodeSessionOutcome(bytes: Uint8Array): SessionOutcome {
  const wire = outcomeType.decode(bytes);
  const outcome = wire as unknown as SessionOutcome;
  const flags = flagsFromWire(wire['flags']);
  const rehearsed = new Map((wire['wouldHaveDone'] as Wire[]).map((one) => [one['callId'] as string, one['call']]));
  return {
    tenant: outcome.tenant,
    sessionId: outcome.sessionId,
    requestId: outcome.requestId,
    user: outcome.user,
    agent: outcome.agent,
    status: statusWords.word(wire['status']),
    answer: outcome.answer,
    refusal: refusalFromWire(wire['refusal'] as Wire | null),
    usage: usageFromWire(outcome.usage),
    turns: outcome.turns,
    calls: (wire['calls'] as Wire[]).map((call) => ({
      callId: call['callId'] as string,
      tool: call['tool'] as string,
      effect: effectWords.word(call['effect']),
      outcome: outcomeWords.word(call['outcome']),
      ...wouldHaveDoneFromWire(rehearsed.get(call['callId'] as string)),
    })),
    startedAtMs: outcome.startedAtMs,
    finishedAtMs: outcome.finishedAtMs,
    labels: outcome.labels,
    run: outcome.run,
    ...(flags.length > 0 && { flags }),
  };
}
