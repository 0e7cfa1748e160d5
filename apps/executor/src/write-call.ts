/**
 * A write, run once through the effect ledger:
 *
 *   begin ─ reserved ────────────────▶ run ─▶ settle ─▶ observation
 *         ├ settled ──────────────────────────────────▶ the stored observation again
 *         └ executing (its owner died or still runs) ─▶ idempotent tool: take over and run with the same key
 *                                                       otherwise: wait for the owner, at the deadline INDETERMINATE
 *
 * Once a run may have reached the tool, only an answer of the tool itself ends it as done or failed. Done is done, whoever
 * answers for the call in the end, so that is told while the ledger still writes it; any other end only once the ledger
 * holds it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Observation, ToolCall, ToolSpec } from '@toolfleet/kernel';
import { conflict, hexDigestOf, isFault } from '@toolfleet/kernel';
import { decodeObservation, encodeObservation } from '@toolfleet/contracts';
import type { EffectLedger, EffectOutcome, EffectOwner } from '@toolfleet/platform/postgres';
import type { CallAttempts } from './attempt-call.js';
import type { CallEnd } from './call-end.js';
import { keptEnd, unknownEnd, unknownOf } from './call-end.js';

export interface WriteCallsOptions {
  readonly ledger: EffectLedger;
  readonly owner: EffectOwner;
  readonly attempts: CallAttempts;
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
    const { call, tool, barred, owned, cancelled } = run;
    const key = { tenant: call.tenant, sessionId: call.sessionId, callId: call.callId };
    const entry = { ...key, tool: call.tool, argumentsDigest: hexDigestOf(call.arguments) };
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- looks again until the other owner has settled or its time is up
      const begun = await ledger.begin({ ...entry, ...owner });
      if (begun.state === 'settled') return keptEnd(decodeObservation(begun.observation));
      if (begun.state === 'reserved') {
        if (barred || !tool) return this.#settle(call, owner, barred ?? unknownEnd(call), 'failed', owned);
        return this.#runAndSettle({ ...run, tool }, { owner, begunBefore: false });
      }
      const heir = { ownerId: owner.ownerId, epoch: begun.epoch >= owner.epoch ? begun.epoch + 1n : owner.epoch };
      const lost = Date.now() >= call.deadlineAtMs;
      const repeatable = tool?.idempotent && !lost && !cancelled.aborted;
      if (repeatable || lost) {
        // oxlint-disable-next-line no-await-in-loop
        if (!(await ledger.takeOver(key, begun, heir))) continue;
        return repeatable
          ? this.#runAndSettle({ ...run, tool }, { owner: heir, begunBefore: true })
          : this.#settle(call, heir, unknownEnd(call), 'unknown', owned);
      }
      // oxlint-disable-next-line no-await-in-loop
      await sleep(lookAgainMs, undefined, { signal: owned });
    }
  }

  async #runAndSettle(
    { call, tool, owned, cancelled }: WriteRun & { readonly tool: ToolSpec },
    { owner, begunBefore }: { readonly owner: EffectOwner; readonly begunBefore: boolean },
  ): Promise<CallEnd> {
    const { attempts } = this.options;
    const attempt = { call, tool, owned, cancelled };
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
    return this.#settle(call, owner, end.observation, end.effect, owned);
  }

  async #settle(
    call: ToolCall,
    owner: EffectOwner,
    observation: Observation,
    effect: EffectOutcome,
    owned: AbortSignal,
  ): Promise<CallEnd> {
    const kept = this.#keep(call, owner, observation, effect, owned);
    if (effect !== 'done') await kept;
    return { observation, kept };
  }

  /** What a tool answered is worth keeping: it is offered to the ledger until somebody else answers for the call. */
  async #keep(
    call: ToolCall,
    owner: EffectOwner,
    observation: Observation,
    effect: EffectOutcome,
    owned: AbortSignal,
  ): Promise<void> {
    const held = { tenant: call.tenant, sessionId: call.sessionId, callId: call.callId, ...owner };
    const bytes = encodeObservation(observation);
    for (;;) {
      try {
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
