/**
 * One attempt of an allowed call: its arguments read, room taken in its quotas, its driver run within the call's time, and
 * what came of it told as an end. Whether an attempt may be made at all is decided before.
 */
import type { Catalogue, ToolCall, ToolSpec } from '@toolfleet/kernel';
import { deprecationHint, expired, faultOf, missing, parseArguments } from '@toolfleet/kernel';
import type { CallQuotas } from './call-quotas.js';
import type { End } from './call-end.js';
import { cancelledFault, endOf, sentOf } from './call-end.js';
import type { Driver, ToolAnswer } from './drivers/driver.js';
import type { ObservationShaper } from './shape-observation.js';

export interface CallAttemptsOptions {
  readonly catalogue: Catalogue;
  readonly shaper: ObservationShaper;
  readonly drivers: Readonly<Partial<Record<ToolSpec['driver'], Driver>>>;
  readonly quotas: Pick<CallQuotas, 'enter'>;
}

export interface Attempt {
  readonly call: ToolCall;
  readonly tool: ToolSpec;
  /** Aborts when this process may no longer answer for the call. */
  readonly owned: AbortSignal;
  /** Aborts when the session no longer wants the call. */
  readonly cancelled: AbortSignal;
  /** The call was run before; paid for with `takeRetry`. */
  readonly isRetry?: boolean;
}

/** A driver that knows its wire ends a late call itself and says whether it was sent; this ends the others. */
const driverGraceMs = 100;
const timerMsMax = 2 ** 31 - 1;

export class CallAttempts {
  constructor(private readonly options: CallAttemptsOptions) {}

  /** Rejects only when `owned` aborts. */
  async run(attempt: Attempt): Promise<End> {
    const { call, tool, owned, cancelled } = attempt;
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
    const secrets = new Set<string>();
    let answer: ToolAnswer;
    try {
      const { signal } = limit;
      answer = await this.#driverOf(tool).run({
        call: timed,
        tool,
        args: args.value,
        signal,
        secrets,
        isRetry: attempt.isRetry,
      });
    } catch (error) {
      if (owned.aborted) throw error;
      if (cancelled.aborted) return endOf(call, cancelledFault(), startedAtMs, sentOf(faultOf(error)), 'cancelled');
      const fault = limit.late ? expired('DEADLINE_PASSED', 'The tool did not answer in time.') : faultOf(error);
      const end = endOf(call, fault, startedAtMs, sentOf(fault));
      return { ...end, observation: this.options.shaper.refused(end.observation, secrets) };
    } finally {
      limit.release();
    }
    const shaped = await this.options.shaper.shape(call, tool, answer, secrets);
    const finishedAtMs = Date.now();
    const hint = answer.ok ? deprecationHint(tool, this.options.catalogue, finishedAtMs) : undefined;
    const observation = { ...shaped, startedAtMs, finishedAtMs, ...(hint !== undefined && { hint }) };
    return { observation, effect: answer.ok ? 'done' : 'failed', answered: true };
  }

  /** Whether what stands behind the tool bears another attempt; each true is paid for. */
  takeRetry(tool: ToolSpec): boolean {
    return this.options.drivers[tool.driver]?.takeRetry?.(tool) ?? true;
  }

  /** While a fleet is updated, the catalogue may hold tools of a driver that only newer executors have. */
  #driverOf({ driver }: ToolSpec): Driver {
    const known = this.options.drivers[driver];
    if (!known) throw missing('DRIVER_UNKNOWN', `This executor has no driver ${driver}.`, { details: { sent: 'no' } });
    return known;
  }
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
