/** The breakers of a process by destination name, bounded in number: the least recently used makes room. */
import { Breaker, type BreakerListener, type BreakerOptions } from './breaker.js';

export interface BreakersOptions extends BreakerOptions {
  /** 1,024: each holds a window of a few hundred bytes. */
  readonly breakersMax?: number;
}

export class Breakers {
  readonly #byName = new Map<string, Breaker>();
  readonly #listeners = new Set<BreakerListener>();
  readonly #makers = new Set<(breaker: Breaker) => void>();
  readonly #options: BreakerOptions;
  readonly #breakersMax: number;

  constructor({ breakersMax = 1_024, ...options }: BreakersOptions = {}) {
    this.#options = options;
    this.#breakersMax = breakersMax;
  }

  /** The same name is the same breaker; options given with a name count when it is made. */
  of(name: string, options?: BreakerOptions): Breaker {
    const known = this.#byName.get(name);
    const breaker = known ?? new Breaker(name, { ...this.#options, ...options }, (change) => this.#tell(change));
    if (known !== undefined) this.#byName.delete(name);
    this.#byName.set(name, breaker);
    if (known === undefined) for (const made of this.#makers) made(breaker);
    if (this.#byName.size > this.#breakersMax) this.#evict();
    return breaker;
  }

  /** Undefined when nobody has called the destination yet. */
  known(name: string): Breaker | undefined {
    return this.#byName.get(name);
  }

  onChange(listener: BreakerListener): void {
    this.#listeners.add(listener);
  }

  /** Called with every new breaker before its first call. */
  onMade(made: (breaker: Breaker) => void): void {
    this.#makers.add(made);
  }

  states(): { readonly name: string; readonly state: Breaker['state'] }[] {
    return [...this.#byName.values()].map(({ name, state }) => ({ name, state }));
  }

  #tell(change: Parameters<BreakerListener>[0]): void {
    for (const listener of this.#listeners) listener(change);
  }

  /** A closed one if there is one in the older half: what an open breaker knows is worth more. Never the newest. */
  #evict(): void {
    const older = [...this.#byName.values()].slice(0, Math.ceil(this.#byName.size / 2));
    const victim = older.find(({ state }) => state === 'closed') ?? older[0];
    if (victim !== undefined) this.#byName.delete(victim.name);
  }
}
