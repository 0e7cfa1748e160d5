/**
 * The port between the keyed consumer and the Kafka client: membership of a consumer group, batches as they are fetched,
 * commits and pauses. The keyed consumer knows no client library, so another client is another implementation of this.
 */
import type { KafkaConnection } from './connection.js';
import type { GroupTuning } from './consumer-options.js';
import type { BusRecord } from './records.js';

export interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export interface FetchedBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly BusRecord[];
  /** The first offset after this batch, holes included. */
  readonly nextOffset: number;
  /** The partition's end when it was fetched. */
  readonly highWatermark: number;
}

/** All are called synchronously and never throw: nothing of ours may reach the client's own retry and crash logic. */
export interface MemberEvents {
  /**
   * After each join, before any batch of it. Returns where to read from instead of the committed offset;
   * only for groups of one member, since a position must not outlive its generation.
   */
  joined(memberId: string, assigned: ReadonlyMap<string, readonly number[]>): readonly Position[];
  fetched(batch: FetchedBatch): void;
  /** No longer a member; a rebuild is under way and ends in `joined`. */
  left(): void;
  /** The fetch loop went round, with data or without. */
  polled(): void;
}

export interface GroupMember {
  /** Resolves at the first join; goes on trying until `stop`. */
  start(): Promise<void>;
  /** One try, in the generation of the call: an implementation must not carry it over into a later one. */
  commit(positions: readonly Position[]): Promise<void>;
  /** The complete list of paused partitions: all others flow. */
  setPaused(paused: readonly Omit<Position, 'offset'>[]): void;
  /** Leaves the group, so that its partitions move at once instead of after the session timeout. */
  stop(): Promise<void>;
}

export interface MemberOptions {
  readonly connection: KafkaConnection;
  readonly groupId: string;
  readonly topics: readonly string[];
  /** Where a group without a commit starts. Default true. */
  readonly fromBeginning?: boolean;
  readonly group?: GroupTuning;
}

/** Makes a member that joins on `start`. */
export type MemberFactory = (options: MemberOptions, events: MemberEvents) => GroupMember;
