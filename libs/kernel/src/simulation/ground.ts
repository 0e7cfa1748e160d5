/**
 * What every part of a simulated world stands on: one virtual clock, one agenda of steps, one source of chance, one trace.
 * Steps run one at a time in the order of their time, then of their making, so a world is a function of its seed.
 */
import type { Mutant } from './mutants.js';
import type { Random } from './random.js';

interface Step {
  readonly atMs: number;
  readonly order: number;
  run(): void;
}

export interface FaultRates {
  /** After this time nothing fails any more, and the world must come to rest. */
  readonly untilMs: number;
  /** At each step of a process: it dies instead. */
  readonly crash: number;
  readonly sendLost: number;
  readonly ackLost: number;
  readonly sendTwice: number;
  readonly slow: number;
  readonly storeBefore: number;
  readonly storeAfter: number;
  /** A partition changes hands about this often. */
  readonly rebalanceEveryMs: number;
  /** Not a fault: how often a reader in the sender's own process has room for a record. */
  readonly handOver: number;
  /** Each process's clock is off by up to this. */
  readonly skewMs: number;
}

export class Ground {
  now = 0;
  steps = 0;
  readonly lines: string[] = [];
  readonly violations: string[] = [];
  readonly #agenda: Step[] = [];
  #order = 0;

  constructor(
    readonly random: Random,
    readonly rates: FaultRates,
    readonly mutants: ReadonlySet<Mutant>,
    private readonly tracing: boolean,
  ) {}

  /** Chance of a fault: none once the faults are over. */
  fails(rate: number): boolean {
    return this.now < this.rates.untilMs && this.random.chance(rate);
  }

  /** A network or disk delay: mostly short, at times long enough to overtake everything else. */
  delay(): number {
    return this.fails(this.rates.slow) ? this.random.between(100, 6_000) : this.random.between(1, 8);
  }

  has(mutant: Mutant): boolean {
    return this.mutants.has(mutant);
  }

  trace(text: string): void {
    if (this.tracing) this.lines.push(`${this.now} ${text}`);
  }

  violated(rule: string, about: string): void {
    this.violations.push(`${rule}: ${about}`);
    this.trace(`VIOLATED ${rule}: ${about}`);
  }

  later(delayMs: number, run: () => void): void {
    push(this.#agenda, { atMs: this.now + delayMs, order: this.#order++, run });
  }

  /** False when nothing is left to do. */
  step(): boolean {
    const next = pop(this.#agenda);
    if (!next) return false;
    this.now = next.atMs;
    this.steps++;
    next.run();
    return true;
  }
}

const before = (a: Step, b: Step): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

function push(heap: Step[], step: Step): void {
  let at = heap.push(step) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!before(step, heap[parent]!)) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = step;
}

function pop(heap: Step[]): Step | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (!first || !last || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
    if (!before(heap[child]!, last)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
  return first;
}
