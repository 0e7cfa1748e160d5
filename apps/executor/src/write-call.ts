/**
 * A write, run once through the effect ledger:
 *
 *   begin ─ reserved ────────────────▶ run ─▶ settle ─▶ observation
 *         ├ settled ──────────────────────────────────▶ the stored observation again
 *         ├ executing (its owner died or still runs) ─▶ idempotent tool: take over and run with the same key
 *         │                                             otherwise: wait for the owner, at the deadline INDETERMINATE
 *         └ held (another call has the resource) ─────▶ wait for it; after a while RESOURCE_BUSY, and nothing has run
 *
 * Once a run may have reached the tool, only the tool itself ends it as done or failed: by its answer, or by that of the read
 * that it declares for this (`reconcile`). What stays unknown is noted, so that its end can be asked for later. Done is done, whoever
 * answers for the call in the end, so that is told while the ledger still writes it; any other end only once the ledger
 * holds it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Observation, ToolCall, ToolSpec } from '@toolfleet/kernel';
import { conflict, heldBy, hexDigestOf, isFault, limits, refused } from '@toolfleet/kernel';
import { decodeObservation, encodeObservation, encodeUnsignedCall } from '@toolfleet/contracts';
import type { EffectBegun, EffectLedger, EffectOutcome, EffectOwner, OpenEffects } from '@toolfleet/platform/postgres';
import type { CallAttempts } from './attempt-call.js';
import type { CallEnd, End } from './call-end.js';
import { cancelledFault, keptEnd, stamped, unknownEnd, unknownOf } from './call-end.js';
import type { Reconciler } from './reconciler.js';

export interface WriteCallsOptions {
  readonly ledger: EffectLedger;
  readonly open: Pick<OpenEffects, 'note'>;
  readonly owner: EffectOwner;
  readonly attempts: CallAttempts;
  readonly reconciler: Reconciler;
}

export interface WriteRun {
  readonly call: ToolCall;
  /** Absent: there is none to go on with. */
  readonly tool: ToolSpec | undefined;
  /** Why it is not begun; what was begun goes on. */
  readonly barred: Observation | undefined;
  readonly owned: AbortSignal;
  readonly cancelled: AbortSignal;
}

/** How often a call that another owner runs is looked at. */
const lookAgainMs = 250;
/** How often an end is offered to a ledger that cannot be reached. */
const settleAgainMs = 500;

export class WriteCalls {
  constructor(private readonly options: WriteCallsOptions) {}

