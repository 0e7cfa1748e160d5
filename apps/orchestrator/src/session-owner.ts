/**
 * The single writer of one session. Inputs are decided one after another in memory; their events form a tail that is
 * committed with the next thing that must be durable, so that an ordinary turn costs one commit. Effects leave only after
 * the commit of the events they follow from; beside it the model is called and reads are sent, because doing that again does
 * no harm, and calls are stopped whose session somebody cancelled.
 *
 * A promise returned by `apply` resolves when the input is durable and what follows from it has been sent. When the commit
 * is fenced another owner has gone on with the session: everything in hand here is dropped.
 */
import type { Session, SessionEffect, SessionEvent, SessionInput } from '@toolfleet/kernel';
import { conflict, decide, evolve, limits, mayLeaveEarly, nextWakeAtMs, outstanding } from '@toolfleet/kernel';

export interface OwnerPorts {
  /** Appends; throws conflict when another owner was faster. `firstSeq` is the first event's number. */
  commit(session: Session, events: readonly SessionEvent[]): Promise<void>;
  /** Resolves when the bus has it. Not called for `callModel`. */
  send(session: Session, effect: SessionEffect): Promise<void>;
  /** Tells watchers; resolves when the bus has it. */
  publish(session: Session, events: readonly SessionEvent[]): Promise<void>;
  /** Asks the model in the background; the answer comes back through `apply`. */
  callModel(owner: SessionOwner, session: Session, signal: AbortSignal): void;
  /** The session is to be forgotten here: all is sent, or `reason` says why it was dropped. */
  release(owner: SessionOwner, reason: unknown): void;
  now(): number;
}

interface Waiter {
  readonly seq: number;
  resolve(): void;
  reject(error: unknown): void;
}

interface DueEffect {
  /** The state it follows from: an outcome tells of its own run. */
  readonly session: Session;
  readonly effect: SessionEffect;
  readonly sent: Promise<void> | undefined;
}

/** How long a session read back from the database waits for redelivered records before it sends its effects again. */
const resendAfterMs = 1_000;

export class SessionOwner {
  #session: Session | undefined;
  /** Decided, not yet committed. */
  #tail: SessionEvent[] = [];
  /** Effects of the tail, sent after its commit or on the way already. */
  #effects: DueEffect[] = [];
  /** The session at the end of each run in the tail. */
  readonly #ends: Session[] = [];
  #waiters: Waiter[] = [];
  #flushing = false;
  /** Something in hand must not wait for company. */
  #urgent = false;
  /** Of the session's own deadlines; looked at ten times a second, so it is kept, not computed. */
  #sessionWakeMs = Infinity;
  #flushDueMs = Infinity;
  #resendDueMs = Infinity;
  #modelCall: AbortController | undefined;
  #gone = false;
  #goneFor: unknown;

  constructor(
    readonly tenant: string,
    readonly sessionId: string,
    private readonly ports: OwnerPorts,
    stored: Session | undefined,
    /** The end of the stored session is known to be on the bus. */
    told = false,
  ) {
    this.#session = stored;
    if (stored) this.#resume(stored, told);
  }

  get session(): Session | undefined {
    return this.#session;
  }

  /** No longer the owner: ask the registry for another. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Nothing is lost when this owner is forgotten and the session read again. */
  get idle(): boolean {
    return this.#tail.length === 0 && !this.#flushing && !this.#modelCall && this.#waiters.length === 0;
  }

