/**
 * A record in hand, and the assignment of a partition that it belongs to. The assignment object is the fence: when the
 * partition is lost the object is dropped, and whatever its handlers still report is ignored; a partition that comes back
 * is a new object.
 */
import type { Fault, LaneItem } from '@toolfleet/kernel';
import { LaneGroup, TransientSet } from '@toolfleet/kernel';
import { OffsetTracker } from './offset-tracker.js';
import type { Tracked } from './offset-tracker.js';
import type { BusRecord, Delivery, HandedOver } from './records.js';

export class PartitionInHand {
  readonly tracker = new OffsetTracker<Hand>();
  /** What came past the bus and is not finished, oldest first: no offset says that it was here. */
  readonly handed = new TransientSet<Hand>();
  readonly lanes = new LaneGroup<Hand>();
  /** The partition is no longer ours, or starts anew: acknowledgements for this object count for nothing. */
  isDropped = false;
  /** The owner has been told of it: its records may run. */
  isRecovered = false;
  /** Full; stays so until half empty. */
  isFull = false;
  highWatermark = 0;
  committed = -1;

  constructor(
    readonly topic: string,
    readonly partition: number,
  ) {
    this.lanes.held = true;
  }

  /** Records of both ways in hand that a crash right now would cut short or repeat. */
  get gap(): number {
    return this.tracker.gap + this.handed.size;
  }

  get oldest(): Hand | undefined {
    const [handed] = this.handed;
    const { oldest } = this.tracker;
    return oldest === undefined || (handed !== undefined && handed.takenAtMs < oldest.takenAtMs) ? handed : oldest;
  }

  *unfinished(): Generator<Hand> {
    yield* this.tracker.unfinished();
    yield* this.handed;
  }

  /** True when the committable offset moved. */
  finish(hand: Hand): boolean {
    hand.finished = true;
    if (hand.handedOver === undefined) return this.tracker.finish(hand);
    if (this.handed.delete(hand)) hand.handedOver.finished();
    return false;
  }

  /** What came past the bus goes back to it: all of it, or what has not begun. */
  giveBack(which: 'all' | 'not begun'): void {
    for (const hand of this.handed) {
      if (which === 'not begun' && hand.attempt > 0) continue;
      this.handed.delete(hand);
      hand.handedOver?.givenBack();
    }
  }
}

/**
 * Also what the handler sees as its `Delivery`: one object a record. The abort controller is made when the handler first
 * asks for the signal; one for the whole partition would be cheaper still, but every handler that forgets to remove its
 * listener would leak it there.
 */
export class Hand implements Delivery, LaneItem, Tracked {
  attempt = 0;
  place = -1;
  finished = false;
  firstFailedAtMs = 0;
  startedAtMs = 0;
  /** What `finishWhen` was given in this try. */
  done: Promise<unknown> | undefined;
  /** What reading its lane or tenant threw; it ends the try before the handler sees it. */
  unreadable: unknown;
  /** Present when it came past the bus: who is to be told of its end. */
  handedOver: HandedOver | undefined;
  /** Set when the try was cut short from outside. */
  abortedBy: Fault | undefined;
  #controller: AbortController | undefined;
  readonly offset: number;
  readonly bytes: number;

  constructor(
    readonly record: BusRecord,
    readonly from: PartitionInHand,
    readonly laneKey: string,
    readonly tenant: string,
    readonly takenAtMs: number,
  ) {
    this.offset = Number(record.offset);
    this.bytes = record.value.byteLength + record.key.length;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.abortedBy !== undefined) this.#controller.abort(this.abortedBy);
    }
    return this.#controller.signal;
  }

  get history(): { readonly attempt: number; readonly firstFailedAtMs: number } {
    return { attempt: this.attempt, firstFailedAtMs: this.firstFailedAtMs };
  }

  finishWhen(done: Promise<unknown>): void {
    // The handler may throw before anyone looks at `done`; then its rejection is nobody's, not the process's end.
    done.catch(() => undefined);
    this.done = this.done === undefined ? done : Promise.all([this.done, done]);
  }

  abort(reason: Fault): void {
    if (this.abortedBy !== undefined || this.finished) return;
    this.abortedBy = reason;
    this.#controller?.abort(reason);
  }

  beginTry(nowMs: number): void {
    this.attempt += 1;
    this.startedAtMs = nowMs;
    this.done = undefined;
  }
}
