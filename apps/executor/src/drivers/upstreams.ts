/**
 * What stands before each upstream, one of each for all its tools: the breaker, the adaptive gate and the budget of extra
 * attempts. Breaker first, so that a call to an upstream that is down waits for nothing; and when it opens, those that
 * wait for a place end with it. Probes of a half-open breaker need no place: the calls that hang may hold them all. Nor do
 * they take one of their class: probe after probe may hang, and all together must leave other upstreams their places.
 */
import type { DestinationSpec, SampleHealth } from '@toolfleet/kernel';
import { CallBudget, RetryBudget, TransientMap, degraded, isFault, limits } from '@toolfleet/kernel';
import type { AdaptiveGateOptions, Breaker, BreakerState, Breakers, GateCall } from '@toolfleet/platform/breaker';
import { AdaptiveGate } from '@toolfleet/platform/breaker';
import type { ToolRun } from './driver.js';
import type { Attempt } from './hedge.js';
import { hedged } from './hedge.js';

export interface UpstreamsOptions {
  readonly breakers: Breakers;
  /** Absent: no limit but the calls that the executor runs at once. */
  readonly gate?: AdaptiveGateOptions | undefined;
  /** Calls of a tool class that may be at one upstream at once. */
  readonly placesMaxOf?: (toolClass: string) => number;
  readonly onHedge?: (upstream: string) => void;
  /** Told of every change: +1 when a probe of the tool class begins, -1 when it ends. */
  readonly onProbing?: (toolClass: string, change: 1 | -1) => void;
}

export interface UpstreamCall {
  readonly toolClass: string;
  readonly deadlineAtMs: number;
  /** What the tool may take in all. */
  readonly timeLimitMs: number;
  readonly signal: AbortSignal;
  /** Absent: never a second attempt. Only for calls that may run twice. */
  readonly hedgeAfterMs?: number | undefined;
  /** Paid for with `takeRetry`. */
  readonly isRetry?: boolean | undefined;
}

/** What a run of a tool asks of its upstream: a read may be asked twice where it is slow. */
export const upstreamCallOf = ({ tool, call, signal, isRetry }: ToolRun): UpstreamCall => ({
  toolClass: tool.toolClass,
  deadlineAtMs: call.deadlineAtMs,
  timeLimitMs: call.timeoutMs,
  signal,
  hedgeAfterMs: tool.effect === 'read' ? tool.hedgeAfterMs : undefined,
  isRetry,
});

/** What is shed on the way is told as the degraded mode of the upstream. */
export async function atUpstream<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isFault(error) ? degraded('upstream', error) : error;
  }
}

export interface UpstreamFigures {
  readonly upstream: string;
  readonly state: BreakerState;
  /** Absent without a gate. */
  readonly gate?: ReturnType<AdaptiveGate['stats']> | undefined;
  /** Under way without a place of the gate. */
  readonly probes: number;
}

export class Upstreams {
  readonly #byName = new Map<string, Upstream>();

  constructor(private readonly options: UpstreamsOptions) {
    options.breakers.onChange(({ name, state }) => {
      if (state === 'open' || state === 'forcedOpen') this.#byName.get(name)?.refuseWaiting();
    });
  }

  of({ name, breaker }: DestinationSpec): Upstream {
    const { breakers } = this.options;
    const ofName = breakers.of(name, {
      failurePercentMax: breaker.errorThresholdPercentage,
      resetTimeoutMs: breaker.resetTimeoutMs,
      callsMin: breaker.volumeThreshold,
    });
    const known = this.#byName.get(name);
    if (known?.breaker === ofName) return known;
    const made = new Upstream(ofName, this.options);
    this.#byName.set(name, made);
    return made;
  }

  /** Takes one retry out of the budget of a tool's upstream; false: there is none, or it has left the catalogue. */
  takeRetry(spec: DestinationSpec | undefined): boolean {
    return spec !== undefined && this.of(spec).takeRetry();
  }

