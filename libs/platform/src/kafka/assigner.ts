/**
 * Tells the owner of a consumer which partitions came and went, one call at a time and in order, and opens a gained
 * partition only when that call is through: no record of it is handled before its state is recovered. A call that fails
 * is repeated until it succeeds or a newer assignment replaces it; records wait meanwhile.
 */
import { faultOf } from '@toolfleet/kernel';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaLog } from './connection.js';
import type { Assignment } from './consumer-options.js';
import type { PartitionInHand } from './hand.js';

const repeatMs = { first: 100, max: 5_000 } as const;

export class Assigner {
  #epoch = 0;
  #partitions: readonly PartitionInHand[] = [];
  /** Lost and not yet told: a call that was replaced hands them to the next. */
  #lost: PartitionInHand[] = [];
  #calls: Promise<void> = Promise.resolve();
  readonly #stopping = new AbortController();

  constructor(
    private readonly onAssignment: ((assignment: Assignment) => void | Promise<void>) | undefined,
    private readonly log: KafkaLog,
    private readonly open: (partition: PartitionInHand) => void,
  ) {}

  assigned(epoch: number, partitions: readonly PartitionInHand[], lost: readonly PartitionInHand[]): void {
    this.#epoch = epoch;
    this.#partitions = partitions;
    this.#lost.push(...lost);
    for (const partition of partitions) {
      if (this.onAssignment === undefined) partition.isRecovered = true;
      if (partition.isRecovered && partition.lanes.held) this.open(partition);
    }
    if (this.onAssignment !== undefined) this.#calls = this.#calls.then(() => this.#tell(epoch));
  }

  stop(): void {
    this.#stopping.abort();
  }

  async #tell(epoch: number): Promise<void> {
    const { signal } = this.#stopping;
    for (let attempt = 1; epoch === this.#epoch && !signal.aborted; attempt += 1) {
      const told = this.#lost;
      const current = this.#partitions;
      try {
        // oxlint-disable-next-line no-await-in-loop
        for (const assignment of assignmentsOf(epoch, current, told)) await this.onAssignment?.(assignment);
        this.#lost = this.#lost.filter((partition) => !told.includes(partition));
        for (const partition of current) {
          partition.isRecovered = true;
          if (!partition.isDropped && partition.lanes.held && !signal.aborted) this.open(partition);
        }
        return;
      } catch (error) {
        const { kind, reason } = faultOf(error);
        this.log('warn', 'Gained partitions could not be recovered; their records wait.', {
          epoch,
          attempt,
          kind,
          reason,
        });
        const waitMs = Math.min(repeatMs.max, repeatMs.first * 2 ** Math.min(attempt, 10));
        // oxlint-disable-next-line no-await-in-loop
        await sleep(waitMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}

function assignmentsOf(
  epoch: number,
  partitions: readonly PartitionInHand[],
  lost: readonly PartitionInHand[],
): Assignment[] {
  const numbers = (topic: string, list: readonly PartitionInHand[]) =>
    list.filter((entry) => entry.topic === topic).map((entry) => entry.partition);
  const gained = partitions.filter((partition) => !partition.isRecovered);
  const kept = partitions.filter((partition) => partition.isRecovered);
  const topics = new Set([...partitions, ...lost].map((partition) => partition.topic));
  return Array.from(topics, (topic) => ({
    topic,
    gained: numbers(topic, gained),
    lost: numbers(topic, lost),
    kept: numbers(topic, kept),
    epoch,
  }));
}
