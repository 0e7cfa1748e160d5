/**
 * Which records of one partition are in hand and how far the group may commit: up to the lowest unfinished record and
 * never beyond, whatever order they finish in. Pure; one per assignment of a partition.
 */
export interface Tracked {
  readonly offset: number;
  readonly takenAtMs: number;
  /** Its place among all that this tracker has taken; the tracker's own. */
  place: number;
}

/** The finished prefix is cut off the list only now and then, so that finishing stays O(1). */
const compactAfter = 1_024;

export class OffsetTracker<T extends Tracked> {
  /** A finished record is let go at once: its value may be a slice of all that was fetched with it. */
  #taken: (T | undefined)[] = [];
  /** Places that were cut off the list. */
  #cut = 0;
  /** Index of the lowest unfinished record; all before it are finished. */
  #head = 0;
  #next = -1;

  /** The offset expected next; -1 before the first record. Everything below it is in hand or finished. */
  get next(): number {
    return this.#next;
  }

  /** Where the group may commit to; -1 before the first record. */
  get committable(): number {
    return this.oldest?.offset ?? this.#next;
  }

  /** Records from the lowest unfinished to the newest taken: what a crash right now would repeat. */
  get gap(): number {
    return this.#taken.length - this.#head;
  }

  get oldest(): T | undefined {
    return this.#taken[this.#head];
  }

  /** False when the record was taken before: a redelivery that must not run twice. */
  take(record: T): boolean {
    if (record.offset < this.#next) return false;
    record.place = this.#cut + this.#taken.push(record) - 1;
    this.#next = record.offset + 1;
    return true;
  }

  /** Offsets below `next` that did not come never will: compaction and control records leave holes. */
  skipTo(next: number): void {
    if (next > this.#next) this.#next = next;
  }

  /** True when the committable offset moved. */
  finish(record: T): boolean {
    const index = record.place - this.#cut;
    if (this.#taken[index] !== record) return false;
    this.#taken[index] = undefined;
    if (index !== this.#head) return false;
    while (this.#head < this.#taken.length && this.#taken[this.#head] === undefined) this.#head += 1;
    if (this.#head >= compactAfter && this.#head * 2 >= this.#taken.length) {
      this.#taken = this.#taken.slice(this.#head);
      this.#cut += this.#head;
      this.#head = 0;
    }
    return true;
  }

  *unfinished(): Generator<T> {
    for (let index = this.#head; index < this.#taken.length; index += 1) {
      const record = this.#taken[index];
      if (record !== undefined) yield record;
    }
  }
}
