/**
 * The replicas of one role as a consumer group: each owns partitions, takes records into the fleet's own lanes and has one
 * core. A record is in hand until it is acknowledged; when its partition is lost, it is delivered again to the next owner.
 */
import { broken } from '../fault.js';
import { LaneGroup, Lanes } from '../tenancy/lanes.js';
import type { PoolPlan } from './traffic.js';
import type { Work } from './work.js';

export class Replica {
  lanes: Lanes<Work>;
  cpuFreeAtMs = 0;
  alive = true;
  /** Model calls under way, and those that wait for a place; first come, first served, as the model client's gate. */
  asking = 0;
  gate: { readonly work: Work; readonly run: number }[] = [];
  gateHead = 0;

  constructor(
    readonly index: number,
    readonly plan: PoolPlan,
  ) {
    this.lanes = new Lanes({ limit: plan.concurrency });
  }

  /** When a core that works first come, first served is through with `cpuMs` more; waits count from `now`. */
  cpu(now: number, cpuMs: number): number {
    this.cpuFreeAtMs = Math.max(now, this.cpuFreeAtMs) + cpuMs;
    return this.cpuFreeAtMs;
  }
}

class Partition {
  owner: Replica | undefined;
  group = new LaneGroup<Work>();
  /** Not acknowledged, in the order of the topic. */
  readonly open = new Set<Work>();
  /** Not taken in yet: the partition is paused, or nobody owns it. */
  log: Work[] = [];
  logHead = 0;
}

export class Pool {
  readonly replicas: Replica[];
  readonly #partitions: Partition[];

  constructor(
    readonly role: string,
    readonly plan: PoolPlan,
    partitions: number,
    private readonly waitingMax: number,
    /** Told of a replica that may have something to start. */
    private readonly onReady: (pool: Pool, replica: Replica) => void,
  ) {
    this.replicas = Array.from({ length: plan.replicas }, (_, index) => new Replica(index, plan));
    this.#partitions = Array.from({ length: partitions }, () => new Partition());
    for (const [at, partition] of this.#partitions.entries()) partition.owner = this.replicas[at % plan.replicas];
  }

  ownerOf(partition: number): Replica | undefined {
    return this.#partitions[partition]!.owner;
  }

  offer(work: Work): void {
    const partition = this.#partitions[work.partition]!;
    work.state = 'queued';
    partition.open.add(work);
    if (!partition.owner) work.session.struck = true;
    this.#takeIn(partition, work);
    if (partition.owner) this.onReady(this, partition.owner);
  }

  /** The next record that this replica may start. */
  take(replica: Replica): Work | undefined {
    const work = replica.lanes.take();
    if (work) this.#refill(this.#partitions[work.partition]!);
    return work;
  }

  /** The lane goes on; the record stays in hand until it is acknowledged. */
  release(replica: Replica, work: Work): void {
    replica.lanes.release(this.#partitions[work.partition]!.group, work);
  }

  acknowledge(work: Work): void {
    work.state = 'done';
    this.#partitions[work.partition]!.open.delete(work);
  }

  /** All die at once. Their partitions have no owner until `takeOver`. */
  kill(count: number, now: number): Replica[] {
    const dead = this.replicas.filter((replica) => replica.alive).slice(0, count);
    for (const replica of dead) replica.alive = false;
    for (const partition of this.#partitions) {
      if (partition.owner && !partition.owner.alive) this.#lose(partition, now);
    }
    return dead;
  }

  /** Partitions without an owner go to the living ones that own least. */
  takeOver(): void {
    const alive = this.#owned();
    if (alive.size === 0) return;
    for (const partition of this.#partitions) if (!partition.owner) this.#give(partition, least(alive), alive);
  }

  /** The replica is back, empty, and gets its part of the partitions. */
  revive(replica: Replica, now: number): void {
    replica.alive = true;
    replica.lanes = new Lanes({ limit: replica.plan.concurrency });
    replica.asking = 0;
    replica.gate = [];
    replica.gateHead = 0;
    this.takeOver();
    const owned = this.#owned();
    const fair = Math.floor(this.#partitions.length / owned.size);
    for (const partition of this.#partitions) {
      if (owned.get(replica)! >= fair) break;
      const { owner } = partition;
      if (!owner || owner === replica || owned.get(owner)! <= fair) continue;
      owned.set(owner, owned.get(owner)! - 1);
      this.#lose(partition, now);
      this.#give(partition, replica, owned);
      this.onReady(this, owner);
    }
  }

  /** Age of the oldest record that has not been started. */
  oldestMs(partition: number, now: number): number {
    for (const work of this.#partitions[partition]!.open) if (work.state === 'queued') return now - work.sinceMs;
    return 0;
  }

  #owned(): Map<Replica, number> {
    const owned = new Map(this.replicas.filter(({ alive }) => alive).map((replica) => [replica, 0]));
    for (const { owner } of this.#partitions) if (owner) owned.set(owner, (owned.get(owner) ?? 0) + 1);
    return owned;
  }

  #give(partition: Partition, owner: Replica, owned: Map<Replica, number>): void {
    owned.set(owner, owned.get(owner)! + 1);
    partition.owner = owner;
    partition.group = new LaneGroup<Work>();
    this.#refill(partition);
    this.onReady(this, owner);
  }

  /** Everything in hand goes back to the log in its order; the handlers of an owner that lives are aborted. */
  #lose(partition: Partition, now: number): void {
    const { owner } = partition;
    if (!owner) throw broken('PARTITION_UNOWNED', 'Only a partition that is owned can be lost.');
    owner.lanes.close(partition.group);
    partition.owner = undefined;
    for (const work of partition.open) {
      if (work.state === 'running') owner.lanes.park(partition.group);
      if (work.state === 'asking') owner.asking--;
      if (work.state !== 'queued') {
        // What was begun in vain was waited for in vain.
        work.waitedMs += now - work.sinceMs;
        work.sinceMs = now;
      }
      work.session.struck = true;
      work.state = 'queued';
      work.run++;
    }
    partition.log = [...partition.open];
    partition.logHead = 0;
  }

  #takeIn(partition: Partition, work: Work): void {
    const isFull = partition.group.waiting >= this.waitingMax || partition.logHead < partition.log.length;
    if (partition.owner && !isFull) partition.owner.lanes.add(partition.group, work);
    else partition.log.push(work);
  }

  /** A paused partition flows again when half of what was taken in has gone. */
  #refill(partition: Partition): void {
    if (!partition.owner || partition.logHead === partition.log.length) return;
    if (partition.group.waiting > this.waitingMax / 2) return;
    while (partition.logHead < partition.log.length && partition.group.waiting < this.waitingMax) {
      partition.owner.lanes.add(partition.group, partition.log[partition.logHead++]!);
    }
    if (partition.logHead === partition.log.length) {
      partition.log = [];
      partition.logHead = 0;
    }
  }
}

function least(owned: ReadonlyMap<Replica, number>): Replica {
  let best: Replica | undefined;
  for (const [replica, count] of owned) if (!best || count < owned.get(best)!) best = replica;
  return best!;
}
