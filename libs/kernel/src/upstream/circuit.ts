/**
 * Whether calls to one destination may go out, from what became of the calls before: the state machine of a breaker. It
 * tracks the health of the destination, not the outcome of calls, and is told the time, so it runs in virtual time.
 *
 *   closed ──(failing, or silent)──▶ open ──(resetTimeoutMs ± 20 %)──▶ halfOpen ──(N probes up)──▶ closed
 *                                     ▲                                   │ one probe down or silent
 *                                     └───────────────────────────────────┘
 *
 * Failing: more than `failurePercentMax` of at least `callsMin` calls in the window were down, or the last `callsMin` calls
 * all were: a window full of good answers must not hide an outage for half its length. Silent: nothing was
 * answered for as long as the patience of `silentCallsMin` calls that still wait; a destination that hangs is known by
 * that long before the first of those calls expires. A call is counted once, and only in the state it began in.
 */
import { TransientSet } from '../transient.js';

export const circuitStates = ['closed', 'open', 'halfOpen'] as const;
export type CircuitState = (typeof circuitStates)[number];

/** `up`: it answered, be it with a refusal. `down`: it did not. `nothing`: the end says nothing about the destination. */
export type CallHealth = 'up' | 'down' | 'nothing';

export interface CircuitOptions {
  /** Opens above this share of calls that were down in the window. */
  readonly failurePercentMax: number;
  /** Calls in the window before the share means anything: one failed call after a quiet night must not open it. */
  readonly callsMin: number;
  readonly windowMs: number;
  /** Time in open before probes are let through, more or less a fifth of it. */
  readonly resetTimeoutMs: number;
  /** Successful probes in a row that close it: one lucky answer of a destination that flaps is not health. */
  readonly probeSuccesses: number;
  /** Probes at once that wait no longer than usual. As many, and as many as close it, go before their share counts. */
  readonly probesMax: number;
  /** Of the calls that ask while half open, so many are probes: a destination that comes back is not hit by all that waited. */
  readonly probePercent: number;
  /** Calls that must all wait beyond their patience before the destination counts as silent. */
  readonly silentCallsMin: number;
  /** Least patience with one call. */
  readonly patienceMsMin: number;
}

export const circuitDefaults: CircuitOptions = {
  failurePercentMax: 50,
  callsMin: 10,
  windowMs: 10_000,
  // With 20 % of jitter and a probe that hangs for 1.25 s before, it closes within 5 s of the destination's recovery.
  resetTimeoutMs: 2_000,
  probeSuccesses: 3,
  probesMax: 3,
  probePercent: 20,
  // The least adaptive limit: an upstream that was throttled down to it can still be found silent.
  silentCallsMin: 5,
  patienceMsMin: 1_000,
};

/** One call that was let through; it must be settled. */
export interface CircuitCall {
  readonly epoch: number;
  readonly startedAtMs: number;
  /** How long it may take before it counts as waiting in vain. */
  readonly patienceMs: number;
  /** The same before anything was learnt of the destination: no longer than this a probe keeps others from being one. */
  readonly slotMs: number;
}

/** `followed`: another process saw it. `untilMs`: when an open circuit lets probes through. */
export interface CircuitChange {
  readonly state: CircuitState;
  readonly followed: boolean;
  readonly untilMs: number;
}

/** A tool that may take 10 s is waited for 1.25 s in vain, an export of two minutes 15 s. */
const patienceShare = 1 / 8;
/** Three times the slowest of the recent answers is slower than a busy destination usually is. */
const slowness = 3;
/** The slowest answer is forgotten by half within 35 answers. */
const slowestDecay = 0.98;

export class Circuit {
  #state: CircuitState = 'closed';
  /** Grows at every change of state: a call that began under another state says nothing about this one. */
  #epoch = 0;
  #probesAtMs = 0;
  #downInARow = 0;
  #lastUpAtMs = -Infinity;
  #slowestMs = 0;
  readonly #running = new TransientSet<CircuitCall>();
  #probes = { admitted: 0, asked: 0, successes: 0 };

  /** `random` gives numbers in [0, 1): processes that opened together must not probe together. */
  constructor(
    private readonly window: HealthWindow,
    private readonly options: CircuitOptions,
    private readonly random: () => number,
    private readonly changed: (change: CircuitChange) => void,
  ) {}

