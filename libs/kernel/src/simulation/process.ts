/**
 * A process of the world. Everything it does is a step that dies with it: between any two of its steps it may crash, and
 * what it had in memory is gone. Its clock may be wrong.
 */
import type { Ground } from './ground.js';

/** Of the same process, or of another one of the host. */
export type HostRelation = 'mate' | 'neighbour';

export abstract class Process {
  alive = true;
  readonly skewMs: number;
  #life = 0;
  readonly #watchers: (() => void)[] = [];
  /** Roles of the same host may hand one another records past the bus. Mates are of one process and die together. */
  readonly #onHost = new Map<Process, HostRelation>();

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
    return this.#onHost.get(other) === 'mate';
  }

  isOnHostOf(other: Process): boolean {
    return this.#onHost.has(other);
  }

  static onOneHost(relation: HostRelation, ...roles: readonly Process[]): void {
    for (const one of roles) for (const other of roles) if (other !== one) one.#onHost.set(other, relation);
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
    for (const [other, relation] of this.#onHost) if (relation === 'mate' && other.alive) other.crash();
    this.ground.later(this.ground.random.between(200, 5_000), () => {
      this.alive = true;
      this.ground.trace(`${this.name} is back`);
    });
  }
}
