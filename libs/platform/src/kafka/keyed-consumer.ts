/**
 * Serial per key, concurrent across keys. A handler may take a minute (a model call) and must not hold up its partition,
 * so intake and completion are separate: the fetch loop drops records into lanes and goes on, handlers run beside it, and
 * offsets are committed in the background up to the lowest unfinished record. What it promises:
 *
 * - a record is handled at least once, and while its partition stays here never twice at the same time;
 * - records of one lane run one after another, in order; a lane that is slow or failing delays no other lane;
 * - nothing a handler throws reaches the Kafka client (`record-runner.ts` holds the one catch);
 * - what is in hand is bounded per partition, and a full partition pauses: that is the backpressure, and lag shows it.
 *
 * A rebalance moves partitions. Those we keep as the same member go on untouched; everything else is dropped: lanes
 * cleared, handlers aborted, their acknowledgements ignored. A member under a new id keeps nothing, because someone else
 * may have owned its partitions meanwhile.
 *
 *   fetch loop ──▶ tracker + lanes ──▶ handlers ──▶ tracker ──▶ commit, every 500 ms, never awaited by the others
 *        ▲               │ full
 *        └──── pause ◀───┘
 */
import { expired, unreachable } from '@toolfleet/kernel';
import { setTimeout as sleep } from 'node:timers/promises';
import { Assigner } from './assigner.js';
import { logOf } from './connection.js';
import { figuresOf, fillOf, healthOf, limitsOf } from './consumer-figures.js';
import type { ConsumerHealth, ConsumerLimits, ConsumerStats, KeyedConsumerOptions } from './consumer-options.js';
import type { FetchedBatch, GroupMember, Position } from './group-member.js';
import { Hand, PartitionInHand } from './hand.js';
import { kafkajsMember } from './kafkajs-member.js';
import { OffsetCommits } from './offset-commits.js';
import { OperatorPauses } from './operator-pauses.js';
import { RecordRunner } from './record-runner.js';
import type { BusRecord, RecordHandler } from './records.js';

/** A cold broker answers its first join after some seconds; one that takes a minute is not there. */
const startMsMax = 60_000;
const sweepMs = 1_000;

interface DuePosition extends Position {
  readonly from: PartitionInHand;
}

export class KeyedConsumer {
  readonly #limits: Required<ConsumerLimits>;
  readonly #member: GroupMember;
  readonly #runner: RecordRunner;
  readonly #commits: OffsetCommits<DuePosition>;
  readonly #assigner: Assigner;
  readonly #operatorPauses = new OperatorPauses();
  /** By topic and partition; an entry is replaced, never reused, when its partition is lost or starts anew. */
  readonly #partitions = new Map<string, PartitionInHand>();
  #state: 'new' | 'joining' | 'joined' | 'draining' | 'stopped' = 'new';
  #memberId = '';
  #epoch = 0;
  #lastPollAtMs = 0;
  #sweep: NodeJS.Timeout | undefined;
  #drained: Promise<void> | undefined;

