/**
 * A circuit breaker that tracks the health of a destination, not the outcome of calls: only `unreachable` counts. opossum
 * keeps the failure window, opens, and times the way back; admission is decided here, because opossum would let one
 * late success of an earlier call close a half-open breaker and has one AbortController for all calls.
 *
 *   closed ──(failures over threshold)──▶ open ──(resetTimeoutMs)──▶ halfOpen ──(N successes)──▶ closed
 *                                          ▲                            │ one unreachable probe
 *                                          └────────────────────────────┘
 */
import { isFault, overloaded, type Fault } from '@toolfleet/kernel';
import CircuitBreaker from 'opossum';

export type BreakerState = 'closed' | 'open' | 'halfOpen';

export interface BreakerOptions {
  /** Opens above this share of unreachable calls in the window. */
  readonly failurePercentMax?: number;
  /** Calls in the window before the share means anything: one failed call after a quiet night must not open it. */
  readonly callsMin?: number;
  readonly windowMs?: number;
  /** Time in open before probes are let through. */
  readonly resetTimeoutMs?: number;
  /** Successful probes in a row that close it: one lucky answer of a destination that flaps is not health. */
  readonly probeSuccesses?: number;
  /** Probes at once; the rest is refused, so that a recovering destination is not hit by all that waited. */
  readonly probesMax?: number;
}

export type BreakerListener = (change: { readonly name: string; readonly state: BreakerState }) => void;

export class Breaker {
  readonly #circuit: CircuitBreaker<[Fault | undefined], void>;
  readonly #options: Required<BreakerOptions>;
  /** Grows at every change of state: a call that began under another state says nothing about this one. */
  #epoch = 0;
  #openedAtMs = 0;
  #probes = 0;
  #probeSuccesses = 0;

  constructor(
    readonly name: string,
    options: BreakerOptions = {},
    listener: BreakerListener = () => {},
  ) {
    this.#options = {
      failurePercentMax: options.failurePercentMax ?? 50,
      callsMin: options.callsMin ?? 10,
      windowMs: options.windowMs ?? 10_000,
      resetTimeoutMs: options.resetTimeoutMs ?? 5_000,
      probeSuccesses: options.probeSuccesses ?? 3,
      probesMax: options.probesMax ?? 2,
    };
    this.#circuit = new CircuitBreaker((fault) => (fault === undefined ? Promise.resolve() : Promise.reject(fault)), {
      name,
      timeout: false,
      errorFilter: (fault: Fault) => fault.kind !== 'unreachable',
      errorThresholdPercentage: this.#options.failurePercentMax,
      volumeThreshold: this.#options.callsMin,
      rollingCountTimeout: this.#options.windowMs,
      rollingCountBuckets: 5,
      rollingPercentilesEnabled: false,
      resetTimeout: this.#options.resetTimeoutMs,
      // Not in the typings: without it each breaker emits a snapshot of its window on a timer of its own.
      ...{ enableSnapshots: false },
    });
    const changed = (): void => {
      this.#epoch += 1;
      this.#probes = 0;
      this.#probeSuccesses = 0;
      if (this.state === 'open') this.#openedAtMs = Date.now();
      listener({ name, state: this.state });
    };
    this.#circuit.on('open', changed);
    this.#circuit.on('halfOpen', changed);
    this.#circuit.on('close', changed);
  }

  get state(): BreakerState {
    if (this.#circuit.opened) return 'open';
    return this.#circuit.halfOpen ? 'halfOpen' : 'closed';
  }

  /**
   * Runs the work, or throws `overloaded` BREAKER_OPEN without running it. Each call lives and is aborted alone: the
   * signal is handed through, and a call that its caller aborted counts neither way.
   */
  async call<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    const state = this.state;
    if (state === 'open' || (state === 'halfOpen' && this.#probes >= this.#options.probesMax)) throw this.#refusal();
    const epoch = this.#epoch;
    if (state === 'halfOpen') this.#probes += 1;
    try {
      const result = await work(signal);
      this.#settled(epoch, undefined);
      return result;
    } catch (error) {
      this.#settled(epoch, signal.aborted ? 'nothing' : error);
      throw error;
    }
  }

  /** Ends its timers. Whoever still holds it gets every call through, uncounted. */
  shutdown(): void {
    this.#circuit.shutdown();
  }

  #settled(epoch: number, error: unknown): void {
    if (epoch !== this.#epoch) return;
    const outcome = outcomeOf(error);
    if (this.state === 'closed') {
      if (outcome !== 'nothing')
        void this.#circuit.fire(outcome === 'down' ? (error as Fault) : undefined).catch(() => {});
      return;
    }
    this.#probes -= 1;
    if (outcome === 'down') return this.#circuit.open();
    if (outcome === 'up') this.#probeSuccesses += 1;
    if (this.#probeSuccesses >= this.#options.probeSuccesses) this.#circuit.close();
  }

  #refusal(): Fault {
    const sinceMs = Date.now() - this.#openedAtMs;
    return overloaded('BREAKER_OPEN', 'The destination has been failing; calls to it are held back.', {
      // In half-open the slots free up as soon as the probes are answered.
      retryAfterMs: Math.max(this.state === 'open' ? this.#options.resetTimeoutMs - sinceMs : 0, 250),
      details: { breaker: this.name },
    });
  }
}

/**
 * - `down`: the destination is. - `nothing`: our own deadline, abort, load or bug, which says nothing about it. -
 * `up`: it answered, be it with a refusal.
 */
function outcomeOf(error: unknown): 'up' | 'down' | 'nothing' {
  if (error === undefined) return 'up';
  if (!isFault(error)) return 'nothing';
  if (error.kind === 'unreachable') return 'down';
  return error.kind === 'expired' || error.kind === 'broken' ? 'nothing' : 'up';
}
