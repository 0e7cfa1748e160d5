/**
 * The single writer of one session, by the rules of the orchestrator's owner: inputs are decided one after another; their
 * events form a tail that is committed with the next thing that must be durable, or after a second; effects leave after the
 * commit of the events they follow from; the model alone is asked beside it.
 */
import { decide, outstanding } from '../session/decide.js';
import { evolve } from '../session/evolve.js';
import type { Decision, Session, SessionEffect, SessionEvent, SessionInput } from '../session/session.js';
import { mayLeaveEarly, nextWakeAtMs } from '../session/waves.js';
import { limits } from '../limits.js';
import type { Ground } from './ground.js';
import type { StoreFault } from './store.js';

/** `undefined`: nothing is left to do. */
export type DropReason = StoreFault | 'notOwner' | undefined;

/** What an owner needs of the process it lives in; all of it ends with that process. */
export interface OwnerHome {
  readonly ground: Ground;
  now(): number;
  later(delayMs: number, step: () => void): void;
  commit(session: Session, events: readonly SessionEvent[], done: (fault?: StoreFault) => void): void;
  /** `session` is as it was when the effect was decided: a message may have opened the next run meanwhile. */
  send(session: Session, effect: SessionEffect, sent: () => void): void;
  askModel(session: Session, answered: (input: SessionInput) => void): void;
  release(owner: SessionOwner, reason: DropReason): void;
}

/** One decision: what it made of the session, and what must be stored and sent for it. */
interface Decided {
  readonly session: Session;
  readonly events: readonly SessionEvent[];
  readonly effects: readonly SessionEffect[];
}

interface Waiter {
  readonly seq: number;
  finish(ok: boolean): void;
}

const resendAfterMs = 1_000;

export class SessionOwner {
  gone = false;
  #session: Session | undefined;
  /** Not yet durable, or not yet sent. */
  #tail: Decided[] = [];
  #waiters: Waiter[] = [];
  #flushing = false;
  #flushDueMs = Infinity;
  #resendDueMs = Infinity;
  #armedAtMs = Infinity;
  /** Number of the question whose answer is wanted; answers to others come too late. */
  #question = 0;

  constructor(
    readonly tenant: string,
    readonly sessionId: string,
    private readonly home: OwnerHome,
    stored: Session | undefined,
  ) {
    this.#session = stored;
    if (stored) this.#resume(stored);
    this.#arm();
  }

  /** Effects that were sent when they were decided. */
  readonly #early = new Map<SessionEffect, Early>();

  apply(input: SessionInput, finish: (ok: boolean) => void): void {
    if (this.gone) return finish(false);
    const { ground } = this.home;
    const { events, effects } = this.#decide(input);
    if (events.length === 0) return this.#nothingNew(input, finish);
    for (const event of events) this.#session = evolve(this.#session, event);
    const session = this.#session!;
    const sent = effects.filter((effect) => effect.type !== 'callModel');
    this.#tail.push({ session, events, effects: sent });
    for (const effect of sent.filter(mayLeaveEarly)) this.#sendEarly(session, effect);
    if (session.phase !== 'model') this.#question++;
    if (effects.length > sent.length) this.#ask(session);
    if (ground.has('ackBeforeCommit')) finish(true);
    else this.#waiters.push({ seq: session.seq, finish });
    const lazy = sent.length === 0 && session.phase !== 'finished';
    if (lazy) this.#flushDueMs = Math.min(this.#flushDueMs, this.home.now() + limits.tailCommitMs);
    else this.#flush();
    this.#arm();
  }