  constructor(
    private readonly options: KeyedConsumerOptions,
    handler: RecordHandler,
  ) {
    const { groupId, deadLetters, onAssignment, onStarted, connection, memberOf = kafkajsMember } = options;
    const log = logOf(connection);
    this.#limits = limitsOf(options.limits);
    this.#member = memberOf(options, {
      joined: (memberId, assigned) => this.#joined(memberId, assigned),
      fetched: (batch) => this.#fetched(batch),
      left: () => this.#left(),
      polled: () => (this.#lastPollAtMs = Date.now()),
    });
    this.#commits = new OffsetCommits({
      intervalMs: options.group?.commitIntervalMs ?? 500,
      due: () => this.#due(),
      commit: (positions) => this.#member.commit(positions),
      onCommitted: (positions) => {
        for (const { from, offset } of positions) from.committed = offset;
      },
    });
    const onChange = (from: PartitionInHand, moved: boolean) => {
      if (moved) this.#commits.touch();
      if (from.isFull) this.#regulate(from);
    };
    this.#runner = new RecordRunner({ handler, limits: this.#limits, groupId, deadLetters, log, onStarted, onChange });
    this.#assigner = new Assigner(onAssignment, log, (partition) => {
      this.#runner.lanes.open(partition.lanes);
      this.#runner.startReady();
    });
  }

  get groupId(): string {
    return this.options.groupId;
  }

  /** Resolves once the group is joined. */
  async start(): Promise<void> {
    this.#state = 'joining';
    this.#lastPollAtMs = Date.now();
    this.#sweep = setInterval(() => this.#runner.abortOverdue(), sweepMs);
    const giveUp = new AbortController();
    const late = sleep(startMsMax, false, { signal: giveUp.signal }).catch(() => false);
    const isJoined = await Promise.race([this.#member.start().then(() => true), late]);
    giveUp.abort();
    if (isJoined) return;
    await this.drain(0);
    throw unreachable('GROUP_UNREACHABLE', 'The consumer could not join its group in time.');
  }

  /** Stops intake, finishes what runs by the deadline or aborts it, commits, leaves the group. What waits goes back. */
  drain(deadlineMs: number): Promise<void> {
    this.#drained ??= this.#drain(deadlineMs);
    return this.#drained;
  }

  setConcurrency(concurrency: number): void {
    this.#runner.lanes.limit = Math.max(0, Math.floor(concurrency));
    this.#runner.startReady();
  }

  /** Absent partitions: all of the topic. Survives rebalances until resumed; what is in hand goes on. */
  pause(topic: string, partitions?: readonly number[]): void {
    this.#operatorPauses.pause(topic, partitions);
    this.#applyPauses();
  }

  resume(topic: string, partitions?: readonly number[]): void {
    this.#operatorPauses.resume(topic, partitions);
    this.#applyPauses();
  }

  stats(): ConsumerStats {
    const isPaused = (partition: PartitionInHand) => this.#isPaused(partition);
    const figures = figuresOf(this.#partitions.values(), isPaused);
    return { inFlight: this.#runner.lanes.running, ...this.#runner.counts, ...figures };
  }

  health(): ConsumerHealth {
    return healthOf({
      stats: this.stats(),
      state: this.#state,
      lastPollAtMs: this.#lastPollAtMs,
      lastProgressAtMs: this.#runner.lastProgressAtMs,
      dirtySinceMs: this.#commits.dirtySinceMs,
      stalledMsMax: this.#limits.stalledMsMax,
    });
  }

  #joined(memberId: string, assigned: ReadonlyMap<string, readonly number[]>): readonly Position[] {
    if (this.#drained !== undefined) return [];
    this.#epoch += 1;
    this.#state = 'joined';
    this.#runner.isStarting = true;
    this.#lastPollAtMs = this.#runner.lastProgressAtMs = Date.now();
    const isSameMember = memberId === this.#memberId;
    this.#memberId = memberId;
    const lost: PartitionInHand[] = [];
    for (const [name, partition] of this.#partitions) {
      if (isSameMember && assigned.get(partition.topic)?.includes(partition.partition)) continue;
      this.#drop(partition);
      this.#partitions.delete(name);
      lost.push(partition);
    }
    for (const [topic, partitions] of assigned) {
      for (const partition of partitions) {
        const name = nameOf(topic, partition);
        if (!this.#partitions.has(name)) this.#partitions.set(name, new PartitionInHand(topic, partition));
      }
    }
    this.#assigner.assigned(this.#epoch, [...this.#partitions.values()], lost);
    this.#applyPauses();
    // No seek for kept partitions: the client fetches them again from the committed offset and the tracker recognises
    // what is in hand. A seek that outlives its generation would, a few rebalances later, skip records unseen.
    return [];
  }

  /** Not a member, perhaps for long: what runs may finish, nothing new starts, the next join decides what was lost. */
  #left(): void {
    if (this.#state !== 'joined') return;
    this.#state = 'joining';
    this.#runner.isStarting = false;
  }

  #fetched(batch: FetchedBatch): void {
    let partition = this.#partitions.get(nameOf(batch.topic, batch.partition));
    if (partition === undefined || this.#state !== 'joined') return;
    if (batch.highWatermark < partition.tracker.next) partition = this.#restart(partition);
    const nowMs = Date.now();
    for (const record of batch.records) {
      const hand = this.#handOf(record, partition, nowMs);
      // False for a redelivery of what is in hand or finished: it must not run twice.
      if (partition.tracker.take(hand)) this.#runner.lanes.add(partition.lanes, hand);
    }
    if (partition.committed < 0) partition.committed = partition.tracker.committable;
    partition.tracker.skipTo(batch.nextOffset);
    partition.highWatermark = batch.highWatermark;
    this.#runner.startReady();
    this.#regulate(partition);
  }

  #handOf(record: BusRecord, from: PartitionInHand, nowMs: number): Hand {
    const { laneOf, tenantOf } = this.options;
    try {
      const lane = laneOf === undefined ? record.key : laneOf(record);
      const tenant = tenantOf === undefined ? (record.headers['tenant'] ?? '') : tenantOf(record);
      return new Hand(record, from, lane, tenant, nowMs);
    } catch (error) {
      // A record that cannot even be read for its lane goes the way of every failure: through the one catch.
      const hand = new Hand(record, from, record.key, '', nowMs);
      hand.unreadable = error;
      return hand;
    }
  }

  #drop(partition: PartitionInHand): void {
    partition.isDropped = true;
    this.#runner.lanes.close(partition.lanes);
    const reason = unreachable('PARTITION_LOST', 'The partition moved to another member.');
    for (const hand of partition.tracker.unfinished()) hand.abort(reason);
  }

  /** The log ends below what we took: it was cut or made anew, so what is in hand belongs to a log that is gone. */
  #restart(partition: PartitionInHand): PartitionInHand {
    this.#drop(partition);
    const fresh = new PartitionInHand(partition.topic, partition.partition);
    fresh.lanes.held = partition.lanes.held;
    fresh.isRecovered = partition.isRecovered;
    this.#partitions.set(nameOf(partition.topic, partition.partition), fresh);
    return fresh;
  }

  async #drain(deadlineMs: number): Promise<void> {
    this.#state = 'draining';
    this.#runner.isStarting = false;
    this.#assigner.stop();
    // Paused, not left: while handlers finish we stay a member, so their offsets can still be committed.
    this.#applyPauses();
    await this.#runner.idle(deadlineMs);
    const reason = expired('DRAIN_DEADLINE', 'The consumer is shutting down.');
    for (const { tracker } of this.#partitions.values()) for (const hand of tracker.unfinished()) hand.abort(reason);
    await this.#commits.close();
    for (const partition of this.#partitions.values()) partition.isDropped = true;
    await this.#member.stop();
    clearInterval(this.#sweep);
    this.#state = 'stopped';
  }

  #due(): DuePosition[] {
    const due: DuePosition[] = [];
    for (const from of this.#partitions.values()) {
      const offset = from.tracker.committable;
      if (offset > from.committed) due.push({ topic: from.topic, partition: from.partition, offset, from });
    }
    return due;
  }

  #regulate(partition: PartitionInHand): void {
    const fill = fillOf(partition, this.#limits);
    const isFull = partition.isFull ? fill > 0.5 : fill >= 1;
    if (isFull === partition.isFull) return;
    partition.isFull = isFull;
    this.#applyPauses();
  }

  /** Pauses are derived anew from what should be, never kept as a list of changes: a rebalance cannot lose one. */
  #applyPauses(): void {
    this.#member.setPaused([...this.#partitions.values()].filter((partition) => this.#isPaused(partition)));
  }

  #isPaused({ topic, partition, isFull }: PartitionInHand): boolean {
    return isFull || this.#state === 'draining' || this.#operatorPauses.has(topic, partition);
  }
}

function nameOf(topic: string, partition: number): string {
  return `${topic} ${partition}`;
}
