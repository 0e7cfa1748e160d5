/**
 * What a client waits for in the database, within bounds: a look-up that takes too long, or finds too many others before it,
 * ends in an answer of degraded mode. A look-up counts until it has really ended, so a database that hangs is asked no more
 * often than the bound.
 */
import { degraded, overloaded, unreachable } from '@toolfleet/kernel';
import { waitFor } from '@toolfleet/platform';
import type { SessionStore, WaitingRoom } from '@toolfleet/platform/postgres';

export interface LookUpsOptions {
  readonly withinMs: number;
  readonly atOnceMax: number;
}

export class LookUps {
  #running = 0;

  constructor(private readonly options: LookUpsOptions) {}

  get running(): number {
    return this.#running;
  }

  async run<T>(ask: () => Promise<T>): Promise<T> {
    const { withinMs, atOnceMax } = this.options;
    if (this.#running >= atOnceMax) throw saturated(atOnceMax);
    this.#running += 1;
    const asked = ask().finally(() => (this.#running -= 1));
    return waitFor(asked, { withinMs, late: () => slow(withinMs) });
  }
}

export type ReadSessions = Pick<SessionStore, 'head' | 'list' | 'eventsAfter'>;
export type ReadWaiting = Pick<WaitingRoom, 'find' | 'next' | 'position' | 'interval'>;

export function boundedStore(store: ReadSessions, lookUps: LookUps): ReadSessions {
  return {
    head: (tenant, sessionId) => lookUps.run(() => store.head(tenant, sessionId)),
    list: (tenant, options) => lookUps.run(() => store.list(tenant, options)),
    eventsAfter: (...args) => lookUps.run(() => store.eventsAfter(...args)),
  };
}

export function boundedRoom(room: ReadWaiting, lookUps: LookUps): ReadWaiting {
  return {
    find: (tenant, sessionId) => lookUps.run(() => room.find(tenant, sessionId)),
    next: (tenant, limit) => lookUps.run(() => room.next(tenant, limit)),
    position: (tenant, sessionId) => lookUps.run(() => room.position(tenant, sessionId)),
    interval: (tenant) => lookUps.run(() => room.interval(tenant)),
  };
}

const slow = (withinMs: number) =>
  degraded(
    'database',
    unreachable('DATABASE_SLOW', 'The database does not answer in time.', { details: { withinMs: String(withinMs) } }),
  );

const saturated = (atOnceMax: number) =>
  degraded(
    'database',
    overloaded('DATABASE_SATURATED', 'Too many look-ups wait for the database.', {
      details: { atOnceMax: String(atOnceMax) },
    }),
  );
