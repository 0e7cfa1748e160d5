/**
 * One allowed call from receipt to observation. A read runs as often as it is delivered; a write goes through the effect
 * ledger, so that it runs once:
 *
 *   begin ─ reserved ────────────────▶ run ─▶ settle ─▶ observation
 *         ├ settled ──────────────────────────────────▶ the stored observation again
 *         └ executing (its owner died or still runs) ─▶ idempotent tool: take over and run with the same key
 *                                                       otherwise: wait for the owner, at the deadline INDETERMINATE
 *
 * Once a run of a write may have reached the tool, only an answer of the tool itself ends it as done or failed. Done is
 * done, whoever answers for the call in the end, so that is told while the ledger still writes it; any other end only
 * once the ledger holds it.
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
  conflict,
  expired,
  faultOf,
  hexDigestOf,
  isFault,
  missing,
  outcomeOf,
  parseArguments,
  readArtifactName,
  readArtifactToolOf,
  receiptFault,
  refused,
} from '@toolfleet/kernel';
import { decodeObservation, encodeObservation } from '@toolfleet/contracts';
import type { EffectLedger, EffectOutcome, EffectOwner } from '@toolfleet/platform/postgres';
import type { CallQuotas } from './call-quotas.js';
import type { Driver, ToolAnswer } from './drivers/driver.js';
import type { ObservationShaper } from './shape-observation.js';

export interface RunCallOptions {
  readonly catalogue: Catalogue;
  readonly ledger: EffectLedger;
  readonly shaper: ObservationShaper;
  readonly drivers: Readonly<Partial<Record<ToolSpec['driver'], Driver>>>;
  readonly receiptKeys: readonly ReceiptKey[];
  readonly quotas: Pick<CallQuotas, 'enter'>;
  readonly owner: EffectOwner;
}

/** How often a call that another owner runs is looked at. */
const lookAgainMs = 250;
/** A driver that knows its wire ends a late call itself and says whether it was sent; this ends the others. */
const driverGraceMs = 100;
/** How often an end is offered to a ledger that cannot be reached. */
const settleAgainMs = 500;
const timerMsMax = 2 ** 31 - 1;

export interface CallEnd {
  readonly observation: Observation;
  /** Resolves when the ledger holds the end; rejects with `conflict` when another executor answers for the call. */
  readonly kept: Promise<unknown>;
}

export class CallRunner {
  constructor(private readonly options: RunCallOptions) {}

