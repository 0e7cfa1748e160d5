/**
 * Decides which record runs next: serial within a lane (a key of a partition), concurrent across lanes, fair across
 * tenants by deficit round robin, never more at once than the limit. Pure: no clock, no I/O; a few hundred nanoseconds a
 * record.
 *
 *   add ──▶ waiting ──take──▶ running ──release──▶ gone          the lane is free again
 *              ▲                 │
 *              └─────return──────┴──park──▶ parked               the lane stays taken, the slot is free
 *
 * Records that an operator holds wait in their lanes; the lanes stand in no line meanwhile and so cost the others nothing.
 */
import { TransientMap } from '../transient.js';
import type { Holds } from '../tuning/tuning.js';
import { holds } from '../tuning/tuning.js';

export interface LaneItem {
  readonly laneKey: string;
  readonly tenant: string;
  readonly bytes: number;
}

export interface LanesOptions {
  readonly limit: number;
}

/** A record of 16 KiB costs its tenant as much as two small ones: handlers' time grows with bytes, but slowly. */
const bytesPerCost = 16 * 1024;
/** What a tenant may spend in one turn: one small record, so that turns interleave as finely as possible. */
const quantum = 1;

class Fifo<T> {
  /** What was shifted is let go at once: a record may be a slice of all that was fetched with it. */
  #items: (T | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  peek(): T | undefined {
    return this.#items[this.#head];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  *[Symbol.iterator](): Generator<T> {
    for (let at = this.#head; at < this.#items.length; at += 1) yield this.#items[at] as T;
  }

  unshift(item: T): void {
    if (this.#head > 0) {
      this.#head -= 1;
      this.#items[this.#head] = item;
    } else this.#items.unshift(item);
  }

  shift(): T | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#items[this.#head] = undefined;
    this.#head += 1;
    if (this.#head >= 64 && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}

class Lane<T> {
  readonly waiting = new Fifo<T>();
  /** A record of this lane runs or is parked. */
  taken = false;
  /** Stands in its tenant's line. */
  inLine = false;
  constructor(
    readonly key: string,
    readonly group: LaneGroup<T>,
  ) {}
}

/** The lanes of one partition: closed together when the partition is lost. */
export class LaneGroup<T> {
  readonly lanes = new TransientMap<string, Lane<T>>();
  waiting = 0;
  waitingBytes = 0;
  /** Of `Lanes.running`, those of this group. */
  running = 0;
  /** Held lanes take records in and give none out. */
  held = false;
  /** What operators hold of it; absent when nothing. */
  holds: Holds | undefined;
  closed = false;
}

class TenantLine<T> {
  readonly lanes = new Fifo<Lane<T>>();
  deficit = 0;
  constructor(readonly name: string) {}
}

export class Lanes<T extends LaneItem> {
  /** Records running at most; changed live. Lowering it lets what runs finish. */
  limit: number;
  #running = 0;
  readonly #tenants = new TransientMap<string, TenantLine<T>>();
  /** Tenants with a lane in line, the one whose turn it is first. */
  readonly #turns = new Fifo<TenantLine<T>>();

  constructor(options: LanesOptions) {
    this.limit = options.limit;
  }

  get running(): number {
    return this.#running;
  }

  add(group: LaneGroup<T>, item: T): void {
    const lane = this.#laneOf(group, item.laneKey);
    lane.waiting.push(item);
    this.#count(group, item, 1);
    this.#line(lane);
  }

  /** The next record to run, or none: nothing is ready, or the limit is reached. */
  take(): T | undefined {
    if (this.#running >= this.limit) return undefined;
    for (let tenant = this.#turns.peek(); tenant !== undefined; tenant = this.#turns.peek()) {
      const lane = tenant.lanes.peek();
      const item = lane === undefined ? undefined : readyIn(lane);
      if (lane === undefined) {
        // An empty line keeps no credit: a tenant cannot save up turns while it has nothing to run.
        this.#turns.shift();
        this.#tenants.delete(tenant.name);
      } else if (item === undefined) {
        tenant.lanes.shift();
        lane.inLine = false;
      } else if (tenant.deficit < costOf(item)) {
        tenant.deficit += quantum;
        this.#turns.shift();
        this.#turns.push(tenant);
      } else {
        tenant.deficit -= costOf(item);
        tenant.lanes.shift();
        return this.#start(lane);
      }
    }
    return undefined;
  }

  /** The record is through with its lane: the next one of the lane may run. */
  release(group: LaneGroup<T>, item: T): void {
    this.park(group);
    this.#free(group, item.laneKey);
  }

  /** Gives the slot to others while the lane waits for this record's next try. */
  park(group: LaneGroup<T>): void {
    this.#running -= 1;
    group.running -= 1;
  }

  /** A parked record takes its place at the head of its lane again. */
  unpark(group: LaneGroup<T>, item: T): void {
    const lane = this.#laneOf(group, item.laneKey);
    lane.taken = false;
    this.#putFirst(lane, item);
  }

  /** A record whose lane moved on already runs again, before all that waits in its lane. */
  addFirst(group: LaneGroup<T>, item: T): void {
    this.#putFirst(this.#laneOf(group, item.laneKey), item);
  }

  /** Lets a held group's lanes run. */
  open(group: LaneGroup<T>): void {
    group.held = false;
    this.#lineAll(group);
  }

  /** What is held from now on; what is no longer held may run. What runs goes on. */
  hold(group: LaneGroup<T>, held: Holds | undefined): void {
    group.holds = held;
    this.#lineAll(group);
  }

  #lineAll(group: LaneGroup<T>): void {
    for (const lane of group.lanes.values()) this.#line(lane);
  }

  /** Forgets all that waits in the group. What runs is released as usual and finds its lane gone. */
  close(group: LaneGroup<T>): void {
    group.closed = true;
    group.lanes.clear();
    group.waiting = 0;
    group.waitingBytes = 0;
  }

  #start(lane: Lane<T>): T {
    const item = lane.waiting.shift() as T;
    lane.inLine = false;
    lane.taken = true;
    this.#count(lane.group, item, -1);
    this.#running += 1;
    lane.group.running += 1;
    return item;
  }

  #putFirst(lane: Lane<T>, item: T): void {
    if (lane.group.closed) return;
    lane.waiting.unshift(item);
    this.#count(lane.group, item, 1);
    this.#line(lane);
  }