  stateAt(nowMs: number): CircuitState {
    if (this.#state === 'open' && nowMs >= this.#probesAtMs) this.#become('halfOpen', nowMs);
    if (this.#state !== 'open' && this.#silentAt(nowMs)) this.#open(nowMs);
    return this.#state;
  }

  /** When an open circuit lets probes through; meaningless in other states. */
  get probesAtMs(): number {
    return this.#probesAtMs;
  }

  /** Undefined: refused. Without a time limit the call is waited for with endless patience. */
  admit(nowMs: number, timeLimitMs = Infinity): CircuitCall | undefined {
    const state = this.stateAt(nowMs);
    if (state === 'open' || (state === 'halfOpen' && !this.#admitProbe(nowMs))) return undefined;
    const slotMs = Math.max(this.options.patienceMsMin, timeLimitMs * patienceShare);
    const patienceMs = Math.min(Math.max(slotMs, this.#slowestMs * slowness), timeLimitMs);
    const call: CircuitCall = { epoch: this.#epoch, startedAtMs: nowMs, patienceMs, slotMs };
    this.#running.add(call);
    return call;
  }

  settle(call: CircuitCall, health: CallHealth, nowMs: number): void {
    if (!this.#running.delete(call)) return;
    if (health === 'up') {
      this.#lastUpAtMs = nowMs;
      this.#slowestMs = Math.max(nowMs - call.startedAtMs, this.#slowestMs * slowestDecay);
    }
    if (call.epoch !== this.#epoch) return;
    if (this.#state === 'closed') {
      if (health === 'nothing') return;
      this.window.add(health, nowMs);
      this.#downInARow = health === 'up' ? 0 : this.#downInARow + 1;
      if (health === 'down' && this.#failing(nowMs)) this.#open(nowMs);
      return;
    }
    if (health === 'down') return this.#open(nowMs);
    if (health === 'up') this.#probes.successes += 1;
    if (this.#probes.successes >= this.options.probeSuccesses) this.#become('closed', nowMs);
  }

  /**
   * What another process saw. Its opening is followed for no longer than it said, and not at all by a process whose own
   * calls go well: one executor that lost its network must not take the destination from the others. Its closing is
   * believed by probing at once.
   */
  follow(state: CircuitState, untilMs: number, nowMs: number): void {
    const mine = this.stateAt(nowMs);
    if (state === 'closed' && mine === 'open') this.#become('halfOpen', nowMs, true);
    if (state !== 'open' || mine === 'open' || untilMs <= nowMs || this.#healthy(nowMs)) return;
    const leftMs = Math.min(untilMs - nowMs, this.options.resetTimeoutMs * 1.2);
    this.#probesAtMs = nowMs + leftMs * (1 + 0.5 * this.random());
    this.#become('open', nowMs, true);
  }

  #admitProbe(nowMs: number): boolean {
    const probes = this.#probes;
    const { probesMax, probePercent, probeSuccesses } = this.options;
    const due = Math.max(probesMax, probeSuccesses) + (probes.asked * probePercent) / 100;
    probes.asked += 1;
    if (probes.admitted >= due || this.#freshProbes(nowMs) >= probesMax) return false;
    probes.admitted += 1;
    return true;
  }

  /** One sent before the destination was well again may wait for its whole time; those behind it are what finds that out. */
  #freshProbes(nowMs: number): number {
    let fresh = 0;
    for (const { epoch, startedAtMs, slotMs } of this.#running) {
      if (epoch === this.#epoch && nowMs - startedAtMs < slotMs) fresh += 1;
    }
    return fresh;
  }

  /** In half open one probe in vain is enough: it is given up as a probe, though its caller may still wait for it. */
  #silentAt(nowMs: number): boolean {
    const { patienceMsMin, silentCallsMin } = this.options;
    const silentMs = nowMs - this.#lastUpAtMs;
    if (silentMs < patienceMsMin) return false;
    let inVain = 0;
    for (const { epoch, startedAtMs, patienceMs } of this.#running) {
      if (epoch === this.#epoch && nowMs - startedAtMs >= patienceMs && silentMs >= patienceMs) inVain += 1;
    }
    return inVain >= (this.#state === 'halfOpen' ? 1 : silentCallsMin);
  }

  #failing(nowMs: number): boolean {
    const { callsMin, failurePercentMax } = this.options;
    const { up, down } = this.window.at(nowMs);
    return this.#downInARow >= callsMin || (up + down >= callsMin && down * 100 > failurePercentMax * (up + down));
  }

  #healthy(nowMs: number): boolean {
    const { up, down } = this.window.at(nowMs);
    const enough = this.#state === 'closed' && up + down >= this.options.callsMin;
    return enough && down * 200 <= this.options.failurePercentMax * (up + down);
  }

  #open(nowMs: number): void {
    this.#probesAtMs = nowMs + this.options.resetTimeoutMs * (0.8 + 0.4 * this.random());
    this.#become('open', nowMs);
  }

  #become(state: CircuitState, nowMs: number, followed = false): void {
    this.#state = state;
    this.#epoch += 1;
    this.#probes = { admitted: 0, asked: 0, successes: 0 };
    this.window.clear();
    this.#downInARow = 0;
    this.changed({ state, followed, untilMs: state === 'open' ? this.#probesAtMs : nowMs });
  }
}

/** How many of the latest calls found the destination up, and how many down. */
export interface HealthWindow {
  add(health: 'up' | 'down', nowMs: number): void;
  /** Of the window that ends now. */
  at(nowMs: number): { readonly up: number; readonly down: number };
  clear(): void;
}
