/** A pace for each broker. */
import { Pace } from '../pace.js';

/** Of one consumer's fetches: each broker answers for itself. */
export class BrokerPaces {
  readonly #paces = new Map<number, Pace>();

  of(broker: number): Pace {
    let pace = this.#paces.get(broker);
    if (pace === undefined) this.#paces.set(broker, (pace = new Pace()));
    return pace;
  }
}
