/** The paces of one consumer's fetches: each broker answers for itself. */
import { Pace } from '../pace.js';

export class BrokerPaces {
  readonly #paces = new Map<number, Pace>();

  of(broker: number): Pace {
    let pace = this.#paces.get(broker);
    if (pace === undefined) this.#paces.set(broker, (pace = new Pace()));
    return pace;
  }
}
