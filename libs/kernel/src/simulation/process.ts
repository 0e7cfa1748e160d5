/**
 * A process of the world. Everything it does is a step that dies with it: between any two of its steps it may crash, and
 * what it had in memory is gone. Its clock may be wrong.
 */
import type { Ground } from './ground.js';

export abstract class Process {
  alive = true;
  readonly skewMs: number;
  #life = 0;
  readonly #watchers: (() => void)[] = [];
  /** Roles of one process die together, and may hand one another records past the bus. */
  readonly #mates = new Set<Process>();
  /** Roles of other processes of the host, which may be handed records as well and die on their own. */
  readonly #neighbours = new Set<Process>();

  constructor(
    readonly name: string,
    protected readonly ground: Ground,
    private readonly mortal: boolean,
  ) {
    const { skewMs } = ground.rates;
    this.skewMs = mortal ? ground.random.between(-skewMs, skewMs) : 0;
  }

  /** Forgets everything that was only in memory. */
  protected abstract forget(): void;

  now(): number {
    return this.ground.now + this.skewMs;
  }

  later(delayMs: number, step: () => void): void {
    const life = this.#life;
    this.ground.later(delayMs, () => {
      if (!this.alive || this.#life !== life) return;
      if (this.mortal && this.ground.fails(this.ground.rates.crash)) this.crash();
      else step();
    });
  }

  isMateOf(other: Process): boolean {
    return this.#mates.has(other);
  }

  static together(...roles: readonly Process[]): void {
    for (const role of roles) for (const mate of roles) if (mate !== role) role.#mates.add(mate);
  }

  isOnHostOf(other: Process): boolean {
    return this.#mates.has(other) || this.#neighbours.has(other);
  }

  static beside(...processes: readonly Process[]): void {
    for (const one of processes) for (const other of processes) if (other !== one) one.#neighbours.add(other);
  }

  onCrash(watcher: () => void): void {
    this.#watchers.push(watcher);
  }

  crash(): void {
    this.ground.trace(`${this.name} crashes`);
    this.alive = false;
    this.#life++;
    this.forget();
    for (const watcher of this.#watchers) watcher();
    for (const mate of this.#mates) if (mate.alive) mate.crash();
    this.ground.later(this.ground.random.between(200, 5_000), () => {
      this.alive = true;
      this.ground.trace(`${this.name} is back`);
    });
  }
}
