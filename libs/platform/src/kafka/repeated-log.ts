/**
 * Log lines that come in crowds: the first of a kind at once, the others of the next seconds as one line that says how many
 * they were. A line for each of 140 poison records a second took a hundredth of a core, and hid all other lines.
 */
import type { KafkaLog } from './connection.js';

type Level = Parameters<KafkaLog>[0];

interface Crowd {
  more: number;
  /** Of the newest line that was kept back. */
  facts: object;
}

const quietMs = 10_000;
/** Kinds are topics and reasons, both of a closed list; a mistake in that must not fill the memory. */
const kindsMax = 1_000;

export class RepeatedLog {
  readonly #crowds = new Map<string, Crowd>();

  constructor(
    private readonly log: KafkaLog,
    private readonly forMs: number = quietMs,
  ) {}

  /** `kind`: what lines must share to be counted as one. */
  write(level: Level, message: string, facts: object, kind: string): void {
    const crowd = this.#crowds.get(kind);
    if (crowd !== undefined) {
      crowd.more += 1;
      crowd.facts = facts;
      return;
    }
    this.log(level, message, facts);
    if (this.#crowds.size < kindsMax) this.#watch(level, message, kind);
  }

  #watch(level: Level, message: string, kind: string): void {
    const crowd: Crowd = { more: 0, facts: {} };
    this.#crowds.set(kind, crowd);
    const timer = setTimeout(() => {
      this.#crowds.delete(kind);
      if (crowd.more === 0) return;
      this.log(level, message, { ...crowd.facts, more: crowd.more, inMs: this.forMs });
      this.#watch(level, message, kind);
    }, this.forMs);
    timer.unref();
  }
}
