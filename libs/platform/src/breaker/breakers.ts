/** The breakers of a process by destination name, bounded in number: the least recently used makes room. */
import { Breaker, type BreakerListener, type BreakerOptions } from './breaker.js';

export interface BreakersOptions extends BreakerOptions {
  /** 1,024: each holds one timer and a window of a few hundred bytes. */
  readonly breakersMax?: number;
  readonly listener?: BreakerListener;
}

export class Breakers {
  readonly #byName = new Map<string, Breaker>();

  constructor(private readonly options: BreakersOptions = {}) {}

  /** The same name is the same breaker; options given with a name count when it is made. */
  of(name: string, options?: BreakerOptions): Breaker {
    const known = this.#byName.get(name);
    const breaker = known ?? new Breaker(name, { ...this.options, ...options }, this.options.listener);
    if (known !== undefined) this.#byName.delete(name);
    this.#byName.set(name, breaker);
    if (this.#byName.size > (this.options.breakersMax ?? 1_024)) this.#evict();
    return breaker;
  }

  states(): { readonly name: string; readonly state: Breaker['state'] }[] {
    return [...this.#byName.values()].map(({ name, state }) => ({ name, state }));
  }

  shutdown(): void {
    for (const breaker of this.#byName.values()) breaker.shutdown();
    this.#byName.clear();
  }

  /** A closed one if there is one in the older half: what an open breaker knows is worth more. Never the newest. */
  #evict(): void {
    const older = [...this.#byName.values()].slice(0, Math.ceil(this.#byName.size / 2));
    const victim = older.find(({ state }) => state === 'closed') ?? older[0];
    if (victim === undefined) return;
    this.#byName.delete(victim.name);
    victim.shutdown();
  }
}