  async run(run: WriteRun): Promise<CallEnd> {
    const { ledger, owner } = this.options;
    const { call, tool, owned, cancelled } = run;
    const key = { tenant: call.tenant, sessionId: call.sessionId, callId: call.callId };
    const entry = { ...key, tool: call.tool, argumentsDigest: hexDigestOf(call.arguments) };
    const waitUntilMs = Math.min(call.deadlineAtMs, Date.now() + limits.resourceWaitMs);
    const questions = new Questions();
    let { barred } = run;
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- looks again until the other owner has settled or its time is up
      const begun = await ledger.begin({ ...entry, ...owner, holds: barred ? undefined : holdOf(call, tool) });
      if (begun.state === 'settled') return keptEnd(decodeObservation(begun.observation));
      if (begun.state === 'reserved') {
        if (barred || !tool) {
          return this.#settle(run, owner, { observation: barred ?? unknownEnd(call), effect: 'failed' });
        }
        return this.#runAndSettle({ ...run, tool }, { owner, begunBefore: false });
      }
      if (begun.state === 'held') {
        // What is barred holds nothing, so the next round ends it.
        if (cancelled.aborted || Date.now() >= waitUntilMs)
          barred = cancelled.aborted ? unwanted(call) : busy(call, begun);
        // oxlint-disable-next-line no-await-in-loop
        else await sleep(lookAgainMs, undefined, { signal: owned });
        continue;
      }
      const heir = { ownerId: owner.ownerId, epoch: begun.epoch >= owner.epoch ? begun.epoch + 1n : owner.epoch };
      const lost = Date.now() >= call.deadlineAtMs;
      const repeatable = tool?.idempotent && !lost && !cancelled.aborted;
      // oxlint-disable-next-line no-await-in-loop
      const found = repeatable || lost || !tool ? undefined : await this.#foundMeanwhile({ ...run, tool }, questions);
      if (repeatable || lost || found) {
        // oxlint-disable-next-line no-await-in-loop
        if (!(await ledger.takeOver(key, begun, heir))) continue;
        if (repeatable) return this.#runAndSettle({ ...run, tool }, { owner: heir, begunBefore: true });
        return this.#settle(run, heir, found ?? { observation: unknownEnd(call), effect: 'unknown' });
      }
      // oxlint-disable-next-line no-await-in-loop
      await sleep(lookAgainMs, undefined, { signal: owned });
    }
  }

  /** Its owner may live and be trying still, up to the deadline: until then only that it was done is believed. */
  async #foundMeanwhile(run: WriteRun & { readonly tool: ToolSpec }, questions: Questions): Promise<End | undefined> {
    const { call, tool, cancelled } = run;
    if (!tool.reconcile || cancelled.aborted || !questions.isDue()) return undefined;
    return this.options.reconciler.ask(run, call.deadlineAtMs);
  }

  async #runAndSettle(
    run: WriteRun & { readonly tool: ToolSpec },
    { owner, begunBefore }: { readonly owner: EffectOwner; readonly begunBefore: boolean },
  ): Promise<CallEnd> {
    const { attempts, reconciler } = this.options;
    const { call, tool, cancelled } = run;
    const attempt = { ...run, epoch: owner.epoch };
    let end = await attempts.run(attempt);
    let mayHaveHappened = begunBefore;
    // An end that nobody knows is asked for once more, if the tool answers a repeated key with the first answer.
    const worthwhile = tool.idempotent && !cancelled.aborted && Date.now() < call.deadlineAtMs;
    if (end.effect === 'unknown' && worthwhile && attempts.takeRetry(tool)) {
      mayHaveHappened = true;
      end = await attempts.run({ ...attempt, isRetry: true });
    }
    // A second run that did not reach the tool says nothing about the first.
    if (mayHaveHappened && !end.answered && end.effect === 'failed') end = unknownOf(end);
    if (end.effect === 'unknown') {
      const { startedAtMs } = end.observation;
      const found = await reconciler.askWithin(run, begunBefore ? call.deadlineAtMs : Date.now());
      if (found) end = { ...found, observation: { ...found.observation, startedAtMs } };
    }
    return this.#settle(run, owner, end);
  }

  async #settle(run: WriteRun, owner: EffectOwner, end: Pick<End, 'observation' | 'effect'>): Promise<CallEnd> {
    const kept = this.#keep(run, owner, end);
    if (end.effect !== 'done') await kept;
    return { observation: end.observation, kept };
  }

  /** What a tool answered is worth keeping: it is offered to the ledger until somebody else answers for the call. */
  async #keep(
    run: WriteRun,
    owner: EffectOwner,
    { observation, effect }: { readonly observation: Observation; readonly effect: EffectOutcome },
  ): Promise<void> {
    const { call, owned } = run;
    const held = { tenant: call.tenant, sessionId: call.sessionId, callId: call.callId, ...owner };
    const bytes = encodeObservation(observation);
    for (;;) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- noted first: a crash in between leaves a note that nobody needs
        if (effect === 'unknown') await this.options.open.note(noteOf(run));
        // oxlint-disable-next-line no-await-in-loop -- one try follows another
        if (await this.options.ledger.settle(held, effect, bytes)) return;
        throw conflict('EFFECT_TAKEN_OVER', 'Another executor answers for this call.');
      } catch (error) {
        const away = isFault(error) && (error.kind === 'unreachable' || error.kind === 'overloaded');
        if (!away || owned.aborted) throw error;
      }
      // oxlint-disable-next-line no-await-in-loop
      await sleep(settleAgainMs, undefined, { signal: owned });
    }
  }
}

/** When a call that another runs is asked about: a few times, further and further apart. */
class Questions {
  readonly #fromMs = Date.now();
  #asked = 0;

  /** True once for each time that has come. */
  isDue(): boolean {
    const afterMs = limits.reconcileAfterMs[this.#asked];
    if (afterMs === undefined || Date.now() < this.#fromMs + afterMs) return false;
    this.#asked += 1;
    return true;
  }
}

/** No try of a call outlives its deadline, whoever makes it; clocks of two executors differ. */
function holdOf(call: ToolCall, tool: ToolSpec | undefined) {
  const key = tool && heldBy(call, tool);
  return key === undefined ? undefined : { key, untilMs: call.deadlineAtMs + limits.clockSkewMs };
}

function busy({ callId }: ToolCall, { untilMs }: Extract<EffectBegun, { state: 'held' }>): Observation {
  const leftMs = Math.max(1_000, untilMs - limits.clockSkewMs - Date.now());
  const retryAfterMs = Math.min(leftMs, limits.resourceRetryMsMax);
  return stamped(
    refused(callId, conflict('RESOURCE_BUSY', 'Another call is changing the same thing.', { retryAfterMs })),
  );
}

const unwanted = ({ callId }: ToolCall): Observation => stamped(refused(callId, cancelledFault(), 'cancelled'));

/** First asked about once no try can be under way; without a read to ask by, it waits for a person. */
function noteOf({ call, tool }: WriteRun) {
  const { tenant, sessionId, callId, tool: name, toolClass } = call;
  const openedAtMs = Date.now();
  const reconcile = tool?.reconcile;
  const nextTryAtMs = reconcile ? Math.max(openedAtMs, call.deadlineAtMs) + reconcile.failedAfterMs : null;
  const kept = { tenant, sessionId, callId, tool: name, toolClass, openedAtMs, nextTryAtMs };
  return { ...kept, call: encodeUnsignedCall(call) };
}
