/**
 * The connections of one process to its database. Every wait has an end: for a connection, for a statement on the server,
 * and on this side for a server that says nothing at all. Whatever goes wrong leaves as a `Fault`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool, types, type PoolClient, type PoolConfig } from 'pg';
import type { Fault } from '@toolfleet/kernel';
import { databaseFaultOf, databaseUnreachable } from './database-fault.js';

export interface DatabaseOptions {
  readonly url: string;
  /** Shown in pg_stat_activity: the role that connects. */
  readonly applicationName: string;
  /** A process needs one for its commits, one for its ledger and a few for reads; Postgres likes few. */
  readonly connectionsMax?: number;
  readonly connectTimeoutMs?: number;
  readonly statementTimeoutMs?: number;
  /** How long a store repeats a statement that found no database before it gives up with DATABASE_UNREACHABLE. */
  readonly retryForMs?: number;
  /** Hears of every statement that ended well, and how long it took, the wait for a connection included. */
  readonly onStatement?: (name: string, tookMs: number) => void;
  /** Hears of an idle connection that broke; the pool replaces it by itself. */
  readonly onConnectionLost?: (fault: Fault) => void;
}

/** A statement with a name is parsed once on each connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

export type Row = Readonly<Record<string, unknown>>;

const int8Oid = 20;
/** The client gives up this much later than the server should have, so the server's own word wins when it is alive. */
const clientGraceMs = 1_000;
const retryFirstMs = 50;
const retryMostMs = 1_000;

export class Database {
  readonly #pool: Pool;
  readonly #answerMsMax: number;
  readonly #retryForMs: number;
  readonly #onStatement: DatabaseOptions['onStatement'];

  constructor(options: DatabaseOptions) {
    this.#onStatement = options.onStatement;
    this.#retryForMs = options.retryForMs ?? 10_000;
    const statementTimeoutMs = options.statementTimeoutMs ?? 5_000;
    this.#answerMsMax = statementTimeoutMs + clientGraceMs;
    this.#pool = new Pool(poolConfigOf(options, statementTimeoutMs));
    // Without a listener a connection that breaks would end the process, idle or not; a statement under way fails by it too.
    this.#pool.on('error', (error) => options.onConnectionLost?.(databaseFaultOf(error)));
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
  }

  /** One attempt. */
  async query<R extends object = Row>(statement: Statement, values: readonly unknown[]): Promise<R[]> {
    const beganAtMs = performance.now();
    try {
      const rows = await this.#rowsOf<R>(statement, values);
      this.#onStatement?.(statement.name, performance.now() - beganAtMs);
      return rows;
    } catch (error) {
      throw databaseFaultOf(error);
    }
  }

  async #rowsOf<R extends object>(statement: Statement, values: readonly unknown[]): Promise<R[]> {
    const client = await this.#pool.connect();
    const late = setTimeout(cut, this.#answerMsMax, client);
    try {
      const rows = await answerOf<R>(client, statement, values);
      client.release();
      return rows;
    } catch (error) {
      client.release(true);
      throw error;
    } finally {
      clearTimeout(late);
    }
  }

  /**
   * Repeats an attempt while the database is unreachable, within `retryForMs` or until `signal` aborts. The statement must
   * bear being run twice: a connection lost at the wrong moment does not tell whether the first run was committed.
   */
  async repeat<T>(attempt: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const giveUpAtMs = Date.now() + this.#retryForMs;
    for (let pauseMs = retryFirstMs; ; pauseMs = Math.min(pauseMs * 2, retryMostMs)) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- attempts follow one another
        return await attempt();
      } catch (error) {
        const fault = databaseFaultOf(error);
        // Spread over half the pause, so that many processes do not meet a database that has just come back at once.
        const waitMs = pauseMs * (0.5 + Math.random() / 2);
        if (fault.kind !== 'unreachable' || Date.now() + waitMs >= giveUpAtMs || signal?.aborted === true) {
          throw fault;
        }
        // oxlint-disable-next-line no-await-in-loop
        await sleep(waitMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** A keyed read: repeated like any statement that changes nothing. */
  read<R extends object = Row>(statement: Statement, values: readonly unknown[]): Promise<R[]> {
    return this.repeat(() => this.query<R>(statement, values));
  }

  get stats(): { readonly connections: number; readonly idle: number; readonly waiting: number } {
    const { totalCount, idleCount, waitingCount } = this.#pool;
    return { connections: totalCount, idle: idleCount, waiting: waitingCount };
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}

/** Readiness: one round trip within `timeoutMs`, otherwise unreachable DATABASE_UNREACHABLE. */
export async function checkDatabase(database: Database, timeoutMs = 1_000): Promise<void> {
  const timer = new AbortController();
  const late = sleep(timeoutMs, undefined, { signal: timer.signal }).then(() => Promise.reject(databaseUnreachable()));
  try {
    await Promise.race([database.query({ name: 'check_database', text: 'select 1' }, []), late]);
  } finally {
    timer.abort();
    late.catch(() => undefined);
  }
}

/**
 * With a callback and a timer of ours. pg's own `query_timeout`, and its promise, assign a function to a property for each
 * statement. V8 takes such a function for a method, which stays, and makes it in the old generation, where nothing ends before
 * the heap is collected whole: with it the statement, its rows and the buffers they came in. A statement then leaves 2,300
 * bytes, this way 100 (`pool.int.spec.ts`).
 */
function answerOf<R extends object>(
  client: PoolClient,
  statement: Statement,
  values: readonly unknown[],
): Promise<R[]> {
  return new Promise((resolve, reject) => {
    client.query<R>({ ...statement, values: [...values] }, (error: Error | null, result) => {
      if (error) reject(error);
      else resolve(result.rows);
    });
  });
}

/** The connection of a statement that got no answer; the statement fails by its end. */
function cut(client: PoolClient): void {
  client.connection.stream.destroy();
}

function poolConfigOf(options: DatabaseOptions, statementTimeoutMs: number): PoolConfig {
  return {
    connectionString: options.url,
    application_name: options.applicationName,
    max: options.connectionsMax ?? 8,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 3_000,
    statement_timeout: statementTimeoutMs,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    // Every statement here is keyed, but a plan made while a table was nearly empty would read it from end to end, stay
    // cached and go on doing so as the table grows, until the next analyze. JIT costs more than such short statements,
    // and so does planning them: one plan a connection takes a commit from 1.95 to 1.50 ms when it comes alone.
    options: '-c enable_seqscan=off -c jit=off -c plan_cache_mode=force_generic_plan',
    // pg's `pipeline` stays off: a group is one statement, so a connection never has a second one to send meanwhile.
    types: { getTypeParser: parserOf as typeof types.getTypeParser },
  };
}

/** Our bigints are milliseconds and counts, all below 2^53; epochs are read as text. */
function parserOf(oid: number, format?: 'text' | 'binary'): unknown {
  return oid === int8Oid ? Number : types.getTypeParser(oid, format);
}
