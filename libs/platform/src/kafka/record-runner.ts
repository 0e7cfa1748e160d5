/**
 * Runs what the lanes give out and settles how each try ends: finished, done again later, or a dead letter. It holds the
 * one catch of the consumer, so a fault's kind, and nothing else, decides what becomes of its record.
 */
import type { Fault } from '@toolfleet/kernel';
import { Lanes, TransientSet, expired, faultOf } from '@toolfleet/kernel';
import { endsWithin } from '../waits.js';
import type { KafkaLog } from './connection.js';
import type { ConsumerLimits, DeadLetters } from './consumer-options.js';
import { sendUntilTaken } from './dead-letter.js';
import type { Hand, PartitionInHand } from './hand.js';
import type { BusRecord, RecordHandler } from './records.js';
import { verdictOf } from './redo.js';
import { RepeatedLog } from './repeated-log.js';

export interface RecordRunnerOptions {
  readonly handler: RecordHandler;
  readonly limits: Required<ConsumerLimits>;
  readonly groupId: string;
  readonly deadLetters: DeadLetters;
  readonly log: KafkaLog;
  readonly onStarted: ((record: BusRecord, nowMs: number) => void) | undefined;
  /** A try of this partition began or a record of it finished; `moved`: more of it may be committed. */
  readonly onChange: (from: PartitionInHand, moved: boolean) => void;
}

const handlerDeadline = 'HANDLER_DEADLINE';

export class RecordRunner {
  readonly lanes: Lanes<Hand>;
  readonly counts = { finished: 0, deadLettered: 0, redone: 0 };
  lastProgressAtMs = 0;
  /** False while we are no member: what runs may finish, nothing new starts. */
  isStarting = false;
  /** Tries that run now, for the deadline sweep. */
  readonly #running = new TransientSet<Hand>();
  readonly #deadLetterLog: RepeatedLog;
  /** Tries begun and not concluded: running, or waiting for `finishWhen` or for a dead letter's acknowledgement. */
  #open = 0;
  #onIdle: (() => void) | undefined;

  constructor(private readonly options: RecordRunnerOptions) {
    this.lanes = new Lanes({ limit: options.limits.concurrency });
    this.#deadLetterLog = new RepeatedLog(options.log);
  }

  startReady(): void {
    if (!this.isStarting) return;
    for (let hand = this.lanes.take(); hand !== undefined; hand = this.lanes.take()) void this.#run(hand);
  }

  /** A try without the handler: `done` alone answers for the record. */
  finishWhen(hand: Hand, done: Promise<unknown>): void {
    this.#begin(hand);
    this.#settleBy(hand, done);
  }

  /** Resolves when no try is open, or at the deadline. */
  async idle(deadlineMs: number): Promise<void> {
    if (this.#open === 0) return;
    await endsWithin(new Promise<void>((resolve) => (this.#onIdle = resolve)), deadlineMs);
  }

  /** The failure detector of a handler is its deadline, not the heartbeat: a member can be well and its handler stuck. */
  abortOverdue(): void {
    const latestStartMs = Date.now() - this.options.limits.handlerMsMax;
    for (const hand of this.#running) {
      if (hand.startedAtMs < latestStartMs) hand.abort(expired(handlerDeadline, 'The handler ran longer than it may.'));
    }
  }

  #begin(hand: Hand): void {
    hand.beginTry(Date.now());
    if (hand.attempt === 1 && hand.handedOver === undefined) this.options.onStarted?.(hand.record, hand.startedAtMs);
    this.#open += 1;
  }

  async #run(hand: Hand): Promise<void> {
    this.#begin(hand);
    this.#running.add(hand);
    if (hand.from.isFull) this.options.onChange(hand.from, false);
    try {
      if (hand.unreadable !== undefined) throw hand.unreadable;
      await this.options.handler(hand.record, hand);
    } catch (error) {
      this.#running.delete(hand);
      this.#failed(hand, error, 'lane held');
      this.startReady();
      return;
    }
    this.#running.delete(hand);
    this.lanes.release(hand.from.lanes, hand);
    if (hand.done === undefined) this.#finish(hand);
    else this.#settleBy(hand, hand.done);
    this.startReady();
  }

  #settleBy(hand: Hand, done: Promise<unknown>): void {
    void done.then(
      () => this.#finish(hand),
      (error: unknown) => this.#failed(hand, error, 'lane moved on'),
    );
  }

  #finish(hand: Hand): void {
    const { from } = hand;
    // A zombie's acknowledgement: the partition is someone else's by now, or starts anew.
    if (from.isDropped) return this.#concluded();
    this.lastProgressAtMs = Date.now();
    this.counts.finished += 1;
    const moved = from.finish(hand);
    if (moved || from.isFull) this.options.onChange(from, moved);
    this.#concluded();
  }

  /** The single catch: whatever a handler ends in becomes a fault here, and nothing of it goes further. */
  #failed(hand: Hand, error: unknown, lane: 'lane held' | 'lane moved on'): void {
    const { lanes, isDropped } = hand.from;
    const isHeld = lane === 'lane held';
    const overdue = hand.abortedBy?.reason === handlerDeadline ? hand.abortedBy : undefined;
    if (isDropped || (hand.abortedBy !== undefined && overdue === undefined)) {
      // Cut short by us, not failed: the record stays unfinished and its next owner gets it.
      if (isHeld) this.lanes.release(lanes, hand);
      return this.#concluded();
    }
    const nowMs = Date.now();
    if (hand.firstFailedAtMs === 0) hand.firstFailedAtMs = nowMs;
    const fault = overdue ?? faultOf(error);
    const verdict = verdictOf({ fault, ...hand.history }, this.options.limits, nowMs, Math.random());
    if (verdict === 'deadLetter') {
      // The lane moves on at once: a poison record delays neither its key nor its partition.
      if (isHeld) this.lanes.release(lanes, hand);
      void this.#deadLetter(hand, fault);
    } else this.#redo(hand, verdict.redoInMs, isHeld);
  }

  /** The lane waits for the record, because the next one of its key builds on it; the slot goes to other lanes. */
  #redo(hand: Hand, inMs: number, isHeld: boolean): void {
    const { lanes } = hand.from;
    this.counts.redone += 1;
    if (isHeld) this.lanes.park(lanes);
    const timer = setTimeout(() => {
      if (isHeld) this.lanes.unpark(lanes, hand);
      else this.lanes.addFirst(lanes, hand);
      this.startReady();
    }, inMs);
    timer.unref();
    this.#concluded();
  }

  /** The record finishes only when the bus has its dead letter. */
  async #deadLetter(hand: Hand, fault: Fault): Promise<void> {
    const { groupId, deadLetters } = this.options;
    const facts = { record: hand.record, fault, groupId, ...hand.history };
    const isSent = await sendUntilTaken(deadLetters, facts, () => hand.from.isDropped, this.#deadLetterLog);
    if (!isSent) return this.#concluded();
    this.counts.deadLettered += 1;
    this.#finish(hand);
  }

  #concluded(): void {
    this.#open -= 1;
    if (this.#open === 0) this.#onIdle?.();
  }
}
