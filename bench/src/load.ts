/**
 * The load: a closed loop of sessions, each slot publishing its next request when the outcome of its last has come. Every
 * session must have done all of its plan; the first one that has not, or that stays away, ends the run with its fault.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionOutcome } from '@toolfleet/contracts';
import { broken, expired, type SessionRequest } from '@toolfleet/kernel';
import type { Starters } from './bench-bus.js';
import type { InFlight } from './in-flight.js';
import { inputOf, orderIdOf, type Plan } from './plans.js';

/** Sessions in flight are awaited so long; a long one of 256 takes some 10 s on two cores that others use too. */
export const sessionDeadlineMs = 90_000;
const lateCheckMs = 1_000;

/** Where a closed loop's sessions run: on our fleet's topics, or in a peer. */
export interface SessionSource {
  /** Rejects with the first fault of any session; never resolves. */
  readonly failed: Promise<never>;
  /** Resolves with the milliseconds from asking for a session to its end; never rejects, see `failed`. */
  session(plan: Plan): Promise<number>;
}

/** Who starts which agent; the tools of the plan are those of the shop. */
export interface LoadTarget extends Starters {
  readonly shop?: string;
  /** See `SessionChoice`. */
  readonly people?: number;
}

/** Sessions of our fleet. The first one that has not done its plan is the fault that ends the run. */
export class Load implements SessionSource {
  readonly #failed = Promise.withResolvers<never>();
  readonly #lateCheck: NodeJS.Timeout;

  constructor(
    private readonly flights: InFlight,
    private readonly target: LoadTarget,
  ) {
    this.#failed.promise.catch(() => undefined);
    this.flights.failed.catch((fault: Error) => this.fail(fault));
    this.#lateCheck = setInterval(() => this.#checkLate(), lateCheckMs);
    this.#lateCheck.unref();
  }

  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  fail(fault: Error): void {
    this.#failed.reject(fault);
  }

  close(): void {
    clearInterval(this.#lateCheck);
  }

  session(plan: Plan): Promise<number> {
    const { tenants, ...target } = this.target;
    const count = this.flights.nextCount();
    const request = requestOf({ ...target, count, tenant: tenants[count % tenants.length] ?? '', plan });
    return new Promise((finished) => {
      this.#run(request, plan).then(finished, (fault: Error) => this.fail(fault));
    });
  }

  async #run(request: SessionRequest, plan: Plan): Promise<number> {
    const { outcome, tookMs } = await this.flights.start(request);
    const problem = problemOf(outcome, plan);
    if (problem === undefined) return tookMs;
    throw broken('SESSION_WRONG', `Session ${outcome.sessionId} did not do its plan: ${problem}`);
  }

  #checkLate(): void {
    const { requestId, ageMs } = this.flights.oldest();
    if (ageMs < sessionDeadlineMs) return;
    this.fail(expired('SESSION_LOST', `No outcome for ${requestId} within ${sessionDeadlineMs / 1_000} s.`));
  }
}

export interface SessionChoice {
  /** Tells the sessions of a run apart: its order and its request id come from it. */
  readonly count: number;
  readonly tenant: string;
  readonly agent: string;
  readonly plan: Plan;
  readonly shop?: string | undefined;
  /** Of the tenant; a fleet keeps something for each of them. 1,000 is the default. */
  readonly people?: number | undefined;
}

const peopleOfTenant = 1_000;
/** Tenants take turns from session to session, people every so many: a prime, so that each of a few tenants has all of them. */
const sessionsOfUser = 7;

const runId = `bench-${Date.now().toString(36)}-${process.pid}`;

export function requestOf({
  count,
  tenant,
  agent,
  plan,
  shop,
  people = peopleOfTenant,
}: SessionChoice): SessionRequest {
  return {
    tenant,
    user: `user-${Math.floor(count / sessionsOfUser) % people}`,
    requestId: `${runId}-${count}`,
    agent,
    input: inputOf(plan.name, orderIdOf(count), shop),
    roles: ['customer'],
    labels: {},
  };
}

/** What any system tells of a session that has ended. */
export type EndedSession = Pick<SessionOutcome, 'turns' | 'refusal'> & {
  readonly status: string;
  readonly calls: readonly { readonly callId: string; readonly tool: string; readonly outcome: string }[];
};