  /** When `wake` has something to do. */
  get wakeAtMs(): number {
    return Math.min(this.#sessionWakeMs, this.#flushDueMs, this.#resendDueMs);
  }

  async apply(input: SessionInput): Promise<void> {
    if (this.#gone) throw this.#goneFor ?? conflict('SESSION_RELEASED', 'This owner has let the session go.');
    const now = this.ports.now();
    const { events, effects } = decide(this.#session, input, now);
    if (events.length === 0) return this.#nothingNew(input);
    for (const event of events) this.#session = evolve(this.#session, event);
    this.#tail.push(...events);
    const session = this.#session!;
    if (session.phase === 'finished') this.#ends.push(session);
    const sent = effects.filter((effect) => effect.type !== 'callModel');
    this.#effects.push(...sent.map((effect) => this.#due(session, effect)));
    // What was outstanding when the session was read back is over once something new is.
    if (effects.length > 0) this.#resendDueMs = Infinity;
    // An answer that arrived needs no abort: making its reason costs more than the rest of this method.
    if (input.type === 'modelAnswered' || input.type === 'modelFailed') this.#modelCall = undefined;
    else if (session.phase !== 'model') this.#stopModel();
    this.#sessionWakeMs = nextWakeAtMs(session) ?? Infinity;
    if (effects.length > sent.length) this.#startModel(session);
    // What asks for nothing but the model (or for nothing yet: half a wave) is committed with the model's answer.
    const lazy = sent.length === 0 && session.phase !== 'finished';
    const done = new Promise<void>((resolve, reject) => this.#waiters.push({ seq: session.seq, resolve, reject }));
    if (lazy) this.#flushDueMs = Math.min(this.#flushDueMs, now + limits.tailCommitMs);
    else void this.#flush();
    return done;
  }

  /** Deadlines, the overdue tail, and effects that nobody answered to. */
  wake(now: number): void {
    if (this.#gone) return;
    if (now >= this.#flushDueMs) void this.#flush();
    if (now >= this.#resendDueMs) this.#resend();
    if (now >= this.#sessionWakeMs) this.apply({ type: 'tick' }).catch(() => undefined);
  }

  /** Ends this owner without a trace: what is uncommitted is still on the bus. */
  drop(reason: unknown): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#goneFor = reason;
    this.#stopModel();
    for (const waiter of this.#waiters.splice(0)) waiter.reject(reason);
    this.ports.release(this, reason);
  }

  /** A record that changes nothing is done once what it repeats is done. */
  async #nothingNew(input: SessionInput): Promise<void> {
    const last = this.#waiters.at(-1);
    if (last) return new Promise((resolve, reject) => this.#waiters.push({ seq: last.seq, resolve, reject }));
    const ended = this.#session?.phase === 'finished';
    if (ended && input.type === 'start') this.#tellOutcome(this.#session!);
    // A late record of a session that has ended, or never began, must not keep it in memory.
    if (!this.#session || (ended && this.idle && this.#resendDueMs === Infinity)) this.drop(undefined);
    return undefined;
  }

  #resume(session: Session, told: boolean): void {
    this.#sessionWakeMs = nextWakeAtMs(session) ?? Infinity;
    if (session.phase === 'model') this.#startModel(session);
    else if (session.phase === 'tools') this.#resendDueMs = this.ports.now() + resendAfterMs;
    else if (!told) this.#tellOutcome(session);
  }

  /** Before any input: a message that opens the next run would make this one's end past and forgotten. */
  #tellOutcome(session: Session): void {
    this.#effects.push(this.#due(session, { type: 'publishOutcome' }));
    void this.#flush();
  }

  /** With what is in the tail: half of a wave may have come again while the other half was never sent. */
  #resend(): void {
    // Looked at again on the next wake: what the running flush sends need not be sent twice.
    if (this.#flushing) return;
    this.#resendDueMs = Infinity;
    const session = this.#session;
    if (!session) return;
    const effects = outstanding(session).filter((effect) => effect.type !== 'callModel');
    this.#effects.push(...effects.map((effect) => this.#due(session, effect)));
    void this.#flush();
  }

  /** What may leave early is sent beside the commit, 1.7 ms of a turn that comes alone. */
  #due(session: Session, effect: SessionEffect): DueEffect {
    const sent = mayLeaveEarly(effect) ? this.ports.send(session, effect) : undefined;
    // Looked at after the commit, unless that fails first.
    sent?.catch(() => undefined);
    return { session, effect, sent };
  }

  /** One commit at a time; what is urgent meanwhile goes with the next, what can wait keeps waiting. */
  async #flush(): Promise<void> {
    this.#urgent = true;
    if (this.#flushing) return;
    this.#flushing = true;
    try {
      while (this.#urgent) {
        this.#urgent = false;
        // oxlint-disable-next-line no-await-in-loop -- commits of one session follow one another
        await this.#flushOnce();
      }
    } catch (error) {
      this.drop(error);
      return;
    } finally {
      this.#flushing = false;
    }
    this.#letGo();
  }

  async #flushOnce(): Promise<void> {
    const { session, events, effects } = this.#nextCommit();
    if (events.length > 0) await this.ports.commit(session, events);
    const told = events.length > 0 ? this.ports.publish(session, events) : undefined;
    const sent = Promise.all(effects.map((due) => due.sent ?? this.ports.send(due.session, due.effect)));
    void this.#resolveAfter(Promise.all([told, sent]), session.seq);
    await sent;
  }

  /** Watchers may be told a little later: the records wait for that, the next commit of the session does not. */
  async #resolveAfter(all: Promise<unknown>, seq: number): Promise<void> {
    try {
      await all;
    } catch (error) {
      return this.drop(error);
    }
    const done = this.#waiters.filter((waiter) => waiter.seq <= seq);
    this.#waiters = this.#waiters.filter((waiter) => waiter.seq > seq);
    for (const waiter of done) waiter.resolve();
    this.#letGo();
  }

  #letGo(): void {
    if (this.#session?.phase === 'finished' && this.idle) this.drop(undefined);
  }

  /**
   * The tail, but never past the end of a run: the end of one run and the beginning of the next in one commit would leave a
   * crash nothing to tell the first run's outcome by.
   */
  #nextCommit() {
    const end = this.#ends[0];
    const upTo = end ? end.seq : this.#session!.seq;
    const events = this.#tail.filter((event) => event.seq <= upTo);
    const effects = this.#effects.filter((due) => due.session.seq <= upTo);
    this.#tail = this.#tail.filter((event) => event.seq > upTo);
    this.#effects = this.#effects.filter((due) => due.session.seq > upTo);
    this.#flushDueMs = Infinity;
    if (end) this.#ends.shift();
    if (this.#tail.length > 0 || this.#effects.length > 0) this.#urgent = true;
    return { session: end ?? this.#session!, events, effects };
  }

  #startModel(session: Session): void {
    this.#stopModel();
    const call = new AbortController();
    this.#modelCall = call;
    this.ports.callModel(this, session, call.signal);
  }

  #stopModel(): void {
    this.#modelCall?.abort();
    this.#modelCall = undefined;
  }
}
