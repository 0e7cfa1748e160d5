/**
 * Writes that ended without anybody knowing how: asked about again, further and further apart, and told once it is known.
 * The ledger takes the end first, so it is told at least once and never two of them; a person may be faster, and is told for,
 * too, when whoever took the word died over it.
 */
import { decodeObservation, decodeToolCall, encodeObservation } from '@toolfleet/contracts';
import type { AuditRecord, Catalogue, Observation, ToolCall } from '@toolfleet/kernel';
import { auditRecordOf, digestOf, limits, toolVersionOf } from '@toolfleet/kernel';
import type { Outlet } from '@toolfleet/platform/bus';
import type { DueEffect, OpenEffects } from '@toolfleet/platform/postgres';
import type { Reconciler } from './reconciler.js';

export interface UnknownEffectsOptions {
  readonly open: OpenEffects;
  readonly reconciler: Pick<Reconciler, 'ask'>;
  readonly catalogue: Catalogue;
  readonly outlet: Pick<Outlet, 'inbox' | 'audit'>;
  readonly toolClasses: readonly string[];
  /** Who settles, for the ledger. */
  readonly ownerId: string;
  /** Between two executors; by default `limits.clockSkewMs`. */
  readonly clockSkewMs?: number;
  readonly count: (end: 'done' | 'failed' | 'unknown') => void;
}

/** Whoever took one up has died when it is untouched for so long: a read and its waits take a fraction. */
const takenMsMax = 60_000;
const nobody = new AbortController().signal;

export class UnknownEffects {
  constructor(private readonly options: UnknownEffectsOptions) {}

  async sweep(): Promise<void> {
    const { open, toolClasses } = this.options;
    const limit = limits.reconcileBatchMax;
    const nowMs = Date.now();
    const due = await open.due({ toolClasses, nowMs, againAtMs: nowMs + takenMsMax, limit });
    const ends = await Promise.allSettled(due.map((effect) => this.#lookAt(effect)));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  async #lookAt(effect: DueEffect): Promise<void> {
    const { open, catalogue, reconciler, ownerId, count } = this.options;
    // Its executor has noted it and not settled it yet, or another runs it again.
    if (effect.state === 'executing') return;
    const call = decodeToolCall(effect.call);
    if (effect.state !== 'unknown') return this.#tell(effect, call, decodeObservation(effect.observation!));
    const tool = toolVersionOf(catalogue, call.tool, call.toolVersion) ?? catalogue.get('Tool', effect.tool);
    const attempt = tool && { call, tool, owned: nobody, cancelled: nobody };
    // Whoever tried last went by a clock of its own.
    const lastTryOverAtMs = call.deadlineAtMs + (this.options.clockSkewMs ?? limits.clockSkewMs);
    const end = attempt && (await reconciler.ask(attempt, lastTryOverAtMs));
    if (!end || end.effect === 'unknown') {
      count('unknown');
      const afterMs = limits.reconcileLaterMs[effect.tries - 1];
      return open.tryAgainAt(effect, afterMs === undefined || !tool?.reconcile ? null : Date.now() + afterMs);
    }
    const atMs = Date.now();
    const observation = encodeObservation(end.observation);
    const tellAgainAtMs = atMs + takenMsMax;
    const mine = await open.resolve(effect, { outcome: end.effect, observation, by: ownerId, atMs, tellAgainAtMs });
    if (!mine) return undefined;
    count(end.effect);
    return this.#tell(effect, call, end.observation);
  }

  async #tell(effect: DueEffect, call: ToolCall, observation: Observation): Promise<void> {
    const { open, outlet } = this.options;
    const { tenant, sessionId } = effect;
    // Over the bus and not handed over: no session sends a call again that it takes for settled.
    await Promise.all([
      outlet.inbox({ tenant, sessionId, body: { type: 'observation', observation } }),
      outlet.audit(auditOf(call, observation)),
    ]);
    await open.told(effect);
  }
}

function auditOf(call: ToolCall, { outcome, refusal, finishedAtMs }: Observation): AuditRecord {
  const { tenant, sessionId, callId, tool, toolVersion, idempotencyKey, user } = call;
  return auditRecordOf({
    ...{ id: `${callId}/reconciled/${outcome}`, effect: 'write', reason: refusal?.reason },
    ...{ tenant, sessionId, callId, tool, toolVersion, idempotencyKey, outcome },
    ...{ atMs: finishedAtMs, recordedBy: 'executor', actor: user, action: 'EFFECT_RECONCILED' },
    argumentsDigest: digestOf(call.arguments),
  });
}
