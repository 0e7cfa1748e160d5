/**
 * Writes whose end nobody knows, and the word of a person who found it out. The ledger takes the word first and only once; then it
 * is told to the session and the audit. Whoever dies in between is followed by an executor's sweep. What nobody found out
 * in time is given up: the audit says so, and the call with its arguments goes.
 */
import { decodeToolCall, encodeObservation } from '@toolfleet/contracts';
import type { AuditFacts, AuditRecord, ToolCall } from '@toolfleet/kernel';
import { auditRecordOf, conflict, digestOf, invalid, limits, missing, sessionIdOfCall } from '@toolfleet/kernel';
import { settledBySomebody } from '@toolfleet/kernel/effects';
import type { Outlet } from '@toolfleet/platform/bus';
import type { NotedEffect, OpenEffects } from '@toolfleet/platform/postgres';

export interface UnknownWritesOptions {
  readonly open: OpenEffects;
  readonly outlet: Pick<Outlet, 'inbox' | 'audit'>;
  readonly now: () => number;
  /** One was given up. */
  readonly onGivenUp?: () => void;
}

export interface SettledWrite {
  readonly tenant: string;
  readonly callId: string;
  readonly end: 'done' | 'failed';
  readonly actor: string;
  readonly reason: string;
}

/** Whoever took the word tells it within this. */
const tellMsMax = 60_000;
const reasonCharsMax = 1_000;
/** Calls of up to 64 KiB each. */
const givenUpAtOnce = 100;

export class UnknownWrites {
  constructor(private readonly options: UnknownWritesOptions) {}

  /** Oldest first. */
  list(tenant: string, limit: number): Promise<NotedEffect[]> {
    return this.options.open.unknown({ tenant, limit });
  }

  /** Faults: `missing` EFFECT_UNKNOWN, `conflict` EFFECT_SETTLED, `invalid` REASON_MISSING. */
  async settle({ tenant, callId, end, actor, reason }: SettledWrite): Promise<NotedEffect> {
    const { open, outlet, now } = this.options;
    if (reason.trim() === '') throw invalid('REASON_MISSING', 'Say how the end was found out.');
    const key = { tenant, sessionId: sessionIdOfCall(callId), callId };
    const effect = key.sessionId === '' ? undefined : await open.find(key);
    if (!effect) {
      throw missing('EFFECT_UNKNOWN', 'There is no such write of unknown end.', {
        hint: 'List those there are; one that was found out meanwhile is no longer among them.',
      });
    }
    const call = decodeToolCall(effect.call);
    const atMs = now();
    const observation = settledBySomebody(call, end, atMs);
    const bytes = encodeObservation(observation);
    const told = { outcome: end, observation: bytes, by: actor, atMs, tellAgainAtMs: atMs + tellMsMax };
    if (!(await open.resolve(key, told))) throw conflict('EFFECT_SETTLED', 'Somebody else was faster.');
    const { sessionId } = key;
    await Promise.all([
      outlet.inbox({ tenant, sessionId, body: { type: 'observation', observation } }),
      outlet.audit(auditOf(call, { end, actor, atMs, reason: reason.slice(0, reasonCharsMax) })),
    ]);
    await open.told(key);
    return effect;
  }

  /** Told before it goes, under one id: whoever dies in between, or is not alone, tells the same fact again. */
  async giveUp(): Promise<void> {
    const { open, outlet, now, onGivenUp } = this.options;
    for (;;) {
      const atMs = now();
      // oxlint-disable-next-line no-await-in-loop -- a page is gone before the next is read
      const page = await open.overdue({ openedBeforeMs: atMs - limits.unknownWriteMsMax, limit: givenUpAtOnce });
      for (const effect of page) {
        // oxlint-disable-next-line no-await-in-loop
        await outlet.audit(givenUpAuditOf(decodeToolCall(effect.call), atMs));
        // oxlint-disable-next-line no-await-in-loop
        await open.told(effect);
        onGivenUp?.();
      }
      if (page.length < givenUpAtOnce) return;
    }
  }
}

const auditOf = (
  call: ToolCall,
  { end, actor, atMs, reason }: { end: string; actor: string; atMs: number; reason: string },
): AuditRecord =>
  recordOf(call, {
    ...{ id: `${call.callId}/settled`, action: 'EFFECT_SETTLED', actor, outcome: end, atMs },
    ...{ subject: call.user, comment: reason },
  });

const givenUpAuditOf = (call: ToolCall, atMs: number): AuditRecord =>
  recordOf(call, {
    id: `${call.callId}/given-up`,
    action: 'EFFECT_GIVEN_UP',
    actor: call.user,
    outcome: 'unknown',
    atMs,
  });

function recordOf(call: ToolCall, facts: Omit<AuditFacts, 'tenant' | 'recordedBy'>): AuditRecord {
  const { tenant, sessionId, callId, tool, toolVersion, idempotencyKey, agent } = call;
  const ofCall = { tenant, sessionId, callId, tool, toolVersion, idempotencyKey, agent };
  const argumentsDigest = digestOf(call.arguments);
  return auditRecordOf({ ...ofCall, effect: 'write', recordedBy: 'policy', argumentsDigest, ...facts });
}
