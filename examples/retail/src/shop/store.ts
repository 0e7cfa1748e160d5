/**
 * The shop's records in Postgres. The published data is loaded once and never changes; every copy of the shop sees it
 * through its own overrides, so a copy costs only what was changed in it. A write holds the row locks of what it
 * changes, and its records, its effect log entry and its stored answer commit together or not at all.
 */
import { faultOf, isFault, overloaded, unreachable } from '@toolfleet/kernel';
import { DatabaseError, type Pool, type PoolClient } from 'pg';
import type { RecordChange } from '../data.js';
import type { Product, RecordOf, Table } from './records.js';

/** What a caller of an operation gets, and gets again when it repeats the request with the same key. */
export interface ShopAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface WriteRequest {
  readonly copy: string;
  readonly operation: string;
  /** Digest of the arguments: the same key with other arguments is a caller's mistake. */
  readonly digest: string;
  readonly idempotencyKey: string | undefined;
}

export type WriteResult =
  { readonly kind: 'executed' | 'replayed'; readonly answer: ShopAnswer } | { readonly kind: 'keyReused' };

export interface EffectCount {
  /** Writes that really ran, refused ones included. */
  readonly executions: number;
  /** Executions that repeat an earlier one of the same copy: same operation, same arguments, whatever the key. */
  readonly duplicates: number;
  /** Repeats that were answered from the stored answer instead. */
  readonly replays: number;
}

/** The records of one copy inside one write. */
export interface CopyWriter {
  /** Locks the record in this copy until the write ends. Order first, then its user: so no two writes wait in a ring. */
  lock<T extends Table>(table: T, id: string): Promise<RecordOf[T] | undefined>;
  read<T extends Table>(table: T, id: string): Promise<RecordOf[T] | undefined>;
  products(ids: readonly string[]): Promise<ReadonlyMap<string, Product>>;
  save<T extends Table>(table: T, id: string, value: RecordOf[T]): Promise<void>;
}

const readSql = `SELECT coalesce(own.value, base.value) AS value FROM retail.record base
  LEFT JOIN retail.record_override own
    ON own.copy = $1 AND own.table_name = base.table_name AND own.record_id = base.record_id
  WHERE base.table_name = $2 AND base.record_id = $3`;

const lockSql = `INSERT INTO retail.record_override AS own (copy, table_name, record_id, value)
  SELECT $1, table_name, record_id, value FROM retail.record WHERE table_name = $2 AND record_id = $3
  ON CONFLICT (copy, table_name, record_id) DO UPDATE SET value = own.value RETURNING value`;

const saveSql = `UPDATE retail.record_override SET value = $4
  WHERE copy = $1 AND table_name = $2 AND record_id = $3`;

const productsOfSql = `SELECT record_id AS id, value FROM retail.record
  WHERE table_name = 'products' AND record_id = ANY($1::text[])`;

const claimSql = `INSERT INTO retail.stored_answer (copy, idempotency_key, operation, digest)
  VALUES ($1, $2, $3, $4) ON CONFLICT (copy, idempotency_key) DO NOTHING`;

const replaySql = `UPDATE retail.stored_answer SET replays = replays + 1 WHERE copy = $1 AND idempotency_key = $2
  RETURNING operation, digest, status, content_type, body`;

const effectSql = `INSERT INTO retail.effect_log (copy, idempotency_key, operation, digest, status)
  VALUES ($1, $2, $3, $4, $5)`;

const storeAnswerSql = `UPDATE retail.stored_answer SET status = $3, content_type = $4, body = $5
  WHERE copy = $1 AND idempotency_key = $2`;

const byEmailSql = `SELECT record_id AS id FROM retail.record
  WHERE table_name = 'users' AND lower(value ->> 'email') = lower($1) ORDER BY record_id LIMIT 1`;

