/**
 * This process's part of the fleet's places, and who gets one when all are taken. Every place that a desk of this process
 * holds is counted here; a place is granted to a waiting tenant in the order of the fair queue and counts from that moment,
 * so that nobody else takes it while the session is fetched from the waiting room.
 */
import type { FleetRoom } from '@toolfleet/kernel';
import { FairQueue } from '@toolfleet/kernel';

export class FleetShare {
  readonly #seats = new Map<string, Seat>();
  readonly queue: FairQueue;

  constructor(
    /** Of the whole fleet. */
    readonly sessionsMax: number,
    readonly now: () => number,
  ) {
    this.queue = new FairQueue(sessionsMax);
  }

  /** The parts of all processes are together at most the whole, but an owner has one place at least. */
  own(partitions: number, ofAll: number): void {
    const part = Math.floor((this.sessionsMax * partitions) / ofAll);
    this.queue.capacity = partitions === 0 ? 0 : Math.max(1, part);
    this.dispatch();
  }

  /** `wake` is called when a place is granted; it must not do the work at once. Costs nothing until a session comes. */
  seat(tenant: string, wake: () => void): Seat {
    return new Seat(this, tenant, wake);
  }

  /** A later seat of the same tenant takes the place of an earlier one, which counts no more. */
  enter(seat: Seat): void {
    const known = this.#seats.get(seat.tenant);
    if (known === seat) return;
    known?.close();
    this.#seats.set(seat.tenant, seat);
  }

  leave(seat: Seat): void {
    if (this.#seats.get(seat.tenant) !== seat) return;
    this.#seats.delete(seat.tenant);
    this.queue.leave(seat.tenant);
    this.dispatch();
  }

  dispatch(): void {
    const woken = new Set<Seat>();
    for (let tenant = this.queue.next(this.now()); tenant; tenant = this.queue.next(this.now())) {
      const seat = this.#seats.get(tenant)!;
      seat.granted++;
      woken.add(seat);
    }
    for (const seat of woken) seat.wake();
  }
}

/** One tenant's places. After `close` nothing that is still under way counts any more. */
export class Seat implements FleetRoom {
  /** Places that the tenant was given and has not used yet. */
  granted = 0;
  #weight = 1;
  #closed = false;

  constructor(
    private readonly share: FleetShare,
    readonly tenant: string,
    readonly wake: () => void,
  ) {}

  get free(): number {
    return this.share.queue.free;
  }

  get places(): number {
    return this.share.queue.placesOf(this.tenant, this.#weight);
  }

  /** A place beyond those granted: a session that starts at once, or was found running. */
  take(weight: number): void {
    if (this.#closed) return;
    this.#weight = weight;
    this.share.enter(this);
    this.share.queue.take(this.tenant, weight, this.share.now());
  }

  /** A granted place is used; false when there is none. */
  use(): boolean {
    if (this.granted === 0) return false;
    this.granted--;
    return true;
  }

  /** `heldMs` is absent when no session ran. */
  giveBack(heldMs?: number): void {
    if (this.#closed) return;
    this.share.queue.giveBack(this.tenant, this.share.now(), heldMs);
    this.share.dispatch();
  }

  /** How many sessions would start if there were places, those included for which there are. */
  want(weight: number, wanted: number): void {
    if (this.#closed) return;
    this.#weight = weight;
    if (wanted > 0) this.share.enter(this);
    for (; this.granted > wanted; this.granted--) this.share.queue.giveBack(this.tenant, this.share.now());
    this.share.queue.want(this.tenant, weight, wanted - this.granted, this.share.now());
    this.share.dispatch();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.granted = 0;
    this.share.leave(this);
  }
}