  /**
   * `owned` aborts when this process may no longer answer for the call: then it rejects and nothing is settled. `cancelled`
   * aborts when the session no longer wants the call. `shed`: what the call ends in, unless it was begun already.
   */
  async run(
    call: ToolCall & { readonly receipt?: AuthorisationReceipt },
    owned: AbortSignal,
    cancelled: AbortSignal,
    shed?: Fault,
  ): Promise<CallEnd> {
    const forged = receiptFault(call, this.options.receiptKeys, Date.now());
    const write = call.effect === 'write';
    // A genuine write that comes late may have been begun in time: only the ledger knows.
    if (forged && !(write && forged.kind === 'expired')) return keptEnd(deniedEnd(call, forged));
    const tool = this.#toolOf(call);
    const gone = !tool || tool.version !== call.toolVersion || tool.effect !== call.effect;
    const barred = forged
      ? deniedEnd(call, forged)
      : gone
        ? stamped(refused(call.callId, goneFault(call, tool)))
        : shed && !cancelled.aborted && Date.now() < call.deadlineAtMs
          ? stamped(refused(call.callId, shed))
          : undefined;
    if (write) return this.#write(call, forged || gone ? undefined : tool, barred, owned, cancelled);
    return keptEnd(barred ?? (await this.#attempt(call, tool!, owned, cancelled)).observation);
  }

  #toolOf({ tool, toolClass }: ToolCall): ToolSpec | undefined {
    return tool === readArtifactName ? readArtifactToolOf(toolClass) : this.options.catalogue.get('Tool', tool);
  }

  /** What is barred is not begun: `barred` says why. What was begun goes on, if there is a tool to go on with. */
  async #write(
    call: ToolCall,
    tool: ToolSpec | undefined,
    barred: Observation | undefined,
    owned: AbortSignal,
    cancelled: AbortSignal,
  ): Promise<CallEnd> {
    const { ledger, owner } = this.options;
    const key = { tenant: call.tenant, sessionId: call.sessionId, callId: call.callId };
    const entry = { ...key, tool: call.tool, argumentsDigest: hexDigestOf(call.arguments) };
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- looks again until the other owner has settled or its time is up
      const begun = await ledger.begin({ ...entry, ...owner });
      if (begun.state === 'settled') return keptEnd(decodeObservation(begun.observation));
      if (begun.state === 'reserved') {
        if (barred || !tool) return this.#settle(call, owner, barred ?? unknownEnd(call), 'failed', owned);
        return this.#runAndSettle(call, tool, { owner, begunBefore: false }, owned, cancelled);
      }
      const heir = { ownerId: owner.ownerId, epoch: begun.epoch >= owner.epoch ? begun.epoch + 1n : owner.epoch };
      const lost = Date.now() >= call.deadlineAtMs;
      const repeatable = tool?.idempotent && !lost && !cancelled.aborted;
      if (repeatable || lost) {
        // oxlint-disable-next-line no-await-in-loop
        if (!(await ledger.takeOver(key, begun, heir))) continue;
        return repeatable
          ? this.#runAndSettle(call, tool, { owner: heir, begunBefore: true }, owned, cancelled)
          : this.#settle(call, heir, unknownEnd(call), 'unknown', owned);
      }
      // oxlint-disable-next-line no-await-in-loop
      await sleep(lookAgainMs, undefined, { signal: owned });
    }
  }

  async #runAndSettle(
    call: ToolCall,
    tool: ToolSpec,
    { owner, begunBefore }: { readonly owner: EffectOwner; readonly begunBefore: boolean },
    owned: AbortSignal,
    cancelled: AbortSignal,
  ): Promise<CallEnd> {
    let end = await this.#attempt(call, tool, owned, cancelled);
    let mayHaveHappened = begunBefore;
    // An end that nobody knows is asked for once more, if the tool answers a repeated key with the first answer.
    const worthwhile = tool.idempotent && !cancelled.aborted && Date.now() < call.deadlineAtMs;
    if (end.effect === 'unknown' && worthwhile && this.#takeRetry(tool)) {
      mayHaveHappened = true;
      end = await this.#attempt(call, tool, owned, cancelled, true);
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

  /** While a fleet is updated, the catalogue may hold tools of a driver that only newer executors have. */
  #driverOf({ driver }: ToolSpec): Driver {
    const known = this.options.drivers[driver];
    if (!known) throw missing('DRIVER_UNKNOWN', `This executor has no driver ${driver}.`, { details: { sent: 'no' } });
    return known;
  }

  #takeRetry(tool: ToolSpec): boolean {
    return this.options.drivers[tool.driver]?.takeRetry?.(tool) ?? true;
  }

  async #attempt(
    call: ToolCall,
    tool: ToolSpec,
    owned: AbortSignal,
    cancelled: AbortSignal,
    isRetry = false,
  ): Promise<End> {
    let startedAtMs = Date.now();
    const args = parseArguments(Buffer.from(call.arguments).toString('utf8'));
    if (!args.ok) return endOf(call, args.fault, startedAtMs, 'no');
    const barred = unstarted(call, cancelled, startedAtMs);
    if (barred) return barred;
    try {
      const room = this.options.quotas.enter(call, tool);
      if (room !== undefined) {
        await room;
        startedAtMs = Date.now();
        const barredMeanwhile = unstarted(call, cancelled, startedAtMs);
        if (barredMeanwhile) return barredMeanwhile;
      }
    } catch (error) {
      return endOf(call, faultOf(error), startedAtMs, 'no');
    }
    // It may have waited up to its deadline; from here on its tool's own timeout counts.
    const timed = { ...call, deadlineAtMs: Math.min(call.deadlineAtMs, startedAtMs + call.timeoutMs) };
    const limit = limitOf(timed, [owned, cancelled]);
    let answer: ToolAnswer;
    try {
      answer = await this.#driverOf(tool).run({
        call: timed,
        tool,
        args: args.value,
        signal: limit.signal,
        isRetry,
      });
    } catch (error) {
      if (owned.aborted) throw error;
      if (cancelled.aborted) return endOf(call, cancelledFault(), startedAtMs, sentOf(faultOf(error)), 'cancelled');
      const fault = limit.late ? expired('DEADLINE_PASSED', 'The tool did not answer in time.') : faultOf(error);
      return endOf(call, fault, startedAtMs, sentOf(fault));
    } finally {
      limit.release();
    }
    const shaped = await this.options.shaper.shape(call, tool, answer);
    const observation = { ...shaped, startedAtMs, finishedAtMs: Date.now() };
    return { observation, effect: answer.ok ? 'done' : 'failed', answered: true };
  }
}

