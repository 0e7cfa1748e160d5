/** Migrations on a real Postgres: together, twice, planned, and against a database from another version. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { databaseForTests, type TestDatabase } from '@toolfleet/testkit';
import { assertFault } from './testing/index.js';
import { migrate } from './migrate.js';
import { checkDatabase, Database } from './pool.js';

let server: TestDatabase;
let database: Database;

before(async () => {
  server = await databaseForTests();
  database = new Database({ url: server.url, applicationName: 'migrate-spec', retryForMs: 300 });
});

after(async () => {
  await database.close();
  await server.stop();
});

const run = (text: string): Promise<unknown[]> => database.query({ name: '', text }, []);

test('a plan names what would be applied and changes nothing', async () => {
  const plan = await migrate(server.url, { plan: true });
  assert.equal(plan.applied[0], '0001-sessions.sql');
  assert.deepEqual(await run(`select tablename from pg_tables where schemaname = 'public'`), []);
});

test('of several processes that start at once one migrates and the others wait for it', async () => {
  const plan = await migrate(server.url, { plan: true });
  const reports = await Promise.all(Array.from({ length: 5 }, () => migrate(server.url)));
  assert.deepEqual(reports.map(({ applied }) => applied.length).toSorted(), [0, 0, 0, 0, plan.applied.length]);
  assert.deepEqual(await migrate(server.url), { applied: [], ahead: [] });
});

test('a database that is ahead is left alone', async () => {
  await run(`insert into schema_migration (name, digest) values ('9999-later.sql', 'x')`);
  assert.deepEqual(await migrate(server.url), { applied: [], ahead: ['9999-later.sql'] });
});

test('a migration that was edited after it was applied is refused', async () => {
  await run(`update schema_migration set digest = 'other' where name = '0001-sessions.sql'`);
  await assertFault(migrate(server.url), 'broken', 'MIGRATION_CHANGED');
});

test('a lost lock race ends in a fault, not in a wait for ever', async () => {
  const holder = new Database({ url: server.url, applicationName: 'lock-holder', connectionsMax: 1 });
  await holder.query({ name: '', text: 'select pg_advisory_lock(7405661203)' }, []);
  await assertFault(migrate(server.url, { waitMs: 300 }), 'unreachable', 'DATABASE_UNREACHABLE');
  await holder.close();
});

test('without a server every way in says unreachable within its bound', async () => {
  // Nothing listens on port 1, and without privileges nothing can.
  const url = 'postgres://nobody@127.0.0.1:1/none';
  await assertFault(migrate(url, { waitMs: 300 }), 'unreachable', 'DATABASE_UNREACHABLE');
  const absent = new Database({ url, applicationName: 'absent', retryForMs: 300 });
  await assertFault(checkDatabase(absent), 'unreachable', 'DATABASE_UNREACHABLE');
  await assertFault(absent.read({ name: '', text: 'select 1' }, []), 'unreachable', 'DATABASE_UNREACHABLE');
  await absent.close();
});

test('readiness holds while the server answers and fails when it does not in time', async () => {
  await checkDatabase(database);
  const slow = new Database({ url: server.url, applicationName: 'slow', connectionsMax: 1 });
  const busy = slow.query({ name: '', text: 'select pg_sleep(0.6)' }, []);
  await assertFault(checkDatabase(slow, 100), 'unreachable', 'DATABASE_UNREACHABLE');
  await busy;
  await slow.close();
});

test('a statement that takes too long is cancelled and the connection serves the next', async () => {
  const short = new Database({ url: server.url, applicationName: 'short', statementTimeoutMs: 100, connectionsMax: 1 });
  await assertFault(short.query({ name: '', text: 'select pg_sleep(5)' }, []), 'unreachable', 'DATABASE_UNREACHABLE');
  await checkDatabase(short);
  await short.close();
});

test('a wrong statement is our bug and is not repeated', async () => {
  await assertFault(database.read({ name: '', text: 'select nothing' }, []), 'broken', 'DATABASE_REFUSED');
});
