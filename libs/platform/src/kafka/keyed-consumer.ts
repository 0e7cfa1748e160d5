/**
 * Serial per key, concurrent across keys. A handler may take a minute (a model call) and must not hold up its partition,
 * so intake and completion are separate: the fetch loop drops records into lanes and goes on, handlers run beside it, and
 * offsets are committed in the background up to the lowest unfinished record. What it promises:
 *
 * - a record is handled at least once, and while its partition stays here never twice at the same time;
 * - records of one lane run one after another, in order; a lane that is slow or failing delays no other lane;
 * - what needs neither order nor time is answered when it comes, without a lane (`atOnce`);
 * - nothing a handler throws reaches the Kafka client (`record-runner.ts` holds the one catch);
 * - what is in hand is bounded per partition, and a full partition pauses: that is the backpressure, and lag shows it;
 * - what an operator holds stays in its lanes and lets others of its partition by, until it fills a bound of its own;
 * - a record handed over past the bus is treated like a fetched one, except that no offset stands for it: whoever handed
 *   it over is told when it is finished, or gets it back when this member can no longer finish it.
 *
 * A rebalance moves partitions. Those we keep as the same member go on untouched; everything else is dropped: lanes
 * cleared, handlers aborted, their acknowledgements ignored. A member under a new id keeps nothing, because someone else
 * may have owned its partitions meanwhile.
 *
 *   fetch loop ──▶ tracker + lanes ──▶ handlers ──▶ tracker ──▶ commit, every 500 ms, never awaited by the others
 *        ▲               │ full
 *        └──── pause ◀───┘
 */
import { expired, heldIn, holds, unreachable } from '@toolfleet/kernel';
import { endsWithin } from '../waits.js';
import { Assigner } from './assigner.js';
import { logOf } from './connection.js';
import { figuresOf, fillOf, healthOf, limitsOf, tenantAgesOf } from './consumer-figures.js';
import type {
  ConsumerHealth,
  ConsumerLimits,
  ConsumerStats,
  ConsumerTuning,
  KeyedConsumerOptions,
  TenantAge,
} from './consumer-options.js';
import { driverOf } from './driver.js';
import type { FetchedBatch, GroupMember, Position } from './group-member.js';
import { Hand, PartitionInHand } from './hand.js';
import { OffsetCommits } from './offset-commits.js';
import { RecordRunner } from './record-runner.js';
import type { BusRecord, HandedOver, OutgoingRecord, Reader, RecordHandler } from './records.js';

/** A cold broker answers its first join after some seconds; one that takes a minute is not there. */
const startMsMax = 60_000;
const sweepMs = 1_000;
/** The offset of a record that came past the bus. */
const pastTheBus = -1n;

interface DuePosition extends Position {
  readonly from: PartitionInHand;
}

export class KeyedConsumer {
  readonly #limits: Required<ConsumerLimits>;
  readonly #member: GroupMember;
  readonly #runner: RecordRunner;
  readonly #commits: OffsetCommits<DuePosition>;
  readonly #assigner: Assigner;
  #configured: number;
  #tuning: ConsumerTuning | undefined;
  #placeless = 0;
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
    const { groupId, deadLetters, onAssignment, onStarted, connection } = options;
    const log = logOf(connection);
    this.#limits = limitsOf(options.limits);
    this.#configured = this.#limits.concurrency;
    this.#member = driverOf(connection).memberOf(options, {
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

  get topics(): readonly string[] {
    return this.options.topics;
  }

  /** As the broker names it; empty before the first join. */
  get memberId(): string {
    return this.#memberId;
  }

