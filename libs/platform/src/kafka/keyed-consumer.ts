/** Serial per key, concurrent across keys. */
import type { ConsumerHealth, ConsumerStats, KeyedConsumerOptions } from './consumer-options.js';
import type { RecordHandler } from './records.js';

/** The signatures others build on; the body follows. */
export declare class KeyedConsumer {
  constructor(options: KeyedConsumerOptions, handler: RecordHandler);
  readonly groupId: string;
  /** Resolves once the group is joined. */
  start(): Promise<void>;
  /** Stops intake, finishes or aborts what is in hand by the deadline, commits, leaves the group. */
  drain(deadlineMs: number): Promise<void>;
  setConcurrency(concurrency: number): void;
  /** Absent partitions: all of the topic. Survives rebalances until resumed. */
  pause(topic: string, partitions?: readonly number[]): void;
  resume(topic: string, partitions?: readonly number[]): void;
  stats(): ConsumerStats;
  health(): ConsumerHealth;
}
