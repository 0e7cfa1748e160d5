/**
 * The load: a closed loop of sessions, each slot publishing its next request when the outcome of its last has come. Every
 * session must have done all of its plan; the first one that has not, or that stays away, ends the run with its fault.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionOutcome } from '@toolfleet/contracts';
import { broken, expired } from '@toolfleet/kernel';
import type { BenchBus, Starters } from './bench-bus.js';
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

interface Started {
  readonly plan: Plan;
  readonly atMs: number;
  readonly finished: (tookMs: number) => void;
}

/** What is in flight, by request id; outcomes come at least once, and those that are not awaited are passed over. */
export class Load implements SessionSource {
  readonly #started = new Map<string, Started>();
  readonly #failed = Promise.withResolvers<never>();
  readonly #runId = `bench-${Date.now().toString(36)}-${process.pid}`;
  readonly #lateCheck: NodeJS.Timeout;
  #count = 0;

  private constructor(
    private readonly bus: BenchBus,
    private readonly starters: Starters,
  ) {
    this.#failed.promise.catch(() => undefined);
    this.#lateCheck = setInterval(() => this.#checkLate(), lateCheckMs);
    this.#lateCheck.unref();
  }

  static async open(bus: BenchBus): Promise<Load> {
    const load = new Load(bus, await bus.starters());
    await bus.open(
      (outcome) => load.#ended(outcome),
      (cause) => load.fail(broken('OUTCOME_UNREADABLE', 'An outcome could not be read.', { cause })),
    );
    return load;
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
    const count = (this.#count += 1);
    const { tenants, agent } = this.starters;
    const requestId = `${this.#runId}-${count}`;
    const request = {
      tenant: tenants[count % tenants.length] ?? '',
      user: `user-${count % 1_000}`,
      requestId,
      agent,
      input: inputOf(plan.name, orderIdOf(count)),
      roles: ['customer'],
      labels: {},
    };
    return new Promise((finished) => {
      this.#started.set(requestId, { plan, atMs: performance.now(), finished });
      this.bus.publish(request).catch((error: Error) => this.fail(error));
    });
  }

  #ended(outcome: SessionOutcome): void {
    const session = this.#started.get(outcome.requestId);
    if (session === undefined) return;
    this.#started.delete(outcome.requestId);
    const problem = problemOf(outcome, session.plan);
    if (problem === undefined) session.finished(performance.now() - session.atMs);
    else this.fail(broken('SESSION_WRONG', `Session ${outcome.sessionId} did not do its plan: ${problem}`));
  }

  /** The oldest comes first: a map keeps the order of insertion. */
  #checkLate(): void {
    const [oldest] = this.#started;
    if (oldest === undefined || performance.now() - oldest[1].atMs < sessionDeadlineMs) return;
    this.fail(expired('SESSION_LOST', `No outcome for ${oldest[0]} within ${sessionDeadlineMs / 1_000} s.`));
  }
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
}

export class ClosedLoop {
  readonly #stopping = new AbortController();
  readonly #slots: Promise<unknown>;
  readonly #steady = Promise.withResolvers<void>();
  #warmSlots = 0;
  #tookMs: number[] = [];

  constructor(private readonly options: LoopOptions) {
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

  /** The sessions that ended since this was last asked, in milliseconds each. */
  take(): readonly number[] {
    const taken = this.#tookMs;
    this.#tookMs = [];
    return taken;
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
      this.#tookMs.push(await load.session(plan));
      if (sessions > 0) continue;
      this.#warmSlots += 1;
      if (this.#warmSlots === concurrency) this.#steady.resolve();
    }
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
