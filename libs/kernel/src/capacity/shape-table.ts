/** A session shape made ready for drawing: which of the fleet's classes a call goes to. */
import type { Random } from '../simulation/random.js';
import type { SessionShape } from './traffic.js';

export class ShapeTable {
  readonly #classes: readonly number[];
  readonly #weights: readonly number[];
  readonly #weight: number;

  constructor(
    readonly shape: SessionShape,
    classNames: readonly string[],
  ) {
    this.#classes = Object.keys(shape.classes).map((name) => classNames.indexOf(name));
    this.#weights = Object.values(shape.classes);
    this.#weight = this.#weights.reduce((sum, each) => sum + each, 0);
  }

  /** Index of the class that a call goes to. */
  pick(random: Random): number {
    let left = random.next() * this.#weight;
    for (let at = 0; at < this.#weights.length - 1; at++) {
      left -= this.#weights[at]!;
      if (left < 0) return this.#classes[at]!;
    }
    return this.#classes.at(-1)!;
  }
}
