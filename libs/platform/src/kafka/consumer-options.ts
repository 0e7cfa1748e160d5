/**
 * What a keyed consumer is told and what it tells: every limit with its default and its sum, and the figures that
 * operators and tests read.
 */
import type { Holds } from '@toolfleet/kernel';
import type { KafkaConnection } from './connection.js';
import type { BusRecord, OutgoingRecord } from './records.js';

export interface Assignment {
  readonly topic: string;
  /** Partitions that start anew here: nothing of them is in hand, state cached for them is stale. */
  readonly gained: readonly number[];
  /** Partitions whose handlers were just aborted; their acknowledgements are dropped. */
  readonly lost: readonly number[];
  /** Partitions whose lanes go on as if nothing had happened. */
  readonly kept: readonly number[];
  /** Counts the group joins of this process, from 1. */
  readonly epoch: number;
}

export interface ConsumerLimits {
  /** Handlers running at once; live-tunable. Default 64. */
  readonly concurrency?: number;
  /** Records of one partition taken and not yet started; at this the partition pauses. Default 512. */
  readonly waitingMax?: number;
  /** Their bytes. Default 4 MiB, 16 fetches of `fetchBytes`. */
  readonly waitingBytesMax?: number;
  /**
   * Records of one partition from the lowest unfinished to the newest taken; at this the partition pauses. It bounds both
   * memory and what a crash repeats. Default 10,000: at 1,000 records/s a 10 s straggler stops nobody.
   */
  readonly gapMax?: number;
  /**
   * Records of one partition that an operator holds; at this the partition pauses, for all tenants. Default 5,000, half of
   * `gapMax`: where others have as many records as who is held, both bounds are met together.
   */
  readonly heldMax?: number;
  /** Their bytes. Default 8 MiB: 5,000 records of 1.6 KiB. */
  readonly heldBytesMax?: number;
  /** Tries of one record that ends in a fault to redo. Default 40: `redoMsMax` is reached first unless tries are quick. */
  readonly attemptsMax?: number;
  /** How long one record is redone after its first failure. Default 5 min. */
  readonly redoMsMax?: number;
  /** How long one handler may run before its signal aborts. Default 15 min, above the longest tool. */
  readonly handlerMsMax?: number;
  /** No progress for so long while there is work: not live. Default 2 min. */
  readonly stalledMsMax?: number;
}

/** What operators say for now, over what is configured. */
export interface ConsumerTuning {
  /** Absent: as configured. */
  readonly concurrency: number | undefined;
  /** What is held of a partition; absent when nothing. */
  readonly holdsOf: (partition: number) => Holds | undefined;
}

export interface GroupTuning {
  /** Default 6 s, the broker's own minimum: a dead member's partitions wait so long. */
  readonly sessionTimeoutMs?: number;
  /** Default 1 s: a rebalance is noticed within this and one fetch wait. */
  readonly heartbeatIntervalMs?: number;
  /** Longest fetch without data, and so the longest a resume or a drain waits for the loop. Default 250 ms. */
  readonly fetchWaitMs?: number;
  /** A fetch waits for so many, as long as `fetchWaitMs` allows. Default 1: whatever is there comes at once. */
  readonly fetchBytesMin?: number;
  /** Most bytes of one partition in one fetch. Default 256 KiB. */
  readonly fetchBytes?: number;
  /** How often finished offsets are committed. Default 500 ms; commits are never on a record's path. */
  readonly commitIntervalMs?: number;
}

export interface DeadLetters {
  readonly topic: string;
  /** A `BusProducer`. Resolves when the bus has the record. */
  readonly producer: { send(record: OutgoingRecord, options?: { readonly mayWaitMs?: number }): Promise<void> };
}

export interface KeyedConsumerOptions {
  readonly connection: KafkaConnection;
  readonly groupId: string;
  readonly topics: readonly string[];
  /** Where a group without a commit starts. Default true: nothing sent before the first start is lost. */
  readonly fromBeginning?: boolean;
  readonly limits?: ConsumerLimits;
  readonly group?: GroupTuning;
  /** Told of each record of the bus when its first try begins. */
  readonly onStarted?: (record: BusRecord, nowMs: number) => void;
  /** What runs in order; records of other lanes run beside. Default: the record's key. */
  readonly laneOf?: (record: BusRecord) => string;
  /** Who shares the concurrency fairly. Default: header `tenant`. */
  readonly tenantOf?: (record: BusRecord) => string;
  /**
   * Asked of a record of the bus when it comes, unless an operator holds it: what is given answers for the record like
   * `finishWhen`, undefined leaves it to the handler. For what needs no order and takes no time, so that a storm of it costs
   * neither a lane nor a place. What it throws the handler is expected to throw again.
   */
  readonly atOnce?: (record: BusRecord) => Promise<unknown> | undefined;
  /** Called before any record of a gained partition is handled; those partitions wait for it. Repeated until it succeeds. */
  readonly onAssignment?: (assignment: Assignment) => void | Promise<void>;
  readonly deadLetters: DeadLetters;
}

export interface PartitionStats {
  readonly topic: string;
  readonly partition: number;
  /** Taken and not yet started. */
  readonly waiting: number;
  readonly waitingBytes: number;
  /** From the lowest unfinished record to the newest taken. */
  readonly gap: number;
  /** How long the lowest unfinished record is in hand; 0 when nothing is. */
  readonly oldestMs: number;
  /** How old the lowest unfinished record is since it was sent; 0 when nothing is in hand. */
  readonly queueAgeMs: number;
  /** Records behind the partition's end, as of the last fetch with data. */
  readonly lag: number;
  readonly inFlight: number;
  /** Of `waiting`, what an operator holds. */
  readonly held: number;
  /** What is held fills the partition: nothing more is taken in, also of tenants that are not held. */
  readonly blocked: boolean;
  /** Takes nothing in, or an operator holds all of it. */
  readonly paused: boolean;
}

export interface TenantAge {
  readonly topic: string;
  readonly tenant: string;
  readonly queueAgeMs: number;
}

export interface ConsumerStats {
  /** Handlers that may run at once now, and what is configured. */
  readonly concurrency: number;
  readonly configuredConcurrency: number;
  /** Above `concurrency` by those that run without a place. */
  readonly inFlight: number;
  readonly waiting: number;
  readonly waitingBytes: number;
  readonly oldestMs: number;
  readonly lag: number;
  readonly finished: number;
  readonly deadLettered: number;
  readonly redone: number;
  readonly partitions: readonly PartitionStats[];
}

export interface ConsumerHealth {
  /** A member of the group, with partitions or not. */
  readonly ready: boolean;
  /** False: a restart of the process is the way on. */
  readonly live: boolean;
  readonly reason: string;
}
