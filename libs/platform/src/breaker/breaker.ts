/**
 * A breaker before one destination: the kernel's circuit over opossum's failure window, on this machine's clock, and an
 * operator's word above it. It tracks the health of the destination, not the outcome of calls. What counts:
 *
 * - down: `unreachable`; `expired` of a request that was on its way and had a fair time (a second, or the whole time its
 *   tool may take where that is less), because a destination that hangs answers nothing until the deadline.
 * - up: an answer, be it a refusal: it is there. One breaker serves all tenants for this reason: what a credential may do
 *   is an answer.
 * - nothing: what the caller aborted, a deadline that left no fair time or passed before the request was sent, our own
 *   load and our own bugs.
 *
 * While it is forced open or closed nothing is counted, and the circuit starts anew when the word expires or is withdrawn.
 */
import { Circuit, circuitDefaults, circuitStates, isFault, overloaded } from '@toolfleet/kernel';
import type { CallHealth, CircuitChange, CircuitOptions, CircuitState, Fault } from '@toolfleet/kernel';
import { OpossumWindow } from './opossum-window.js';

export const breakerStates = [...circuitStates, 'forcedOpen', 'forcedClosed'] as const;
export type BreakerState = (typeof breakerStates)[number];
export type BreakerOptions = Partial<CircuitOptions>;

export interface ForcedState {
  readonly forced: 'open' | 'closed';
  readonly expiresAtMs: number;
}

export interface BreakerChange {
  readonly name: string;
  readonly state: BreakerState;
  /** This process saw it itself; otherwise another process or an operator said so. */
  readonly own: boolean;
  /** When an open breaker lets probes through, or the operator's word expires. */
  readonly untilMs: number;
}

export type BreakerListener = (change: BreakerChange) => void;

export interface BreakerCall {
  /** What the call may take in all: a destination silent for an eighth of it is taken for hanging. Absent: never is. */
  readonly timeLimitMs?: number;
}

/** In half-open the slots free up as soon as the probes are answered. */
const retryAfterMsMin = 250;
/** A deadline that left a destination less than this says nothing about it. */
const fairMs = 1_000;

export class Breaker {
  #circuit: Circuit;
  #forced: ForcedState | undefined;
  readonly #options: CircuitOptions;

  constructor(
    readonly name: string,
    options: BreakerOptions = {},
    private readonly listener: BreakerListener = () => {},
  ) {
    const given = Object.entries(options).filter(([, value]) => value !== undefined);
    this.#options = { ...circuitDefaults, ...Object.fromEntries(given) };
    this.#circuit = this.#newCircuit();
  }

  get state(): BreakerState {
    const nowMs = Date.now();
    const forced = this.#forcedAt(nowMs);
    if (forced) return forced.forced === 'open' ? 'forcedOpen' : 'forcedClosed';
    return this.#circuit.stateAt(nowMs);
  }

  /** Throws `overloaded` while no call can go out, before anything is waited for. */
  check(): void {
    const { state } = this;
    if (state === 'open' || state === 'forcedOpen') throw this.refusal();
  }

  /**
   * Runs the work, or throws `overloaded` BREAKER_OPEN or BREAKER_FORCED_OPEN without running it. Each call lives and is
   * aborted alone: the signal is handed through, and a call that its caller aborted counts neither way.
   */
  async call<T>(
    work: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
    { timeLimitMs }: BreakerCall = {},
  ): Promise<T> {
    this.check();
    if (this.#forced !== undefined) return work(signal);
    const circuit = this.#circuit;
    const call = circuit.admit(Date.now(), timeLimitMs);
    if (call === undefined) throw this.refusal();
    try {
      const result = await work(signal);
      circuit.settle(call, 'up', Date.now());
      return result;
    } catch (error) {
      const nowMs = Date.now();
      const health = signal.aborted ? 'nothing' : healthOf(error, nowMs - call.startedAtMs, timeLimitMs);
      circuit.settle(call, health, nowMs);
      throw error;
    }
  }

  /** An operator's word until it expires; undefined withdraws it. */
  force(forced: ForcedState | undefined): void {
    const before = this.state;
    this.#forced = forced;
    this.#circuit = this.#newCircuit();
    const { state } = this;
    if (state !== before) this.listener({ name: this.name, state, own: false, untilMs: forced?.expiresAtMs ?? 0 });
  }

  /** What another process saw: see the circuit. */
  follow(state: CircuitState, untilMs: number): void {
    const nowMs = Date.now();
    if (!this.#forcedAt(nowMs)) this.#circuit.follow(state, untilMs, nowMs);
  }

  refusal(): Fault {
    const nowMs = Date.now();
    const forced = this.#forcedAt(nowMs);
    const leftMs = forced ? forced.expiresAtMs - nowMs : this.#circuit.probesAtMs - nowMs;
    const options = { retryAfterMs: Math.ceil(Math.max(leftMs, retryAfterMsMin)), details: { breaker: this.name } };
    if (forced) return overloaded('BREAKER_FORCED_OPEN', 'An operator holds calls to the destination back.', options);
    return overloaded('BREAKER_OPEN', 'The destination has been failing; calls to it are held back.', options);
  }

  #forcedAt(nowMs: number): ForcedState | undefined {
    if (this.#forced !== undefined && this.#forced.expiresAtMs <= nowMs) this.#forced = undefined;
    return this.#forced;
  }

  #newCircuit(): Circuit {
    const changed = ({ state, followed, untilMs }: CircuitChange): void => {
      // Calls of a circuit that was given up may still end.
      if (circuit === this.#circuit) this.listener({ name: this.name, state, own: !followed, untilMs });
    };
    const circuit = new Circuit(new OpossumWindow(this.#options.windowMs), this.#options, Math.random, changed);
    return circuit;
  }
}

function healthOf(error: unknown, ranMs: number, timeLimitMs = Infinity): CallHealth {
  if (!isFault(error)) return 'nothing';
  if (error.kind === 'unreachable') return 'down';
  // Timers fire a little early.
  const fair = ranMs >= Math.min(fairMs, timeLimitMs) * 0.9;
  if (error.kind === 'expired') return fair && error.details['sent'] === 'maybe' ? 'down' : 'nothing';
  return error.kind === 'broken' ? 'nothing' : 'up';
}
