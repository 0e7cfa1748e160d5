/** What operators paused, by topic: all partitions or some. Pure, and independent of what is assigned at the moment. */
export class OperatorPauses {
  readonly #topics = new Map<string, { readonly all: boolean; readonly exceptions: Set<number> }>();

  has(topic: string, partition: number): boolean {
    const entry = this.#topics.get(topic);
    return entry !== undefined && entry.all !== entry.exceptions.has(partition);
  }

  /** Absent partitions: all of the topic. */
  pause(topic: string, partitions?: readonly number[]): void {
    this.#set(topic, true, partitions);
  }

  resume(topic: string, partitions?: readonly number[]): void {
    this.#set(topic, false, partitions);
  }

  #set(topic: string, paused: boolean, partitions: readonly number[] | undefined): void {
    if (partitions === undefined) {
      this.#topics.set(topic, { all: paused, exceptions: new Set() });
      return;
    }
    const { all, exceptions } = this.#topics.get(topic) ?? { all: false, exceptions: new Set<number>() };
    for (const partition of partitions) {
      if (paused === all) exceptions.delete(partition);
      else exceptions.add(partition);
    }
    this.#topics.set(topic, { all, exceptions });
  }
}