export function problemOf({ status, refusal, turns, calls }: EndedSession, plan: Plan): string | undefined {
  if (status !== 'completed') return `it ended ${status}: ${refusal?.reason ?? ''} ${refusal?.message ?? ''}`.trim();
  if (turns !== plan.turns) return `${turns} model turns instead of ${plan.turns}.`;
  if (calls.length !== plan.calls) return `${calls.length} calls instead of ${plan.calls}.`;
  const wrong = calls.find((call) => call.outcome !== 'ok');
  return wrong === undefined ? undefined : `its call ${wrong.callId} of ${wrong.tool} ended ${wrong.outcome}.`;
}

export interface LoopOptions {
  readonly load: SessionSource;
  readonly plan: Plan;
  readonly concurrency: number;
  /** Slots begin one after another over this time: sessions in step would end in waves, and a window would cut them. */
  readonly rampMs: number;
  readonly signal: AbortSignal;
  /** Milliseconds that only go forward; absent: the process's own. */
  readonly now?: () => number;
}

/** What a closed loop did in a window, which lasts from one `take()` to the next. */
export interface Taken {
  /** Of each session that ended, whenever it began. */
  readonly tookMs: readonly number[];
  /**
   * Sessions done. One that an edge cuts counts by its part within the window: sessions that take as long as the window do
   * not end as evenly as the work in them is done, and what the window cost belongs to that work. How long one will take that
   * goes on at the end is the mean of those that ended.
   */
  readonly sessions: number;
}

export class ClosedLoop {
  readonly #stopping = new AbortController();
  readonly #slots: Promise<unknown>;
  readonly #steady = Promise.withResolvers<void>();
  #warmSlots = 0;
  /** When the session under way in each slot began. */
  readonly #beganAtMs = new Map<number, number>();
  readonly #now: () => number;
  #sinceMs: number;
  #tookMs: number[] = [];
  #sessions = 0;

  constructor(private readonly options: LoopOptions) {
    this.#now = options.now ?? (() => performance.now());
    this.#sinceMs = this.#now();
    const slots = Array.from({ length: options.concurrency }, (_, index) => this.#slot(index));
    this.#slots = Promise.all(slots);
    this.#slots.catch(() => undefined);
  }

  /** Resolves when every slot has had a session to its end. */
  steady(): Promise<void> {
    return this.#orFailed(this.#steady.promise);
  }

  async run(forMs: number): Promise<void> {
    await this.#orFailed(sleep(forMs, undefined, { signal: this.options.signal }));
  }

  /** Ends the window that the last call began, and begins another. */
  take(): Taken {
    const nowMs = this.#now();
    const tookMs = this.#tookMs;
    const meanMs = tookMs.reduce((sum, ms) => sum + ms, 0) / Math.max(1, tookMs.length);
    let sessions = this.#sessions;
    for (const beganAtMs of this.#beganAtMs.values()) sessions += this.#partOf(beganAtMs, nowMs, meanMs);
    this.#sinceMs = nowMs;
    this.#tookMs = [];
    this.#sessions = 0;
    return { tookMs, sessions };
  }

  get ended(): number {
    return this.#tookMs.length;
  }

  /** Starts no more sessions and waits for those under way. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#orFailed(this.#slots);
  }

  async #slot(index: number): Promise<void> {
    const { load, plan, concurrency, rampMs } = this.options;
    const { signal } = this.#stopping;
    await sleep((rampMs * index) / concurrency, undefined, { signal }).catch(() => undefined);
    for (let sessions = 0; !signal.aborted; sessions += 1) {
      // The slot's next session starts when its last one has ended: that is what closes the loop.
      // oxlint-disable-next-line no-await-in-loop
      await this.#session(index, load.session(plan));
      if (sessions > 0) continue;
      this.#warmSlots += 1;
      if (this.#warmSlots === concurrency) this.#steady.resolve();
    }
  }

  async #session(slot: number, session: Promise<number>): Promise<void> {
    const beganAtMs = this.#now();
    this.#beganAtMs.set(slot, beganAtMs);
    const tookMs = await session;
    this.#beganAtMs.delete(slot);
    this.#tookMs.push(tookMs);
    this.#sessions += this.#partOf(beganAtMs, this.#now(), 0);
  }

  /** How much of a session lies in the window, if it takes so long and it is now. */
  #partOf(beganAtMs: number, nowMs: number, takesMs: number): number {
    return (nowMs - Math.max(beganAtMs, this.#sinceMs)) / Math.max(nowMs - beganAtMs, takesMs);
  }

  #orFailed<T>(work: Promise<T>): Promise<T> {
    const { load, signal } = this.options;
    const aborted = Promise.withResolvers<never>();
    const onAbort = (): void => aborted.reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    return Promise.race([work, load.failed, aborted.promise]).finally(() =>
      signal.removeEventListener('abort', onAbort),
    );
  }
}
