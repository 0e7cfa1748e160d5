/**
 * One allowed call from receipt to observation. A read runs as often as it is delivered; a write goes through the effect
 * ledger, so that it runs once:
 *
 *   begin ─ reserved ────────────────▶ run ─▶ settle ─▶ observation
 *         ├ settled ──────────────────────────────────▶ the stored observation again
 *         └ executing (its owner died or still runs) ─▶ idempotent tool: take over and run with the same key
 *                                                       otherwise: wait for the owner, at the deadline INDETERMINATE
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  AuthorisationReceipt,
  Catalogue,
  Fault,
  Observation,
  Outcome,
  ReceiptKey,
  ToolCall,
  ToolSpec,
} from '@toolfleet/kernel';
import {
  expired,
  faultOf,
  hexDigestOf,
  missing,
  outcomeOf,
  parseArguments,
  receiptFault,
  refused,
} from '@toolfleet/kernel';
import { decodeObservation, encodeObservation } from '@toolfleet/contracts';
import type { EffectLedger, EffectOutcome, EffectOwner } from '@toolfleet/platform/postgres';
import type { Driver } from './drivers/driver.js';
import type { ObservationShaper } from './shape-observation.js';

export interface RunCallOptions {
  readonly catalogue: Catalogue;
  readonly ledger: EffectLedger;
  readonly shaper: ObservationShaper;
  readonly drivers: Readonly<Record<ToolSpec['driver'], Driver>>;
  readonly receiptKeys: readonly ReceiptKey[];
  readonly owner: EffectOwner;
}

/** How often a call that another owner runs is looked at. */
const lookAgainMs = 250;

export class CallRunner {
  constructor(private readonly options: RunCallOptions) {}

  /**
   * `owned` aborts when this process may no longer answer for the call: then it rejects and nothing is settled. `cancelled`
   * aborts when the session no longer wants the call.
   */
  async run(
    call: ToolCall & { readonly receipt?: AuthorisationReceipt },
    owned: AbortSignal,
    cancelled: AbortSignal,
  ): Promise<Observation> {
    const forged = receiptFault(call, this.options.receiptKeys, Date.now());
    if (forged) return refused(call.callId, forged);
    const tool = this.options.catalogue.get('Tool', call.tool);
    if (!tool || tool.version !== call.toolVersion || tool.effect !== call.effect) {
      return refused(call.callId, missing('TOOL_GONE', `The tool ${call.tool} is no longer in the catalogue.`));
    }
    return call.effect === 'write'
      ? this.#write(call, tool, owned, cancelled)
      : this.#attempt(call, tool, owned, cancelled).then(({ observation }) => observation);
  }

