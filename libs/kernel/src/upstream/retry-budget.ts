/**
 * How many retries a destination may be given: a tenth of its first attempts, and a few a second whatever the traffic, so
 * that a quiet destination can be asked again at all. An outage makes every call fail and want another try; with this the
 * destination that comes back meets at most a tenth more than its traffic, not a multiple of it.
 */
import { limits } from '../limits.js';
import { CallBudget } from './call-budget.js';

export class RetryBudget {
  readonly #share: CallBudget;
  /** Retries of the floor that may go now. */
  #floor: number;
  #filledAtMs = -Infinity;

  /** `share`: the budget of extra attempts, where hedges draw on it as well. */
  constructor(
    share = new CallBudget(),
    private readonly perSecondMin: number = limits.retriesPerSecondMin,
  ) {
    this.#share = share;
    this.#floor = perSecondMin;
  }

  /** A first attempt. */
  earn(): void {
    this.#share.earn();
  }

  /** 0: one retry may go, and is paid for. Otherwise it may not, and it is worth asking again after so many ms. */
  spend(nowMs: number): number {
    if (this.#share.spend()) return 0;
    const passedMs = Math.max(0, nowMs - this.#filledAtMs);
    this.#floor = Math.min(this.perSecondMin, this.#floor + (passedMs * this.perSecondMin) / 1_000);
    this.#filledAtMs = Math.max(nowMs, this.#filledAtMs);
    if (this.#floor >= 1) {
      this.#floor -= 1;
      return 0;
    }
    return Math.ceil(((1 - this.#floor) * 1_000) / this.perSecondMin);
  }
}