/** Between a proposal and its run the catalogue may have moved on. */
function goneFault({ tool: name }: ToolCall, tool: ToolSpec | undefined): Fault {
  if (!tool) return missing('TOOL_GONE', `The tool ${name} is no longer in the catalogue.`);
  return missing('TOOL_VERSION_GONE', `The tool ${name} is another version than the one that was called.`);
}

/** Whoever cancelled it, or the clock, was faster: nothing was sent. */
function unstarted(call: ToolCall, cancelled: AbortSignal, nowMs: number): End | undefined {
  if (nowMs >= call.deadlineAtMs) {
    return endOf(call, expired('DEADLINE_PASSED', 'The call was too late to be started.'), nowMs, 'no');
  }
  return cancelled.aborted ? endOf(call, cancelledFault(), nowMs, 'no', 'cancelled') : undefined;
}

/** One controller and one timer a call, both gone with it: `AbortSignal.timeout` would live on until it fires. */
function limitOf(call: ToolCall, signals: readonly AbortSignal[]) {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const limit = {
    signal: controller.signal,
    late: false,
    release: () => {
      clearTimeout(timer);
      for (const signal of signals) signal.removeEventListener('abort', abort);
    },
  };
  const waitMs = Math.min(call.deadlineAtMs - Date.now() + driverGraceMs, timerMsMax);
  const timer = setTimeout(() => {
    limit.late = true;
    abort();
  }, waitMs);
  for (const signal of signals) {
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
  }
  return limit;
}

interface End {
  readonly observation: Observation;
  readonly effect: EffectOutcome;
  /** The tool itself said so. */
  readonly answered: boolean;
}

/** What the ledger holds already, or never does. */
const keptEnd = (observation: Observation): CallEnd => ({ observation, kept: Promise.resolve() });

/** A write that may have reached the tool is neither done nor failed. */
function endOf(call: ToolCall, fault: Fault, startedAtMs: number, sent: 'no' | 'maybe', outcome?: Outcome): End {
  const observation = refused(call.callId, fault, outcome ?? outcomeOf[fault.kind]);
  const end: End = {
    observation: { ...observation, startedAtMs, finishedAtMs: Date.now() },
    effect: 'failed',
    answered: false,
  };
  return call.effect === 'write' && sent === 'maybe' ? unknownOf(end) : end;
}

/** The model must not read an advice to try again: a second try is a second write, with a key of its own. */
function unknownOf({ observation }: End): End {
  const refusal = observation.refusal && {
    ...observation.refusal,
    retryable: false,
    retryAfterMs: undefined,
    hint: checkFirst,
  };
  return { observation: { ...observation, outcome: 'indeterminate', refusal }, effect: 'unknown', answered: false };
}

const checkFirst = 'It may have happened: check with a read before you try again.';
const cancelledFault = () => expired('CANCELLED', 'The call was cancelled.');

/** What was refused before the wire did not happen; of everything else nobody can be sure. */
function sentOf(fault: Fault): 'no' | 'maybe' {
  if (fault.details['sent'] !== undefined) return fault.details['sent'] === 'no' ? 'no' : 'maybe';
  return fault.kind === 'denied' || fault.kind === 'missing' || fault.kind === 'overloaded' ? 'no' : 'maybe';
}

/** The audit and the session read when it ended, also when nothing ran. */
const stamped = (observation: Observation): Observation => ({ ...observation, finishedAtMs: Date.now() });

const deniedEnd = (call: ToolCall, fault: Fault) => stamped(refused(call.callId, fault, 'denied'));

function unknownEnd(call: ToolCall): Observation {
  const fault = expired('OUTCOME_UNKNOWN', 'The call was begun and its end is not known.', { hint: checkFirst });
  return stamped(refused(call.callId, fault, 'indeterminate'));
}
