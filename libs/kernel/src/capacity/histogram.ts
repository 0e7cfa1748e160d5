/**
 * Many histograms of milliseconds in one typed array, 3 % wide per bar: percentiles of a minute's seconds without keeping
 * a value. Zero has its own bar, because most waits are none.
 */
const growth = Math.log(1.03);
/** From 0.01 ms to 0.01 ms × 1.03^799, two days. */
const bars = 800;
const leastMs = 0.01;

export class Histograms {
  readonly #counts: Uint32Array;
  readonly #totals: Uint32Array;

  constructor(rows: number) {
    this.#counts = new Uint32Array(rows * bars);
    this.#totals = new Uint32Array(rows);
  }

  add(row: number, ms: number): void {
    const bar = ms < leastMs ? 0 : Math.min(bars - 1, 1 + Math.floor(Math.log(ms / leastMs) / growth));
    this.#counts[row * bars + bar]!++;
    this.#totals[row]!++;
  }

  count(row: number): number {
    return this.#totals[row]!;
  }

  /** The value that `fraction` of all stay at or below; undefined of an empty row. */
  percentile(row: number, fraction: number): number | undefined {
    const total = this.#totals[row]!;
    if (total === 0) return undefined;
    const rank = fraction * total;
    let seen = 0;
    for (let bar = 0; bar < bars; bar++) {
      const count = this.#counts[row * bars + bar]!;
      if (count === 0 || seen + count < rank) {
        seen += count;
        continue;
      }
      if (bar === 0) return 0;
      return leastMs * Math.exp(growth * (bar - 1 + (rank - seen) / count));
    }
    return undefined;
  }
}