const byNameZipSql = `SELECT base.record_id AS id FROM retail.record base
  LEFT JOIN retail.record_override own
    ON own.copy = $1 AND own.table_name = base.table_name AND own.record_id = base.record_id
  WHERE base.table_name = 'users' AND lower(base.value #>> '{name,first_name}') = lower($2)
    AND lower(base.value #>> '{name,last_name}') = lower($3)
    AND coalesce(own.value, base.value) #>> '{address,zip}' = $4
  ORDER BY base.record_id LIMIT 1`;

const changesSql = `SELECT own.table_name AS "table", own.record_id AS id, own.value FROM retail.record_override own
  JOIN retail.record base USING (table_name, record_id)
  WHERE own.copy = $1 AND own.value::jsonb <> base.value::jsonb
  ORDER BY own.table_name DESC, own.record_id COLLATE "C"`;

const effectsSql = `SELECT
  (SELECT count(*)::int FROM retail.effect_log WHERE $1::text IS NULL OR copy = $1) AS executions,
  (SELECT coalesce(sum(times - 1), 0)::int FROM (SELECT count(*) AS times FROM retail.effect_log
    WHERE $1::text IS NULL OR copy = $1 GROUP BY copy, operation, digest) grouped) AS duplicates,
  (SELECT coalesce(sum(replays), 0)::int FROM retail.stored_answer WHERE $1::text IS NULL OR copy = $1) AS replays`;

export class ShopStore {
  constructor(private readonly pool: Pool) {}

  async read<T extends Table>(copy: string, table: T, id: string): Promise<RecordOf[T] | undefined> {
    const { rows } = await ask<{ value: RecordOf[T] }>(this.pool, 'read', readSql, [copy, table, id]);
    return rows[0]?.value;
  }

  /** Every product: they are never changed, in no copy. */
  async products(): Promise<readonly Product[]> {
    const sql = `SELECT value FROM retail.record WHERE table_name = 'products'`;
    const { rows } = await ask<{ value: Product }>(this.pool, 'products', sql, []);
    return rows.map((row) => row.value);
  }

  async userIdByEmail(email: string): Promise<string | undefined> {
    const { rows } = await ask<{ id: string }>(this.pool, 'by_email', byEmailSql, [email]);
    return rows[0]?.id;
  }

  async userIdByNameZip(copy: string, first: string, last: string, zip: string): Promise<string | undefined> {
    const { rows } = await ask<{ id: string }>(this.pool, 'by_name_zip', byNameZipSql, [copy, first, last, zip]);
    return rows[0]?.id;
  }

  /** What differs from the published data in this copy: users, then orders, each by id. */
  async changes(copy: string): Promise<readonly RecordChange[]> {
    const { rows } = await ask<{ table: string; id: string; value: unknown }>(this.pool, 'changes', changesSql, [copy]);
    return rows.map((row) => [row.table, row.id, row.value] as const);
  }

  /** Of one copy, or of all. */
  async effects(copy: string | undefined): Promise<EffectCount> {
    const { rows } = await ask<EffectCount>(this.pool, 'effects', effectsSql, [copy ?? null]);
    return rows[0] ?? { executions: 0, duplicates: 0, replays: 0 };
  }

  async ping(): Promise<void> {
    await ask(this.pool, 'ping', 'SELECT 1', []);
  }

  /**
   * Runs a write once for its key. A repeat waits for the first to commit (the key's unique row), then gets its answer;
   * if the first was rolled back, the repeat runs. `run` turns refusals into answers itself: what it throws rolls back.
   */
  async write(request: WriteRequest, run: (writer: CopyWriter) => Promise<ShopAnswer>): Promise<WriteResult> {
    return this.inTransaction(async (client) => {
      if (request.idempotencyKey !== undefined) {
        const earlier = await claimKey(client, request, request.idempotencyKey);
        if (earlier !== undefined) return earlier;
      }
      const answer = await run(new TransactionWriter(client, request.copy));
      await recordExecution(client, request, answer);
      return { kind: 'executed', answer };
    });
  }

