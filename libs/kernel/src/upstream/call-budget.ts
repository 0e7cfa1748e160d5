/**
 * How many attempts beyond the first a destination may be given: hedges and retries together at most 10 % of its calls,
 * so that a slow destination is never hit harder for being slow. What is saved up is bounded: a long calm pays for no burst.
 */
const callsPerExtra = 10;

export class CallBudget {
  #credit = 0;

  /** `extrasMax`: attempts that may be saved up. */
  constructor(private readonly extrasMax = 10) {}

  /** A first attempt: it earns a tenth of an extra one. */
  earn(): void {
    this.#credit = Math.min(this.#credit + 1, this.extrasMax * callsPerExtra);
  }

  /** True: one extra attempt may go, and is paid for. */
  spend(): boolean {
    if (this.#credit < callsPerExtra) return false;
    this.#credit -= callsPerExtra;
    return true;
  }
}
