/**
 * One attempt of an allowed call: its arguments read, room taken in its quotas, its driver run within the call's time, and
 * what came of it told as an end. Whether an attempt may be made at all is decided before.
 */
import type { CallPlan, Catalogue, Observation, ToolCall, ToolSpec } from '@toolfleet/kernel';
import { deprecationHint, expired, faultOf, missing, parseArguments, rehearsed } from '@toolfleet/kernel';
import { currentVersionIn, isStale, versionConflict } from '@toolfleet/kernel/effects';
import type { CallQuotas } from './call-quotas.js';
import type { End } from './call-end.js';
import { cancelledFault, endOf, sentOf } from './call-end.js';
import type { Driver, ToolAnswer, ToolRun } from './drivers/driver.js';
import { declaredRead } from './declared-read.js';
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
  /** Of a write, as `ToolRun` has it. */
  readonly epoch?: bigint | undefined;
  /** The call was run before; paid for with `takeRetry`. */
  readonly isRetry?: boolean | undefined;
}

type Args = Readonly<Record<string, unknown>>;

/** A driver that knows its wire ends a late call itself and says whether it was sent; this ends the others. */
const driverGraceMs = 100;
const timerMsMax = 2 ** 31 - 1;

export class CallAttempts {
  constructor(private readonly options: CallAttemptsOptions) {}

  /** Rejects only when `owned` aborts. */
  run(attempt: Attempt): Promise<End> {
    return this.#run(attempt, (args, startedAtMs) => this.#answered(attempt, args, startedAtMs));
  }

  async #run(attempt: Attempt, work: (args: Args, startedAtMs: number) => Promise<End>): Promise<End> {
    const { call, cancelled } = attempt;
    let startedAtMs = Date.now();
    const args = parseArguments(Buffer.from(call.arguments).toString('utf8'));
    if (!args.ok) return endOf(call, args.fault, startedAtMs, 'no');
    const barred = unstarted(call, cancelled, startedAtMs);
    if (barred) return barred;
    try {
      const room = this.options.quotas.enter(call, attempt.tool);
      if (room !== undefined) {
        await room;
        startedAtMs = Date.now();
        const barredMeanwhile = unstarted(call, cancelled, startedAtMs);
        if (barredMeanwhile) return barredMeanwhile;
      }
    } catch (error) {
      return endOf(call, faultOf(error), startedAtMs, 'no');
    }
    return work(args.value, startedAtMs);
  }

  /** Everything of a write but the effect. Rejects only when `owned` aborts. */
  rehearse(attempt: Attempt): Promise<End> {
    return this.#run(attempt, (args, startedAtMs) => this.#planned(attempt, args, startedAtMs));
  }

  /** What a declared read answered, not to be shown before `secrets` are out of it. Undefined: nothing, for whatever reason. */
  async read(attempt: Attempt, args: Args, secrets: Set<string>): Promise<ToolAnswer | undefined> {
    const limit = limitOf(attempt.call, [attempt.owned, attempt.cancelled]);
    try {
      await this.options.quotas.enter(attempt.call, attempt.tool);
      return await this.#driverOf(attempt.tool).run({ ...attempt, args, signal: limit.signal, secrets });
    } catch {
      return undefined;
    } finally {
      limit.release();
    }
  }

  async #answered(attempt: Attempt, args: Args, startedAtMs: number): Promise<End> {
    const { call, tool } = attempt;
    const { shaper } = this.options;
    const secrets = new Set<string>();
    const work = (run: ToolRun) => this.#driverOf(tool).run(run);
    const end = await this.#inTime(attempt, { args, startedAtMs, secrets }, work);
    if ('observation' in end) return end;
    const shaped = await shaper.shape(call, tool, end, secrets);
    const refusal = await this.#conflictOf(attempt, args, end, secrets);
    const told = refusal ? shaper.refused({ ...shaped, refusal }, secrets) : shaped;
    const finishedAtMs = Date.now();
    const hint = end.ok ? deprecationHint(tool, this.options.catalogue, finishedAtMs) : undefined;
    const observation = { ...told, startedAtMs, finishedAtMs, ...(hint !== undefined && { hint }) };
    return { observation, effect: end.ok ? 'done' : 'failed', answered: true };
  }

  async #planned(attempt: Attempt, args: Args, startedAtMs: number): Promise<End> {
    const { call, tool } = attempt;
    const work = (run: ToolRun) => this.#driverOf(tool).plan(run);
    const end = await this.#inTime(attempt, { args, startedAtMs, secrets: new Set() }, work);
    if ('observation' in end) return end;
    return { observation: rehearsed(call, end, startedAtMs, Date.now()), effect: 'failed', answered: true };
  }

  /** What `work` gives, or the end of the call where it gives nothing in time. */
  async #inTime<T extends ToolAnswer | CallPlan>(
    { call, tool, owned, cancelled, isRetry, epoch }: Attempt,
    {
      args,
      startedAtMs,
      secrets,
    }: { readonly args: Args; readonly startedAtMs: number; readonly secrets: Set<string> },
    work: (run: ToolRun) => Promise<T>,
  ): Promise<T | End> {
    // It may have waited up to its deadline; from here on its tool's own timeout counts.
    const timed = { ...call, deadlineAtMs: Math.min(call.deadlineAtMs, startedAtMs + call.timeoutMs) };
    const limit = limitOf(timed, [owned, cancelled]);
    try {
      return await work({ call: timed, tool, args, signal: limit.signal, secrets, isRetry, epoch });
    } catch (error) {
      if (owned.aborted) throw error;
      if (cancelled.aborted) return endOf(call, cancelledFault(), startedAtMs, sentOf(faultOf(error)), 'cancelled');
      const fault = limit.late ? expired('DEADLINE_PASSED', 'The tool did not answer in time.') : faultOf(error);
      const end = endOf(call, fault, startedAtMs, sentOf(fault));
      return { ...end, observation: this.options.shaper.refused(end.observation, secrets) };
    } finally {
      limit.release();
    }
  }

  async #conflictOf(
    attempt: Attempt,
    args: Args,
    answer: ToolAnswer,
    secrets: Set<string>,
  ): Promise<Observation['refusal']> {
    const { versionCheck, name } = attempt.tool;
    if (!versionCheck || !isStale(versionCheck, answer)) return undefined;
    const told = answer.stale?.version ?? currentVersionIn(versionCheck, answer.body);
    return versionConflict(versionCheck, name, args, told ?? (await this.#currentVersion(attempt, args, secrets)));
  }

  async #currentVersion(attempt: Attempt, args: Args, secrets: Set<string>): Promise<string | undefined> {
    const { versionCheck } = attempt.tool;
    const asked = versionCheck?.read && declaredRead(versionCheck.read, attempt, args, this.options.catalogue);
    const answer = asked && (await this.read(asked.attempt, asked.args, secrets));
    return answer?.ok ? currentVersionIn(versionCheck!, answer.body) : undefined;
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
