/** Somebody else's database for specs: a small record shop on a real Postgres, with a role that may only read two tables. */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach } from 'node:test';
import { Client } from 'pg';
import { databaseForTests, type TestDatabase } from '@toolfleet/testkit';
import { isFault, type Fault } from '@toolfleet/kernel';
import { ForeignDatabase, type ForeignCall } from './foreign-database.js';

export const quiet: AbortSignal = new AbortController().signal;
export const soon = { withinMs: 3_000 };
export const role = `reader_${process.pid}_${Date.now().toString(36)}`;
export let server: TestDatabase;
export let admin: Client;
/** Of this test. */
export let database: ForeignDatabase;

before(async () => {
  server = await databaseForTests();
  admin = new Client({ connectionString: server.url });
  await admin.connect();
  await admin.query(`
    CREATE TABLE artist (artist_id int PRIMARY KEY, name text NOT NULL);
    CREATE TABLE invoice (
      invoice_id int PRIMARY KEY, customer text NOT NULL, total numeric(10, 2) CHECK (total > 0), artist int REFERENCES artist
    );
    CREATE SEQUENCE ticket;
    INSERT INTO artist VALUES (1, 'AC/DC'), (2, 'Accept'), (3, 'Aerosmith');
    CREATE FUNCTION sneaky() RETURNS int LANGUAGE sql VOLATILE AS $$ DELETE FROM artist RETURNING artist_id $$;
    CREATE ROLE ${role} NOLOGIN;
    GRANT SELECT ON artist, invoice TO ${role};
  `);
});
after(async () => {
  await admin.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  await admin.end();
  await server.stop();
});
beforeEach(() => {
  database = open();
});
afterEach(() => database.close());

export const open = (connectionsMax = 4, url = server.url) =>
  new ForeignDatabase({ url, applicationName: 'foreign-spec', connectionsMax, connectTimeoutMs: 1_000 });

export function callOf(text: string, call: Partial<ForeignCall> = {}, ...values: (string | null)[]): ForeignCall {
  return {
    ...{ statement: { text, values }, effect: 'read', statementTimeoutMs: 5_000, rowsMax: 100, bytesMax: 100_000 },
    ...{ deadlineAtMs: Date.now() + 5_000, signal: quiet },
    ...call,
  };
}
export async function rowsOf(text: string, ...values: (string | null)[]): Promise<unknown[]> {
  const { rows } = await database.run(callOf(text, {}, ...values));
  return rows.map((row) => JSON.parse(row));
}
export async function faultOf(text: string, call: Partial<ForeignCall> = {}, from = database): Promise<Fault> {
  try {
    await from.run(callOf(text, call));
  } catch (error) {
    assert.ok(isFault(error), String(error));
    return error;
  }
  return assert.fail(`${text} is taken`);
}
export const says = ({ kind, reason, details }: Fault) => `${kind} ${reason} ${details['sent']}`;
export const running = async (): Promise<number> => {
  const { rowCount } = await admin.query(
    `SELECT 1 FROM pg_stat_activity WHERE application_name = 'foreign-spec' AND datname = current_database()
      AND state <> 'idle'`,
  );
  return rowCount ?? -1;
};