  /** Resolves once the group is joined. */
  async start(): Promise<void> {
    this.#state = 'joining';
    this.#lastPollAtMs = Date.now();
    this.#sweep = setInterval(() => this.#runner.abortOverdue(), sweepMs);
    if (await endsWithin(this.#member.start(), startMsMax)) return;
    await this.drain(0);
    throw unreachable('GROUP_UNREACHABLE', 'The consumer could not join its group in time.');
  }

  /**
   * Takes a record past the bus, into the same lanes and bounds as a fetched one. False when it must go over the bus: this
   * member may not read it now, or has its hands full. Nobody is told anything then.
   */
  handOver(record: OutgoingRecord, reader: Reader, handedOver: HandedOver): boolean {
    const { topic, key, value, headers = {} } = record;
    const from = this.#takerOf(record, reader);
    if (from === undefined || value === null) return false;
    const nowMs = Date.now();
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    const place = { topic, partition: from.partition, offset: pastTheBus, timestampMs: nowMs };
    const hand = this.#handOf({ ...place, key, value: bytes, headers }, from, nowMs);
    hand.handedOver = handedOver;
    from.handed.add(hand);
    this.#runner.lanes.add(from.lanes, hand);
    this.#runner.startReady();
    this.#regulate(from);
    return true;
  }

  /** Whether a record of the tenant there would be worked on, rather than wait for an operator or another member. */
  worksOn(topic: string, partition: number, tenant: string): boolean {
    const own = this.#partitions.get(nameOf(topic, partition));
    return own !== undefined && this.#worksOn(own, tenant);
  }

  /** Stops intake, finishes what runs by the deadline or aborts it, commits, leaves the group. What waits goes back. */
  drain(deadlineMs: number): Promise<void> {
    this.#drained ??= this.#drain(deadlineMs);
    return this.#drained;
  }

  /** Handlers that may run at once, beside those without a place: what an operator says, or what is configured. */
  get concurrency(): number {
    return this.#tuning?.concurrency ?? this.#configured;
  }

  /** What is configured; it counts while no operator says otherwise. */
  setConcurrency(concurrency: number): void {
    this.#configured = Math.max(0, Math.floor(concurrency));
    this.#applyConcurrency();
  }

  /** So many more of the handlers that run give their place to others, or fewer; whoever says how many may run. */
  changePlaceless(change: number): void {
    this.#placeless += change;
    this.#applyConcurrency();
  }

  /** Replaces what operators said before; absent: as configured. Survives rebalances; what runs goes on. */
  tune(tuning: ConsumerTuning | undefined): void {
    this.#tuning = tuning;
    this.#applyTuning();
  }

  stats(): ConsumerStats {
    const isPaused = (partition: PartitionInHand) => this.#isPaused(partition);
    const figures = figuresOf(this.#partitions.values(), isPaused);
    const { running: inFlight } = this.#runner.lanes;
    const { concurrency } = this;
    return { concurrency, configuredConcurrency: this.#configured, inFlight, ...this.#runner.counts, ...figures };
  }

  /** Looks at every record in hand: for a scrape, not for a probe. */
  tenantAges(isKnown: (tenant: string) => boolean): TenantAge[] {
    return tenantAgesOf(this.#partitions.values(), isKnown);
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
        if (!this.#partitions.has(name)) this.#partitions.set(name, this.#newPartition(topic, partition));
      }
    }
    this.#assigner.assigned(this.#epoch, [...this.#partitions.values()], lost);
    this.#applyPauses();
    // No seek for kept partitions: the client fetches them again from the committed offset and the tracker recognises
    // what is in hand. A seek that outlives its generation would, a few rebalances later, skip records unseen.
    return [];
  }

  #takerOf({ topic, partition = -1 }: OutgoingRecord, reader: Reader): PartitionInHand | undefined {
    const takes = (one: PartitionInHand | undefined) => one !== undefined && !one.isFull && !one.lanes.held;
    if (this.#state !== 'joined') return undefined;
    const own = this.#partitions.get(nameOf(topic, partition));
    if (takes(own) || reader === 'owner') return takes(own) ? own : undefined;
    for (const one of this.#partitions.values()) if (one.topic === topic && takes(one)) return one;
    return undefined;
  }

  #newPartition(topic: string, partition: number): PartitionInHand {
    const fresh = new PartitionInHand(topic, partition);
    fresh.lanes.holds = this.#tuning?.holdsOf(partition);
    return fresh;
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
      if (!partition.tracker.take(hand)) continue;
      const done = this.#atOnce(hand);
      if (done === undefined) this.#runner.lanes.add(partition.lanes, hand);
      else this.#runner.finishWhen(hand, done);
    }
    if (partition.committed < 0) partition.committed = partition.tracker.committable;
    partition.tracker.skipTo(batch.nextOffset);
    partition.highWatermark = batch.highWatermark;
    this.#runner.startReady();
    this.#regulate(partition);
  }

  #atOnce({ record, from, tenant, unreadable }: Hand): Promise<unknown> | undefined {
    const { atOnce } = this.options;
    if (atOnce === undefined || unreadable !== undefined || !this.#worksOn(from, tenant)) return undefined;
    try {
      return atOnce(record);
    } catch {
      return undefined;
    }
  }

  #worksOn({ lanes }: PartitionInHand, tenant: string): boolean {
    if (this.#state !== 'joined' || lanes.held || this.#runner.lanes.limit === 0) return false;
    return lanes.holds === undefined || !holds(lanes.holds, tenant);
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
    for (const hand of partition.unfinished()) hand.abort(reason);
    partition.giveBack('all');
  }

  /** The log ends below what we took: it was cut or made anew, so what is in hand belongs to a log that is gone. */
  #restart(partition: PartitionInHand): PartitionInHand {
    this.#drop(partition);
    const fresh = this.#newPartition(partition.topic, partition.partition);
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
    const partitions = [...this.#partitions.values()];
    for (const partition of partitions) partition.giveBack('not begun');
    await this.#runner.idle(deadlineMs);
    const reason = expired('DRAIN_DEADLINE', 'The consumer is shutting down.');
    for (const partition of partitions) {
      for (const hand of partition.unfinished()) hand.abort(reason);
      partition.giveBack('all');
    }
    await this.#commits.close();
    for (const partition of partitions) partition.isDropped = true;
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

  #applyConcurrency(): void {
    const { concurrency } = this;
    this.#runner.lanes.limit = concurrency === 0 ? 0 : concurrency + this.#placeless;
    this.#runner.startReady();
  }

  #applyTuning(): void {
    const { lanes } = this.#runner;
    for (const partition of this.#partitions.values()) {
      lanes.hold(partition.lanes, this.#tuning?.holdsOf(partition.partition));
      this.#regulate(partition);
    }
    this.#applyConcurrency();
  }

  #regulate(partition: PartitionInHand): void {
    const fill = fillOf(partition, this.#limits);
    const isFull = partition.isFull ? fill > 0.5 : fill >= 1;
    if (isFull === partition.isFull) return;
    partition.isFull = isFull;
    const held = isFull ? heldIn(partition.lanes).records : 0;
    if (held > 0) {
      const where = { topic: partition.topic, partition: partition.partition, held };
      logOf(this.options.connection)('warn', 'Held records fill their partition: it holds up every tenant.', where);
    }
    this.#applyPauses();
  }

  /** Pauses are derived anew from what should be, never kept as a list of changes: a rebalance cannot lose one. */
  #applyPauses(): void {
    this.#member.setPaused([...this.#partitions.values()].filter((partition) => this.#takesNothing(partition)));
  }

  #takesNothing({ isFull }: PartitionInHand): boolean {
    return isFull || this.#state === 'draining';
  }

  /** All of it is held, with no tenant as an exception. */
  #isPaused(partition: PartitionInHand): boolean {
    const { holds } = partition.lanes;
    return this.#takesNothing(partition) || (holds !== undefined && holds.all && holds.except.size === 0);
  }
}

function nameOf(topic: string, partition: number): string {
  return `${topic} ${partition}`;
}
