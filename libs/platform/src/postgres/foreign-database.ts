/**
 * Somebody else's database, asked by declared statements. Each call is a transaction of its own that leaves nothing behind
 * on its connection: a read is rolled back, so even what a function set for the session is undone. All waits end with the
 * call, and a call that is given up is cancelled on the server; the connection it was aimed at is never used again, so a
 * cancel that comes late hits nobody. Works through poolers: nothing is set outside of a transaction.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseError, Pool } from 'pg';
import type { PoolClient } from 'pg';
import { expired, invalid, isFault, overloaded } from '@toolfleet/kernel';
import { waitFor } from '../waits.js';
import { cancelOnServer } from './cancel-on-server.js';
import type { ForeignAnswer, Sent, Step } from './foreign-exchange.js';
import { ForeignExchange } from './foreign-exchange.js';
import { foreignFaultOf, openingFaultOf } from './foreign-fault.js';

export interface ForeignDatabaseOptions {
  /** With what TLS it is spoken to is said there (`sslmode`, `sslrootcert`). */
  readonly url: string;
  readonly applicationName: string;
  readonly connectionsMax: number;
  /** For a new connection, and for one of those that are all taken. */
  readonly connectTimeoutMs?: number;
}

export interface ForeignCall {
  readonly statement: Step;
  readonly effect: 'read' | 'write';
  readonly role?: string | undefined;
  /** Settings of the transaction, by names with a dot: for triggers of the database's owner. Values are at most a line. */
  readonly marks?: Readonly<Record<string, string>> | undefined;
  readonly statementTimeoutMs: number;
  readonly rowsMax: number;
  readonly bytesMax: number;
  readonly deadlineAtMs: number;
  readonly signal: AbortSignal;
}

/** The server gives up so much before the call does: its own word says that it is alive. */
const serverFirstMs = 50;
/** A commit that was sent is worth waiting for a little beyond the call: its end is what nobody could tell later. */
const commitGraceMs = 1_000;
/** A transaction whose executor is gone holds its locks for no longer. */
const abandonedMs = 10_000;
const resetMsMax = 5_000;
const closeMsMax = 5_000;

/** Strings are read and times, bytes and intervals are written in one form, whatever the role or the database is set to. */
const settings = `SELECT set_config('standard_conforming_strings', 'on', true), set_config('DateStyle', 'ISO', true),
  set_config('IntervalStyle', 'iso_8601', true), set_config('bytea_output', 'hex', true),
  set_config('statement_timeout', $1, true), set_config('idle_in_transaction_session_timeout', $2, true)`;
const becomeRole = "SELECT set_config('role', $1, true)";
/** Locks that belong to the session are what a rollback leaves. */
const unlockAll = 'SELECT pg_advisory_unlock_all()';

export class ForeignDatabase {
  readonly #pool: Pool;

  constructor(private readonly options: ForeignDatabaseOptions) {
    this.#pool = new Pool({
      connectionString: options.url,
      application_name: options.applicationName,
      max: options.connectionsMax,
      connectionTimeoutMillis: options.connectTimeoutMs ?? 3_000,
      idleTimeoutMillis: 60_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    });
    // Without a listener a connection that breaks while idle would end the process; the pool replaces it by itself.
    this.#pool.on('error', () => {});
  }

  /** Faults as `foreignFaultOf` says; `details.sent` is `maybe` only for a write whose commit was sent and not answered. */
  async run(call: ForeignCall): Promise<ForeignAnswer> {
    const client = await this.#connect(call);
    const held = new HeldConnection(client);
    try {
      const answer = await this.#exchange(held, call);
      if (call.effect === 'write') await commit(held, call);
      held.giveBack();
      return answer;
    } catch (error) {
      if (error instanceof DatabaseError || (isFault(error) && error.cause instanceof DatabaseError)) held.giveBack();
      else held.drop();
      throw foreignFaultOf(error, 'no');
    }
  }

  get stats(): { readonly connections: number; readonly idle: number; readonly waiting: number } {
    const { totalCount, idleCount, waitingCount } = this.#pool;
    return { connections: totalCount, idle: idleCount, waiting: waitingCount };
  }

  /** Calls under way end as they would have, within a bound. */
  async close(): Promise<void> {
    const timer = new AbortController();
    const late = sleep(closeMsMax, undefined, { signal: timer.signal }).catch(() => undefined);
    await Promise.race([this.#pool.end(), late]);
    timer.abort();
  }

  async #connect(call: ForeignCall): Promise<PoolClient> {
    const { totalCount, idleCount } = this.#pool;
    const allTaken = totalCount >= this.options.connectionsMax && idleCount === 0;
    let connecting: Promise<PoolClient> | undefined;
    try {
      connecting = this.#pool.connect();
      return await within(connecting, call.deadlineAtMs, 'no', call.signal);
    } catch (error) {
      void connecting?.then(
        (client) => client.release(),
        () => undefined,
      );
      // The pool's own time-out carries no code; whatever comes from a socket or the server does.
      if (allTaken && !isFault(error) && (error as { code?: unknown }).code === undefined) throw poolExhausted(error);
      throw foreignFaultOf(error, 'no');
    }
  }

  async #exchange(held: HeldConnection, call: ForeignCall): Promise<ForeignAnswer> {
    const { effect, role, marks, statement, rowsMax, bytesMax, deadlineAtMs, signal } = call;
    const write = effect === 'write';
    const timeoutMs = Math.max(1, Math.min(call.statementTimeoutMs, deadlineAtMs - Date.now() - serverFirstMs));
    const opening: Step[] = [
      { text: write ? 'BEGIN READ WRITE' : 'BEGIN READ ONLY' },
      { text: settings, values: [String(Math.ceil(timeoutMs)), String(abandonedMs)] },
      ...(marks === undefined ? [] : [marked(marks)]),
      ...(role === undefined ? [] : [{ text: becomeRole, values: [role] }]),
    ];
    const ending: Step[] = write ? [] : [{ text: 'ROLLBACK' }, { text: unlockAll }];
    const exchange = new ForeignExchange({ opening, statement, ending, rowsMax, bytesMax, toTheEnd: write });
    held.changed = write;
    held.client.query(exchange);
    try {
      // Silence of a server is told to the breaker by a read; a write that was not committed did not happen.
      return await within(exchange.answer, deadlineAtMs, write ? 'no' : 'maybe', signal);
    } catch (error) {
      held.changed = true;
      if (exchange.outgrown === undefined) {
        throw error instanceof DatabaseError && exchange.isOpening ? openingFaultOf(error) : error;
      }
      held.drop();
      if (!write) return exchange.outgrown;
      throw invalid('SQL_ANSWER_TOO_LARGE', 'The answer would be too long; nothing was changed.', {
        details: { sent: 'no' },
      });
    }
  }
}