  drop(reason: DropReason): void {
    if (this.gone) return;
    this.gone = true;
    this.#question++;
    for (const waiter of this.#waiters.splice(0)) waiter.finish(false);
    this.home.release(this, reason);
  }

  #decide(input: SessionInput): Decision {
    const { ground } = this.home;
    const decision = decide(this.#session, input, this.home.now());
    const session = this.#session;
    if (ground.has('settleAgain') && input.type === 'observed' && session && decision.events.length === 0) {
      const { observation } = input;
      const settledBefore = session.done.some(({ callId }) => callId === observation.callId);
      const again = { type: 'toolCallSettled', observation, seq: session.seq + 1, atMs: this.home.now() } as const;
      if (settledBefore) return { events: [again], effects: [] };
    }
    if (ground.has('looseWaves') && input.type === 'modelAnswered' && decision.effects.some(isDispatch)) {
      const calls = input.calls.filter((call) => call.disposition === 'dispatch');
      const deadlineAtMs = this.home.now() + 2_000;
      return { ...decision, effects: calls.map((call) => ({ type: 'dispatch', call, deadlineAtMs })) };
    }
    return decision;
  }

  /** A record that changes nothing is done once what it repeats is done. */
  #nothingNew(input: SessionInput, finish: (ok: boolean) => void): void {
    if (this.#session?.phase === 'finished' && input.type === 'start') this.#resendDueMs = 0;
    const last = this.#waiters.at(-1);
    // The start may be on its way again, behind this record: a message or a cancel waits for it.
    const early = !this.#session && (input.type === 'userMessage' || input.type === 'cancel');
    if (early && !this.home.ground.has('earlyIsLate')) finish(false);
    else if (last) this.#waiters.push({ seq: last.seq, finish });
    else finish(true);
    if (!this.#session) this.drop(undefined);
    else this.#arm();
  }

  #resume(session: Session): void {
    if (session.phase === 'model') this.#ask(session);
    else if (session.phase === 'tools') this.#resendDueMs = this.home.now() + resendAfterMs;
    // The outcome is told as the session stands now: a message may open the next run before anything else happens.
    else if (this.home.ground.has('outcomeLater')) this.#resendDueMs = this.home.now();
    else this.#resend();
  }

  #resend(): void {
    this.#resendDueMs = Infinity;
    // A busy owner looks again, or the effects that were lost stay lost.
    if (this.#flushing || this.#tail.length > 0) this.#resendDueMs = this.home.now() + resendAfterMs;
    else {
      const session = this.#session!;
      const effects = outstanding(session).filter((effect) => effect.type !== 'callModel');
      this.#tail.push({ session, events: [], effects });
      this.#flush();
    }
  }

  #ask(session: Session): void {
    const question = ++this.#question;
    this.home.askModel(session, (input) => {
      if (question === this.#question) this.apply(input, () => undefined);
    });
  }

  /** One commit at a time; what is decided meanwhile goes with the next. */
  #flush(): void {
    if (this.#flushing || this.gone) return;
    if (this.#tail.length === 0) {
      if (this.#session?.phase === 'finished' && this.#waiters.length === 0) this.drop(undefined);
      return;
    }
    const batch = this.#takeBatch();
    const { session } = batch.at(-1)!;
    const events = batch.flatMap((decided) => decided.events);
    [this.#flushDueMs, this.#flushing] = [Infinity, true];
    const sent = (): void => this.#flushed(session.seq);
    if (events.length === 0) return this.#sendAll(batch, sent);
    const early = this.home.ground.has('effectsBeforeCommit');
    if (early) this.#sendAll(batch, () => undefined);
    this.home.commit(session, events, (fault) => {
      if (fault) this.drop(fault);
      else this.#sendAll(early ? [] : batch, sent);
    });
  }

  /**
   * No further than the end of a run: were the message that opens the next run durable before the outcome is sent, a crash
   * in between would leave a session that does not know that it owes one.
   */
  #takeBatch(): readonly Decided[] {
    if (this.home.ground.has('runsTogether')) return this.#tail.splice(0);
    const end = this.#tail.findIndex(({ session }) => session.phase === 'finished');
    return this.#tail.splice(0, end < 0 ? this.#tail.length : end + 1);
  }

  #sendAll(batch: readonly Decided[], sent: () => void): void {
    const effects = batch.flatMap((decided) => decided.effects.map((effect) => ({ effect, session: decided.session })));
    let open = effects.length;
    if (open === 0) return sent();
    const stale = this.home.ground.has('outcomeOfNow');
    for (const { session, effect } of effects) {
      // An outcome tells how the session stood when it ended.
      this.#sendOnce(stale ? this.#session! : session, effect, () => {
        if (--open === 0) sent();
      });
    }
  }

  /** Beside the commit; the flush that follows counts it among its own. */
  #sendEarly(session: Session, effect: SessionEffect): void {
    const early: Early = { sent: false, then: undefined };
    this.#early.set(effect, early);
    this.home.send(session, effect, () => {
      early.sent = true;
      early.then?.();
    });
  }

  #sendOnce(session: Session, effect: SessionEffect, sent: () => void): void {
    const early = this.#early.get(effect);
    this.#early.delete(effect);
    if (!early) this.home.send(session, effect, sent);
    else if (early.sent) sent();
    else early.then = sent;
  }

  #flushed(seq: number): void {
    this.#flushing = false;
    const done = this.#waiters.filter((waiter) => waiter.seq <= seq);
    this.#waiters = this.#waiters.filter((waiter) => waiter.seq > seq);
    for (const waiter of done) waiter.finish(true);
    this.#flush();
    this.#arm();
  }

  #wakeAtMs(): number {
    const own = this.#session ? (nextWakeAtMs(this.#session) ?? Infinity) : Infinity;
    return Math.min(own, this.#flushDueMs, this.#resendDueMs);
  }

  #arm(): void {
    const atMs = this.#wakeAtMs();
    if (this.gone || atMs >= this.#armedAtMs || atMs === Infinity) return;
    this.#armedAtMs = atMs;
    this.home.later(Math.max(0, atMs - this.home.now()) + this.home.ground.random.between(1, 100), () => {
      if (this.#armedAtMs !== atMs) return;
      this.#armedAtMs = Infinity;
      if (!this.gone) this.#wake(this.home.now());
      this.#arm();
    });
  }

  #wake(now: number): void {
    if (now >= this.#flushDueMs) this.#flush();
    if (now >= this.#resendDueMs) this.#resend();
    if (this.#session && now >= (nextWakeAtMs(this.#session) ?? Infinity))
      this.apply({ type: 'tick' }, () => undefined);
  }
}

interface Early {
  sent: boolean;
  then: (() => void) | undefined;
}

const isDispatch = (effect: SessionEffect): boolean => effect.type === 'dispatch';
