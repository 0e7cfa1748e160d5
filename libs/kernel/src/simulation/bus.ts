/**
 * A topic and the one group that reads it, after Kafka: order within a partition, at least once, a committed offset up to
 * the lowest unfinished record, and members that learn late that a partition is no longer theirs.
 */
import type { Placement } from '../tenancy/placement.js';
import { spanOf } from '../tenancy/placement.js';
import type { Ground } from './ground.js';
import { Process } from './process.js';

export interface Placed {
  readonly tenant: string;
  /** Session or conflict key: decides the partition. */
  readonly key: string;
}

export abstract class Member<T> extends Process {
  /** `finish(false)` asks for the record again. */
  abstract handle(body: T, partition: number, finish: (ok: boolean) => void): void;
  abstract assigned(partition: number): void;
  abstract revoked(partition: number): void;
}

export interface SendOptions {
  readonly sent?: (() => void) | undefined;
  readonly partition?: number | undefined;
  /** Present: a reader on the sender's host may take it past the bus, and this says when it counts as sent. */
  readonly until?: 'finished' | 'taken';
  readonly reader?: 'owner' | 'anyone';
}

/** What came past the bus; it lives in the memory of its reader's process. */
interface Handed<T> {
  readonly body: T;
  readonly finished: () => void;
  readonly givenBack: () => void;
  /** The connection to the sender has ended: only between neighbours. */
  readonly cut?: () => void;
}

/** One member's hold on one partition. The broker may have ended it (`valid`) before the member knows (`believed`). */
interface Lease<T> {
  readonly member: Member<T>;
  readonly partition: number;
  readonly unfinished: Set<number>;
  readonly handed: Set<Handed<T>>;
  position: number;
  valid: boolean;
  believed: boolean;
  pumping: boolean;
}

export class Topic<T extends Placed> {
  readonly #logs: T[][];
  readonly #committed: number[];
  readonly #held: (Lease<T> | undefined)[];
  /** Includes those that the broker has ended. */
  readonly #leases = new Set<Lease<T>>();