  private async inTransaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.pool.connect().catch((error: unknown) => {
      throw databaseFault(error);
    });
    let failure: Error | undefined;
    try {
      await ask(client, 'begin', 'BEGIN', []);
      const result = await work(client);
      await ask(client, 'commit', 'COMMIT', []);
      return result;
    } catch (error) {
      // A connection whose rollback fails is in an unknown state: it is closed instead of going back to the pool.
      await client.query('ROLLBACK').catch((rollbackError: Error) => {
        failure = rollbackError;
      });
      throw error;
    } finally {
      client.release(failure);
    }
  }
}

class TransactionWriter implements CopyWriter {
  constructor(
    private readonly client: PoolClient,
    private readonly copy: string,
  ) {}

  async lock<T extends Table>(table: T, id: string): Promise<RecordOf[T] | undefined> {
    const { rows } = await ask<{ value: RecordOf[T] }>(this.client, 'lock', lockSql, [this.copy, table, id]);
    return rows[0]?.value;
  }

  async read<T extends Table>(table: T, id: string): Promise<RecordOf[T] | undefined> {
    const { rows } = await ask<{ value: RecordOf[T] }>(this.client, 'read', readSql, [this.copy, table, id]);
    return rows[0]?.value;
  }

  async products(ids: readonly string[]): Promise<ReadonlyMap<string, Product>> {
    const { rows } = await ask<{ id: string; value: Product }>(this.client, 'products_of', productsOfSql, [[...ids]]);
    return new Map(rows.map((row) => [row.id, row.value]));
  }

  async save<T extends Table>(table: T, id: string, value: RecordOf[T]): Promise<void> {
    await ask(this.client, 'save', saveSql, [this.copy, table, id, JSON.stringify(value)]);
  }
}

/** The only way to the database here, so that each failure of it becomes the right fault. */
async function ask<R extends object>(
  on: Pool | PoolClient,
  name: string,
  text: string,
  values: readonly unknown[],
): Promise<{ rows: R[]; rowCount: number | null }> {
  try {
    return await on.query<R>({ name: `shop_${name}`, text, values: [...values] });
  } catch (error) {
    throw databaseFault(error);
  }
}

interface StoredAnswer {
  readonly operation: string;
  readonly digest: string;
  readonly status: number;
  readonly content_type: string;
  readonly body: string;
}

/** Takes the key for this transaction, or finds the answer it already has. */
async function claimKey(client: PoolClient, request: WriteRequest, key: string): Promise<WriteResult | undefined> {
  const { copy, operation, digest } = request;
  const claimed = await ask(client, 'claim', claimSql, [copy, key, operation, digest]);
  if (claimed.rowCount === 1) return undefined;
  const { rows } = await ask<StoredAnswer>(client, 'replay', replaySql, [copy, key]);
  const [stored] = rows;
  if (stored === undefined || stored.operation !== operation || stored.digest !== digest) {
    return { kind: 'keyReused' };
  }
  const answer = { status: stored.status, contentType: stored.content_type, body: stored.body };
  return { kind: 'replayed', answer };
}

async function recordExecution(client: PoolClient, request: WriteRequest, answer: ShopAnswer): Promise<void> {
  const { copy, operation, digest, idempotencyKey: key } = request;
  await ask(client, 'effect', effectSql, [copy, key ?? null, operation, digest, answer.status]);
  if (key !== undefined) {
    await ask(client, 'store_answer', storeAnswerSql, [copy, key, answer.status, answer.contentType, answer.body]);
  }
}

/** SQLSTATEs after which the same request may work: lock or statement timeout, deadlock, no slot, shutting down. */
const busyStates: ReadonlySet<string> = new Set(['55P03', '57014', '40P01', '53300', '57P01', '57P03']);

function databaseFault(error: unknown): Error {
  if (isFault(error)) return error;
  if (!(error instanceof DatabaseError)) {
    return unreachable('DATABASE_UNREACHABLE', 'The shop cannot reach its database', { cause: error });
  }
  if (busyStates.has(error.code ?? '')) {
    return overloaded('DATABASE_BUSY', 'The shop is busy', { retryAfterMs: 1_000, cause: error });
  }
  return faultOf(error);
}