/** Local to the transaction, so a pooler's next user never sees them. */
function marked(marks: Readonly<Record<string, string>>): Step {
  const names = Object.keys(marks);
  const text = names.map((_, at) => `set_config($${2 * at + 1}, $${2 * at + 2}, true)`).join(', ');
  return { text: `SELECT ${text}`, values: names.flatMap((name) => [name, marks[name]!]) };
}

/** What the server refuses is rolled back; what ends the connection meanwhile leaves open whether it was. */
async function commit({ client }: HeldConnection, { deadlineAtMs }: ForeignCall): Promise<void> {
  const waitUntilMs = Math.max(Date.now(), deadlineAtMs) + commitGraceMs;
  try {
    await within(client.query('COMMIT'), waitUntilMs, 'maybe');
  } catch (error) {
    throw foreignFaultOf(error, wasRolledBack(error) ? 'no' : 'maybe');
  }
}

function wasRolledBack(error: unknown): boolean {
  if (!(error instanceof DatabaseError) || error.severity !== 'ERROR') return false;
  return !/^(?:08|57|58|XX|40003)/.test(error.code ?? '');
}

/** A connection for the time of one call. */
class HeldConnection {
  /** Something of the call may be left on it. */
  changed = false;
  #held = true;
  readonly #ignore = (): void => undefined;

  constructor(readonly client: PoolClient) {
    // The call hears of it by its own promise.
    client.on('error', this.#ignore);
  }

  /** Nobody waits for it: the caller has its answer. */
  giveBack(): void {
    if (!this.#held) return;
    if (!this.changed) return this.#release(false);
    this.#held = false;
    const reset = this.client.query(`ROLLBACK; RESET ALL; ${unlockAll}`);
    within(reset, Date.now() + resetMsMax, 'no').then(
      () => this.#release(false),
      () => this.#release(true),
    );
  }

  /** Whatever it still does is ended on the server. */
  drop(): void {
    if (!this.#held) return;
    cancelOnServer(this.client);
    this.#release(true);
  }

  #release(broken: boolean): void {
    this.#held = false;
    if (!broken) this.client.removeListener('error', this.#ignore);
    this.client.release(broken);
  }
}

function within<T>(work: Promise<T>, deadlineAtMs: number, sent: Sent, signal?: AbortSignal): Promise<T> {
  const end = (reason: string, message: string) => expired(reason, message, { details: { sent } });
  return waitFor(work, {
    withinMs: deadlineAtMs - Date.now(),
    late: () => end('DEADLINE_PASSED', 'The database did not answer in time.'),
    signal,
    aborted: () => end('CANCELLED', 'The call is over.'),
  });
}

const poolExhausted = (cause: unknown) =>
  overloaded('SQL_POOL_EXHAUSTED', 'All connections to the database are taken.', { details: { sent: 'no' }, cause });