  constructor(
    private readonly ground: Ground,
    readonly name: string,
    private readonly placement: Placement,
    private readonly members: readonly Member<T>[],
  ) {
    const partitions = Array.from({ length: placement.partitions }, (_, index) => index);
    this.#logs = partitions.map(() => []);
    this.#committed = partitions.map(() => 0);
    this.#held = partitions.map(() => undefined);
    for (const member of members) member.onCrash(() => this.#crashed(member));
    for (const partition of partitions) this.#assign(partition, members[partition % members.length]!);
  }

  /** Hands over what may be, and else sends it. */
  send(from: Process, body: T, options: SendOptions = {}): void {
    const { sent = () => undefined, partition = this.#placeOf(body), until, reader = 'owner' } = options;
    const taker = until && this.#takerOf(from, reader === 'owner' ? partition : undefined);
    if (!taker) return this.#sendOverBus(from, body, sent, partition);
    const isFinished = until === 'finished';
    const tell = isFinished ? sent : (): void => undefined;
    const toBus = (): void => from.later(0, () => this.#sendOverBus(from, body, tell, partition));
    const handed = taker.member.isMateOf(from)
      ? { body, finished: tell, givenBack: toBus }
      : this.#handedTo(from, { body, finished: () => from.later(this.ground.delay(), tell), givenBack: toBus });
    taker.handed.add(handed);
    taker.member.later(handed.cut ? this.ground.delay() : 0, () => this.#deliverHanded(taker, handed));
    if (!isFinished) from.later(0, sent);
  }

  /** The sender hears one end of it: the reader's, or that of the connection, which may come at any time. */
  #handedTo(from: Process, { body, finished, givenBack }: Handed<T>): Handed<T> {
    const { ground } = this;
    let isHeard = false;
    const once = (hear: () => void) => (): void => {
      if (isHeard) return;
      isHeard = true;
      hear();
    };
    const lost = once(givenBack);
    const told = once(finished);
    const isCut = ground.fails(ground.rates.sendLost);
    if (isCut) from.later(ground.delay(), lost);
    const cut = ground.has('neighbourForgotten') ? (): void => undefined : lost;
    return { body, finished: told, givenBack: lost, cut };
  }

  #takerOf(from: Process, partition: number | undefined): Lease<T> | undefined {
    if (!this.ground.random.chance(this.ground.rates.handOver)) return undefined;
    const isTaker = ({ believed, member, partition: own }: Lease<T>): boolean =>
      believed && member.alive && member.isOnHostOf(from) && (partition === undefined || own === partition);
    const takers = [...this.#leases].filter(isTaker);
    return takers.find(({ member }) => member.isMateOf(from)) ?? takers[0];
  }

  #deliverHanded(lease: Lease<T>, handed: Handed<T>): void {
    if (!lease.handed.has(handed)) return;
    lease.member.handle(handed.body, lease.partition, (ok) => {
      if (!ok) return lease.member.later(this.ground.random.between(50, 500), () => this.#deliverHanded(lease, handed));
      if (lease.handed.delete(handed)) handed.finished();
    });
  }

  /** Sends until the bus has said that it has it; what was said to be lost may have arrived. */
  #sendOverBus(from: Process, body: T, sent: () => void, partition: number): void {
    const { ground } = this;
    const arrives = !ground.fails(ground.rates.sendLost);
    const known = arrives && !ground.fails(ground.rates.ackLost);
    const delayMs = ground.delay();
    ground.later(delayMs, () => {
      if (arrives) this.#append(partition, body);
      if (arrives && ground.fails(ground.rates.sendTwice)) this.#append(partition, body);
    });
    from.later(delayMs + ground.delay(), known ? sent : () => this.#sendOverBus(from, body, sent, partition));
  }

  /** Moves a partition to another member; the old one goes on until it hears of it. */
  rebalance(): void {
    const partition = this.ground.random.between(0, this.#logs.length - 1);
    const lease = this.#held[partition];
    const others = this.members.filter((member) => member.alive && member !== lease?.member);
    if (!lease || others.length === 0) return;
    lease.valid = false;
    const hearsAfterMs = this.ground.random.pick([0, 50, 3_000]);
    if (hearsAfterMs === 0) this.#end(lease);
    else lease.member.later(hearsAfterMs, () => this.#end(lease));
    // The worst zombie is one that still gets something done and then dies.
    const { crash } = this.ground.rates;
    if (crash > 0 && this.ground.random.chance(0.2)) {
      lease.member.later(this.ground.random.between(1, 3_000), () => lease.member.crash());
    }
    this.#assign(partition, this.ground.random.pick(others));
  }

  /** Partitions with records that nobody has finished. */
  get behind(): string[] {
    return this.#logs.flatMap((log, partition) =>
      this.#committed[partition]! < log.length ? [`${this.name}/${partition}`] : [],
    );
  }

  #placeOf({ tenant, key }: T): number {
    return this.placement.partitionOf(tenant, key);
  }

  #append(partition: number, body: T): void {
    const { partitions, spanWidth } = this.placement;
    if (!spanOf(body.tenant, partitions, spanWidth).includes(partition)) {
      this.ground.violated('no record outside its tenant’s span', `${body.key} on ${this.name}/${partition}`);
    }
    this.#logs[partition]!.push(body);
    for (const lease of this.#leases) if (lease.partition === partition) this.#pump(lease);
  }

  #assign(partition: number, member: Member<T>): void {
    this.ground.trace(`${this.name}/${partition} is ${member.name}'s`);
    const position = this.#committed[partition]!;
    // A member that gets back what it has not heard it lost starts anew as well.
    for (const lease of this.#leases) {
      if (lease.partition === partition && lease.member === member) this.#end(lease);
    }
    const inHand = { unfinished: new Set<number>(), handed: new Set<Handed<T>>() };
    const lease = { member, partition, position, ...inHand, valid: true, believed: true, pumping: false };
    this.#held[partition] = lease;
    this.#leases.add(lease);
    member.assigned(partition);
    this.#pump(lease);
  }

  #end(lease: Lease<T>): void {
    this.#leases.delete(lease);
    if (!lease.believed) return;
    lease.believed = false;
    lease.member.revoked(lease.partition);
    const handed = [...lease.handed];
    lease.handed.clear();
    if (!this.ground.has('neverGivenBack')) for (const { givenBack } of handed) givenBack();
  }

  #crashed(member: Member<T>): void {
    for (const lease of this.#leases) {
      if (lease.member !== member) continue;
      lease.believed = false;
      this.#leases.delete(lease);
      for (const { cut } of lease.handed) cut?.();
      if (lease.valid) this.ground.later(this.ground.random.between(500, 8_000), () => this.#takeAway(lease));
    }
  }

  /** The broker has missed the member's heartbeats. */
  #takeAway(lease: Lease<T>): void {
    if (!lease.valid) return;
    const alive = this.members.filter((member) => member.alive);
    if (alive.length === 0) return this.ground.later(500, () => this.#takeAway(lease));
    lease.valid = false;
    this.#assign(lease.partition, this.ground.random.pick(alive));
  }

  /** Hands over one record after another; the next does not wait for the end of the one before. */
  #pump(lease: Lease<T>): void {
    const log = this.#logs[lease.partition]!;
    if (lease.pumping || lease.position >= log.length) return;
    lease.pumping = true;
    lease.member.later(this.ground.delay(), () => {
      lease.pumping = false;
      if (!lease.believed) return;
      const offset = lease.position++;
      lease.unfinished.add(offset);
      this.#deliver(lease, offset);
      this.#pump(lease);
    });
  }

  #deliver(lease: Lease<T>, offset: number): void {
    if (!lease.believed) return;
    lease.member.handle(this.#logs[lease.partition]![offset]!, lease.partition, (ok) => {
      if (!ok) return lease.member.later(this.ground.random.between(50, 500), () => this.#deliver(lease, offset));
      lease.unfinished.delete(offset);
      lease.member.later(this.ground.delay(), () => this.#commit(lease));
    });
  }

  /** A member that lost the partition is refused by its generation. */
  #commit(lease: Lease<T>): void {
    if (!lease.valid) return;
    const safe = this.ground.has('ackHighest') ? lease.position : Math.min(lease.position, ...lease.unfinished);
    this.#committed[lease.partition] = Math.max(this.#committed[lease.partition]!, safe);
  }
}