  async #write(call: ToolCall, tool: ToolSpec, owned: AbortSignal, cancelled: AbortSignal): Promise<Observation> {
    const { ledger, owner } = this.options;
    const key = { tenant: call.tenant, sessionId: call.sessionId, callId: call.callId };
    const entry = { ...key, tool: call.tool, argumentsDigest: hexDigestOf(call.arguments) };
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- looks again until the other owner has settled or its time is up
      const begun = await ledger.begin({ ...entry, ...owner });
      if (begun.state === 'settled') return decodeObservation(begun.observation);
      if (begun.state === 'reserved') return this.#runAndSettle(call, tool, owner, owned, cancelled);
      const heir = { ownerId: owner.ownerId, epoch: begun.epoch >= owner.epoch ? begun.epoch + 1n : owner.epoch };
      const lost = Date.now() >= call.deadlineAtMs;
      if (tool.idempotent || lost) {
        // oxlint-disable-next-line no-await-in-loop
        if (!(await ledger.takeOver(key, begun, heir))) continue;
        return tool.idempotent
          ? this.#runAndSettle(call, tool, heir, owned, cancelled)
          : this.#settle(call, heir, unknownEnd(call), 'unknown');
      }
      // oxlint-disable-next-line no-await-in-loop
      await sleep(lookAgainMs, undefined, { signal: owned });
    }
  }

  async #runAndSettle(
    call: ToolCall,
    tool: ToolSpec,
    owner: EffectOwner,
    owned: AbortSignal,
    cancelled: AbortSignal,
  ): Promise<Observation> {
    let end = await this.#attempt(call, tool, owned, cancelled);
    // An end that nobody knows is asked for once more, if the tool answers a repeated key with the first answer.
    if (end.effect === 'unknown' && tool.idempotent && !cancelled.aborted && Date.now() < call.deadlineAtMs) {
      end = await this.#attempt(call, tool, owned, cancelled);
    }
    return this.#settle(call, owner, end.observation, end.effect);
  }

  async #settle(
    call: ToolCall,
    owner: EffectOwner,
    observation: Observation,
    effect: EffectOutcome,
  ): Promise<Observation> {
    const key = { tenant: call.tenant, sessionId: call.sessionId, callId: call.callId };
    const settled = await this.options.ledger.settle({ ...key, ...owner }, effect, encodeObservation(observation));
    if (!settled) throw expired('EFFECT_TAKEN_OVER', 'Another executor answers for this call.');
    return observation;
  }

  async #attempt(call: ToolCall, tool: ToolSpec, owned: AbortSignal, cancelled: AbortSignal): Promise<End> {
    const startedAtMs = Date.now();
    const args = parseArguments(Buffer.from(call.arguments).toString('utf8'));
    if (!args.ok) return endOf(call, args.fault, startedAtMs, 'no');
    if (startedAtMs >= call.deadlineAtMs) {
      return endOf(call, expired('DEADLINE_PASSED', 'The call was too late to be started.'), startedAtMs, 'no');
    }
    const late = AbortSignal.timeout(Math.min(call.timeoutMs, call.deadlineAtMs - startedAtMs));
    const signal = AbortSignal.any([owned, cancelled, late]);
    try {
      const answer = await this.options.drivers[tool.driver].run({ call, tool, args: args.value, signal });
      const shaped = await this.options.shaper.shape(call, tool, answer);
      const observation = { ...shaped, startedAtMs, finishedAtMs: Date.now() };
      return { observation, effect: answer.ok ? 'done' : 'failed' };
    } catch (error) {
      if (owned.aborted) throw error;
      if (cancelled.aborted) {
        return endOf(call, expired('CANCELLED', 'The call was cancelled.'), startedAtMs, 'maybe', 'cancelled');
      }
      const fault = late.aborted ? expired('DEADLINE_PASSED', 'The tool did not answer in time.') : faultOf(error);
      return endOf(call, fault, startedAtMs, sentOf(fault));
    }
  }
}

interface End {
  readonly observation: Observation;
  readonly effect: EffectOutcome;
}

/** A write that may have reached the tool is neither done nor failed. */
function endOf(call: ToolCall, fault: Fault, startedAtMs: number, sent: 'no' | 'maybe', outcome?: Outcome): End {
  const unknown = call.effect === 'write' && sent === 'maybe';
  const plain = outcome ?? outcomeOf[fault.kind];
  const observation = refused(call.callId, fault, unknown ? 'indeterminate' : plain);
  return {
    observation: { ...observation, startedAtMs, finishedAtMs: Date.now() },
    effect: unknown ? 'unknown' : 'failed',
  };
}

/** What was refused before the wire, or by the tool itself, did not happen; of everything else nobody can be sure. */
function sentOf(fault: Fault): 'no' | 'maybe' {
  if (fault.details['sent'] === 'no') return 'no';
  const refusedBefore = fault.kind === 'denied' || fault.kind === 'missing' || fault.reason === 'BREAKER_OPEN';
  return refusedBefore || fault.kind === 'overloaded' ? 'no' : 'maybe';
}

function unknownEnd(call: ToolCall): Observation {
  const fault = expired('OUTCOME_UNKNOWN', 'The call was begun and its end is not known.', {
    hint: 'Check with a read whether it happened before you try again.',
  });
  return { ...refused(call.callId, fault, 'indeterminate'), finishedAtMs: Date.now() };
}