  #free(group: LaneGroup<T>, key: string): void {
    const lane = group.lanes.get(key);
    if (lane === undefined) return;
    lane.taken = false;
    if (lane.waiting.length === 0) group.lanes.delete(key);
    else this.#line(lane);
  }

  #laneOf(group: LaneGroup<T>, key: string): Lane<T> {
    let lane = group.lanes.get(key);
    if (lane === undefined) {
      lane = new Lane(key, group);
      group.lanes.set(key, lane);
    }
    return lane;
  }

  #line(lane: Lane<T>): void {
    if (lane.taken || lane.inLine) return;
    const item = readyIn(lane);
    if (item === undefined) return;
    let tenant = this.#tenants.get(item.tenant);
    if (tenant === undefined) {
      tenant = new TenantLine(item.tenant);
      this.#tenants.set(item.tenant, tenant);
      this.#turns.push(tenant);
    }
    lane.inLine = true;
    tenant.lanes.push(lane);
  }

  #count(group: LaneGroup<T>, item: T, sign: 1 | -1): void {
    if (group.closed) return;
    group.waiting += sign;
    group.waitingBytes += sign * item.bytes;
  }
}

/** The head of the lane, unless its group gives out nothing or an operator holds it. */
function readyIn<T extends LaneItem>({ group, waiting }: Lane<T>): T | undefined {
  if (group.closed || group.held) return undefined;
  const item = waiting.peek();
  return item !== undefined && isHeld(group, item) ? undefined : item;
}

function isHeld<T extends LaneItem>(group: LaneGroup<T>, item: T): boolean {
  return group.holds !== undefined && holds(group.holds, item.tenant);
}

/** What waits behind a hold. Counted anew, so that records cost nothing while nothing is held. */
export function heldIn<T extends LaneItem>(group: LaneGroup<T>): { readonly records: number; readonly bytes: number } {
  let [records, bytes] = [0, 0];
  if (group.holds !== undefined) {
    for (const { waiting } of group.lanes.values()) {
      const head = waiting.peek();
      if (head === undefined || !isHeld(group, head)) continue;
      for (const item of waiting) {
        records += 1;
        bytes += item.bytes;
      }
    }
  }
  return { records, bytes };
}

function costOf(item: LaneItem): number {
  return 1 + Math.floor(item.bytes / bytesPerCost);
}
