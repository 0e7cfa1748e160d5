/**
 * The shop's own schema, `retail`, and its published data. Setting up is safe to repeat and safe to run at the same
 * time from several processes: one transaction under one advisory lock.
 */
import type pg from 'pg';
import { unsetOrderFields, type ShopRecords } from './records.js';

/** Any number, as long as nobody else on the database uses it. */
const setUpLock = 7_041_976;

/** `json`, not `jsonb`: a record is served with its fields in the order they were written. */
const schemaSql = `
CREATE SCHEMA IF NOT EXISTS retail;

CREATE TABLE IF NOT EXISTS retail.record (
  table_name text NOT NULL, record_id text NOT NULL, value json NOT NULL, PRIMARY KEY (table_name, record_id));
CREATE INDEX IF NOT EXISTS record_email ON retail.record (lower(value ->> 'email')) WHERE table_name = 'users';
CREATE INDEX IF NOT EXISTS record_name ON retail.record
  (lower(value #>> '{name,last_name}'), lower(value #>> '{name,first_name}')) WHERE table_name = 'users';

-- What a copy of the shop sees instead of the published record.
CREATE TABLE IF NOT EXISTS retail.record_override (
  copy text NOT NULL, table_name text NOT NULL, record_id text NOT NULL, value json NOT NULL,
  PRIMARY KEY (copy, table_name, record_id));

-- One row per idempotency key; the answer is there as soon as the row is visible to others.
CREATE TABLE IF NOT EXISTS retail.stored_answer (
  copy text NOT NULL, idempotency_key text NOT NULL, operation text NOT NULL, digest text NOT NULL,
  status int, content_type text, body text, replays int NOT NULL DEFAULT 0, PRIMARY KEY (copy, idempotency_key));

-- One row per write that really ran, in the transaction of its effect: duplicates show here and nowhere else.
CREATE TABLE IF NOT EXISTS retail.effect_log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, copy text NOT NULL, idempotency_key text,
  operation text NOT NULL, digest text NOT NULL, status int NOT NULL, executed_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX IF NOT EXISTS effect_log_copy ON retail.effect_log (copy);`;

export async function setUpSchema(client: pg.ClientBase, loadRecords: () => Promise<ShopRecords>): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query('SELECT pg_advisory_xact_lock($1)', [setUpLock]);
    await client.query(schemaSql);
    const { rowCount } = await client.query('SELECT 1 FROM retail.record LIMIT 1');
    if (rowCount === 0) await insertRecords(client, await loadRecords());
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

async function insertRecords(client: pg.ClientBase, records: ShopRecords): Promise<void> {
  const orders = Object.entries(records.orders).map(([id, order]) => [id, { ...order, ...unsetOrderFields }] as const);
  const tables = {
    products: Object.entries(records.products),
    users: Object.entries(records.users),
    orders,
  };
  for (const [table, entries] of Object.entries(tables)) {
    await client.query(
      'INSERT INTO retail.record SELECT $1, * FROM unnest($2::text[], $3::json[]) ON CONFLICT DO NOTHING',
      [table, entries.map(([id]) => id), entries.map(([, value]) => JSON.stringify(value))],
    );
  }
  await client.query('ANALYZE retail.record');
}
