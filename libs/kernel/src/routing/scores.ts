/**
 * Scores of a few among many texts, 0 for all others. What a question costs grows with the texts that it touches, not with
 * those there are: ten thousand are never walked through.
 */
export class Scores {
  readonly #values: Float64Array;
  readonly #touched: Uint32Array;
  #count = 0;
  #most = 0;

  constructor(readonly size: number) {
    this.#values = new Float64Array(size);
    this.#touched = new Uint32Array(size);
  }

  /** Places with a score, each once, in the order of their first. Holds until the next change. */
  get touched(): Uint32Array {
    return this.#touched.subarray(0, this.#count);
  }

  of(place: number): number {
    return this.#values[place]!;
  }

  clear(): void {
    for (const place of this.touched) this.#values[place] = 0;
    this.#count = 0;
    this.#most = 0;
  }

  /** The highest. */
  get most(): number {
    return this.#most;
  }

  /** `gain` is above 0. */
  add(place: number, gain: number): void {
    const before = this.#values[place]!;
    if (before === 0) this.#touched[this.#count++] = place;
    const after = before + gain;
    this.#values[place] = after;
    if (after > this.#most) this.#most = after;
  }

  /** Places of the highest scores, highest first; of equal ones the lowest place first. One pass, and a short list kept sorted. */
  best(count: number, admits: (place: number) => boolean): number[] {
    const values = this.#values;
    const best: number[] = [];
    let [leastScore, leastPlace] = [0, this.size];
    for (const place of this.touched) {
      const score = values[place]!;
      const isFull = best.length >= count;
      if (isFull && (score < leastScore || (score === leastScore && place > leastPlace))) continue;
      if (!admits(place)) continue;
      let at = best.length;
      while (at > 0 && isBefore(score, place, values[best[at - 1]!]!, best[at - 1]!)) at--;
      best.splice(at, 0, place);
      if (isFull) best.pop();
      leastPlace = best.at(-1)!;
      leastScore = values[leastPlace]!;
    }
    return best;
  }

  /** A bound, in steps of 1/256 of the highest score, that at least `rank` scores reach; 0 where there are no more. */
  boundOfRank(rank: number): number {
    if (this.#count <= rank) return 0;
    const reached = new Uint32Array(rankSteps + 1);
    const perStep = this.#most / rankSteps;
    for (const place of this.touched) reached[Math.floor(this.#values[place]! / perStep)]!++;
    let count = 0;
    for (let step = rankSteps; step > 0; step--) if ((count += reached[step]!) >= rank) return step * perStep;
    return 0;
  }
}

const isBefore = (score: number, place: number, otherScore: number, otherPlace: number): boolean =>
  score > otherScore || (score === otherScore && place < otherPlace);

const rankSteps = 256;
