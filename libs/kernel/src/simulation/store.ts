/**
 * The session store: append only, fenced by (session, seq), and unreliable: a commit may fail before or after it took
 * effect, and a process may die before it hears of either. Every append is checked against the rules of a history.
 */
import { isDeepStrictEqual } from 'node:util';
import { evolve, replay } from '../session/evolve.js';
import type { JudgedCall, Session, SessionEvent } from '../session/session.js';
import type { Observation } from '../toolcall/observation.js';
import type { Ground } from './ground.js';
import type { Process } from './process.js';

export type StoreFault = 'conflict' | 'unreachable';

export interface StoredSession {
  readonly tenant: string;
  readonly id: string;
  readonly partition: number;
  readonly events: SessionEvent[];
  readonly proposed: Map<string, JudgedCall>;
  readonly settled: Map<string, Observation>;
  session: Session | undefined;
  active: boolean;
}

export class Store {
  readonly sessions = new Map<string, StoredSession>();

  constructor(private readonly ground: Ground) {}

  commit(
    from: Process,
    partition: number,
    session: Session,
    events: readonly SessionEvent[],
    done: (fault?: StoreFault) => void,
  ): void {
    const { ground } = this;
    const lost = ground.fails(ground.rates.storeBefore);
    const unknown = ground.fails(ground.rates.storeAfter);
    const delayMs = ground.delay();
    let fault: StoreFault | undefined = lost ? 'unreachable' : undefined;
    ground.later(delayMs, () => {
      if (!lost) fault = this.#append(partition, session, events);
    });
    from.later(delayMs + ground.delay(), () => done(fault ?? (unknown ? 'unreachable' : undefined)));
  }

  load(from: Process, id: string, done: (session: Session | undefined, fault?: StoreFault) => void): void {
    const fault = this.ground.fails(this.ground.rates.storeBefore) ? 'unreachable' : undefined;
    from.later(this.ground.delay(), () => {
      const events = this.sessions.get(id)?.events;
      done(events && replay([...events]), fault);
    });
  }

  activeIn(
    from: Process,
    partition: number,
    done: (sessions: readonly StoredSession[], fault?: StoreFault) => void,
  ): void {
    const fault = this.ground.fails(this.ground.rates.storeBefore) ? 'unreachable' : undefined;
    from.later(this.ground.delay(), () =>
      done(
        [...this.sessions.values()].filter((stored) => stored.active && stored.partition === partition),
        fault,
      ),
    );
  }

  /** Only while the session has not gone on since. */
  retire(id: string, seq: number): void {
    this.ground.later(this.ground.delay(), () => {
      const stored = this.sessions.get(id);
      if (stored?.session?.seq === seq) stored.active = false;
    });
  }

  #append(partition: number, session: Session, events: readonly SessionEvent[]): StoreFault | undefined {
    const { tenant } = session.request;
    let stored = this.sessions.get(session.id);
    if (events[0]!.seq !== (stored?.events.length ?? 0) + 1 && !this.ground.has('noFence')) return 'conflict';
    if (!stored) {
      stored = {
        tenant,
        id: session.id,
        partition,
        events: [],
        proposed: new Map(),
        settled: new Map(),
        session: undefined,
        active: true,
      };
      this.sessions.set(session.id, stored);
    }
    stored.active = !(this.ground.has('retireAtCommit') && session.phase === 'finished');
    for (const event of events) this.#record(stored, event);
    if (session.phase === 'finished' && !isDeepStrictEqual(replay(stored.events), session)) {
      this.ground.violated('the replay of a session’s events is its live state', session.id);
    }
    return undefined;
  }

  #record(stored: StoredSession, event: SessionEvent): void {
    const { ground } = this;
    if (event.seq !== stored.events.length + 1) ground.violated('events are gapless', `${stored.id} seq ${event.seq}`);
    stored.events.push(event);
    stored.session = evolve(stored.session, event);
    ground.trace(`stored ${stored.id.slice(0, 8)} ${event.seq} ${event.type}`);
    if (event.type === 'modelAnswered') for (const call of event.calls) stored.proposed.set(call.callId, call);
    if (event.type === 'toolCallSettled') {
      const { callId } = event.observation;
      if (stored.settled.has(callId)) ground.violated('a call settles exactly once', callId);
      stored.settled.set(callId, event.observation);
      this.#isOwnAnswer(stored, event.observation);
    }
    if (event.type === 'finished') {
      const open = [...stored.proposed.keys()].filter((callId) => !stored.settled.has(callId));
      if (open.length > 0) ground.violated('a session ends with every call settled', open.join(' '));
    }
  }

  /** Simulated tools answer with their arguments. */
  #isOwnAnswer({ proposed }: StoredSession, { callId, outcome, result }: Observation): void {
    const call = proposed.get(callId);
    if (outcome !== 'ok' || call?.disposition === 'findTools') return;
    if (Buffer.from(result ?? []).toString() === call?.arguments) return;
    this.ground.violated('a call is answered with what it asked for', callId);
  }
}
