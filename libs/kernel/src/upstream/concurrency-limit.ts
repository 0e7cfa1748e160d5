/**
 * How many calls a destination is given at once, learned from its answers. Latency above what the destination shows
 * unloaded means that calls queue inside it: the limit shrinks in proportion, also when many calls fail; it grows by a
 * tenth while it is the limit that holds calls back, by a half until it was first too high. Never below the floor nor above the ceiling. Told the time, so it
 * runs in virtual time.
 *
 * The unloaded latency is the mean of windows in which at most half of the limit was in use. Under lasting load there
 * are none, so every `calmEveryMs` one window runs at half of the limit: without it the queue's own latency would become
 * the measure and the limit would drift up for ever.
 */
export interface ConcurrencyLimitOptions {
  readonly floor: number;
  readonly ceiling: number;
  readonly start: number;
}

/** Calls that failed or hit a rate limit say "less" whatever their latency; `nothing` is no sample. */
export type SampleHealth = 'up' | 'down' | 'nothing';

/** A change is judged by calls that began after it, over at least so many of them and so long. */
const windowMs = 100;
const samplesMin = 10;
/** The mean may be half as long again as unloaded before it counts as queueing: mixed tools scatter that much. */
const tolerance = 1.5;
/** Below this the wire and our own event loop scatter more than any queue. */
const scatterMs = 10;
/** A call waits for our event loop about so often: to be written, to be read, to be answered for. */
const passesOfLoop = 3;
/** One window never says more than "half of it": the next one is judged at the new limit. */
const cutMost = 0.5;
/** Fewer failures than this are not the limit's doing. */
const failurePercentMax = 10;
const calmEveryMs = 10_000;
/** Weight of a calm window in the unloaded latency. */
const calmWeight = 0.3;

export class ConcurrencyLimit {
  #limit: number;
  #inFlight = 0;
  #unloadedMs: number | undefined;
  #calmAtMs = -Infinity;
  #calming = false;
  #everCut = false;
  #window = { beganAtMs: -Infinity, up: 0, down: 0, sumMs: 0, inFlightMax: 0 };

  constructor(private readonly options: ConcurrencyLimitOptions) {
    this.#limit = clamp(options.start, options.floor, options.ceiling);
  }

  /** Calls that may be in flight now. */
  get limit(): number {
    const limit = this.#calming ? this.#limit / 2 : this.#limit;
    return Math.max(Math.floor(limit), this.options.floor);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Whether a call may go; `placesMax` bounds it further, for this call only. */
  hasPlace(placesMax = Infinity): boolean {
    return this.#inFlight < Math.min(this.limit, placesMax);
  }

  begin(nowMs: number): void {
    if (this.#window.beganAtMs === -Infinity) {
      this.#window.beganAtMs = nowMs;
      this.#calmAtMs = nowMs;
    }
    this.#inFlight += 1;
    this.#window.inFlightMax = Math.max(this.#window.inFlightMax, this.#inFlight);
  }

  /** `ownLateMs`: how late our own event loop runs; what it adds to a latency says nothing about the destination. */
  end(startedAtMs: number, health: SampleHealth, nowMs: number, ownLateMs = 0): void {
    this.#inFlight -= 1;
    const window = this.#window;
    if (health === 'nothing' || startedAtMs < window.beganAtMs) return;
    window[health] += 1;
    if (health === 'up') window.sumMs += nowMs - startedAtMs;
    if (window.up + window.down >= samplesMin && nowMs - window.beganAtMs >= windowMs) this.#judge(nowMs, ownLateMs);
  }

  #judge(nowMs: number, ownLateMs: number): void {
    const { up, down, sumMs, inFlightMax } = this.#window;
    this.#window = { beganAtMs: nowMs, up: 0, down: 0, sumMs: 0, inFlightMax: this.#inFlight };
    const calm = this.#calming || inFlightMax * 2 <= this.#limit;
    const heldBack = !this.#calming && inFlightMax >= Math.floor(this.#limit);
    this.#calming = false;
    const failing = down * 100 > failurePercentMax * (up + down);
    if (failing) return this.#scale(Math.max(up / (up + down), cutMost));
    const meanMs = sumMs / up;
    const unloadedMs = this.#unloadedMs ?? meanMs;
    this.#unloadedMs = Math.min(unloadedMs, meanMs);
    if (calm) {
      this.#unloadedMs = unloadedMs + (meanMs - unloadedMs) * calmWeight;
      this.#calmAtMs = nowMs;
    }
    const allowedMs = Math.max(unloadedMs * tolerance, unloadedMs + scatterMs) + ownLateMs * passesOfLoop;
    if (meanMs > allowedMs) this.#scale(Math.max(allowedMs / meanMs, cutMost));
    else if (heldBack) this.#scale(Math.max(this.#everCut ? 1.1 : 1.5, 1 + 1 / this.#limit));
    this.#calming = nowMs - this.#calmAtMs >= calmEveryMs;
  }

  #scale(factor: number): void {
    this.#everCut ||= factor < 1;
    this.#limit = clamp(this.#limit * factor, this.options.floor, this.options.ceiling);
  }
}

const clamp = (value: number, min: number, max: number) => Math.min(Math.max(value, min), max);