  figures(): UpstreamFigures[] {
    return Array.from(this.#byName.values(), (upstream) => upstream.figures());
  }

  /** What the catalogue no longer has is forgotten; calls under way end as they would have. */
  keepOnly(names: ReadonlySet<string>): void {
    for (const name of this.#byName.keys()) if (!names.has(name)) this.#byName.delete(name);
  }
}

export class Upstream {
  readonly #gate: AdaptiveGate | undefined;
  readonly #budget = new CallBudget();
  /** Hedges and retries draw on one budget: a slow upstream is hit no harder for being slow in two ways. */
  readonly #retries = new RetryBudget(this.#budget);
  /** Under way, by tool class. */
  readonly #probes = new TransientMap<string, number>();

  constructor(
    readonly breaker: Breaker,
    private readonly options: UpstreamsOptions,
  ) {
    this.#gate = options.gate && new AdaptiveGate(breaker.name, options.gate);
  }

  async run<T>(work: Attempt<T>, call: UpstreamCall): Promise<T> {
    if (!call.isRetry) this.#budget.earn();
    const { hedgeAfterMs, signal } = call;
    if (hedgeAfterMs === undefined) return this.#first(work, call, signal);
    const first = (either: AbortSignal) => this.#first(work, call, either);
    return hedged(first, () => this.#second(work, call), { hedgeAfterMs, signal });
  }

  /** Takes one retry out of the budget; false: there is none. */
  takeRetry(): boolean {
    return this.#retries.spend(Date.now()) === 0;
  }

  refuseWaiting(): void {
    this.#gate?.refuseWaiting(this.breaker.refusal());
  }

  figures(): UpstreamFigures {
    const probes = [...this.#probes.values()].reduce((sum, each) => sum + each, 0);
    return { upstream: this.breaker.name, state: this.breaker.state, gate: this.#gate?.stats(), probes };
  }

  async #first<T>(work: Attempt<T>, call: UpstreamCall, signal: AbortSignal): Promise<T> {
    this.breaker.check();
    if (!this.#gate) return this.#attempt(work, call, signal);
    if (this.breaker.state === 'halfOpen') return this.#attempt(this.#probe(work, call), call, signal);
    const place = await this.#gate.enter(this.#gateCall(call, signal));
    return this.#attempt(work, call, signal, place);
  }

  /** What is run counts as a probe from when the breaker lets it through. Throws while too many of its class hang. */
  #probe<T>(work: Attempt<T>, { toolClass }: UpstreamCall): Attempt<T> {
    if (this.#probesOf(toolClass) >= limits.upstreamProbesMax) throw this.breaker.refusal();
    return async (signal) => {
      this.#probing(toolClass, 1);
      try {
        return await work(signal);
      } finally {
        this.#probing(toolClass, -1);
      }
    };
  }

  #probesOf(toolClass: string): number {
    return this.#probes.get(toolClass) ?? 0;
  }

  #probing(toolClass: string, change: 1 | -1): void {
    const running = this.#probesOf(toolClass) + change;
    if (running > 0) this.#probes.set(toolClass, running);
    else this.#probes.delete(toolClass);
    this.options.onProbing?.(toolClass, change);
  }

  /** It waits for nothing: where calls queue, or the upstream may be down, a second attempt is the wrong medicine. */
  #second<T>(work: Attempt<T>, call: UpstreamCall): Attempt<T> | undefined {
    const { state } = this.breaker;
    if (state !== 'closed' && state !== 'forcedClosed') return undefined;
    const place = this.#gate?.tryEnter(this.#gateCall(call, call.signal));
    if (this.#gate && !place) return undefined;
    if (!this.#budget.spend()) {
      if (place) this.#gate?.leave(place, 'nothing');
      return undefined;
    }
    this.options.onHedge?.(this.breaker.name);
    return (signal) => this.#attempt(work, call, signal, place);
  }

  #gateCall({ toolClass, deadlineAtMs }: UpstreamCall, signal: AbortSignal): GateCall {
    const groupMax = this.options.placesMaxOf?.(toolClass) ?? Infinity;
    return { group: toolClass, groupMax, deadlineAtMs, signal };
  }

  async #attempt<T>(
    work: Attempt<T>,
    { timeLimitMs }: UpstreamCall,
    signal: AbortSignal,
    place?: Awaited<ReturnType<AdaptiveGate['enter']>>,
  ): Promise<T> {
    let health: SampleHealth = 'nothing';
    const sampled = async (inner: AbortSignal): Promise<T> => {
      try {
        const answer = await work(inner);
        health = 'up';
        return answer;
      } catch (error) {
        health = inner.aborted ? 'nothing' : sampleOf(error);
        throw error;
      }
    };
    try {
      return await this.breaker.call(sampled, signal, { timeLimitMs });
    } finally {
      if (place) this.#gate?.leave(place, health);
    }
  }
}

/** To the limit a rate limit is a failure, while to the breaker it is an answer. */
function sampleOf(error: unknown): SampleHealth {
  if (!isFault(error) || error.kind === 'broken') return 'nothing';
  return ['unreachable', 'expired', 'overloaded'].includes(error.kind) ? 'down' : 'up';
}
