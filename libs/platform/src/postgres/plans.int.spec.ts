/** Each connection plans a statement once, perhaps while its table is still empty: that plan must serve the full table too. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { databaseForTests, type TestDatabase } from '@toolfleet/testkit';
import * as effect from './effect-sql.js';
import { migrate } from './migrate.js';
import { Database, type Statement } from './pool.js';
import * as quota from './quota-store.js';
import { headsStatement } from './session-eraser.js';
import { newestStatement } from './session-sample.js';
import * as session from './session-sql.js';
import { findSubjectToken } from './subject-token-store.js';

let server: TestDatabase;
let database: Database;

before(async () => {
  server = await databaseForTests();
  await migrate(server.url);
  database = new Database({ url: server.url, applicationName: 'plans-spec' });
});

after(async () => {
  await database.close();
  await server.stop();
});

/** How each table is reached, as the planner says it: an index's name, `Tid` for a row's place. */
async function waysOf(statement: Statement): Promise<string[]> {
  const rows = await database.query<{ 'QUERY PLAN': string }>(
    { name: '', text: `explain (generic_plan) ${statement.text}` },
    [],
  );
  const ways = rows.flatMap(({ 'QUERY PLAN': line }) => {
    const [, kind, index] = /(\w+)(?: Only)? Scan(?: Backward)?(?: (?:using|on) (\w+))?/.exec(line) ?? [];
    if (kind === undefined || kind === 'CTE' || kind === 'Function') return [];
    return [kind === 'Index' ? index! : kind];
  });
  return [...new Set(ways)].toSorted();
}

const byKey: readonly [Statement, readonly string[]][] = [
  [session.commitStatement, ['session_pkey']],
  [session.headStatement, ['session_pkey']],
  [session.loadStatement, ['session_event_pkey', 'session_pkey']],
  [session.retireStatement, ['Tid', 'session_pkey']],
  [session.eventsStatement, ['session_event_pkey']],
  [effect.settleStatement, ['Tid', 'effect_pkey']],
  [effect.takeOverStatement, ['effect_pkey']],
  [effect.findStatement, ['effect_pkey']],
  [findSubjectToken, ['subject_token_pkey']],
  [quota.leaseStatement, ['Heap', 'Subquery', 'quota_window_pkey']],
  [quota.lookStatement, ['Subquery', 'quota_window_pkey']],
  [quota.forgetStatement, ['Heap', 'quota_window_pkey']],
];

for (const [statement, ways] of byKey) {
  test(`${statement.name} planned for an empty table finds its rows by their key`, async () => {
    assert.deepEqual(await waysOf(statement), ways);
  });
}

test('what grows with the work is analyzed by few rows, and every column of it says by how many', async () => {
  const text = `select attrelid::regclass || '.' || attname as name, attstattarget as steps from pg_attribute
    where attrelid in ('session'::regclass, 'session_event'::regclass, 'effect'::regclass, 'audit_entry'::regclass)
      and attnum > 0 and not attisdropped and coalesce(attstattarget, -1) not in (0, 10)`;
  assert.deepEqual(await database.query({ name: '', text }, []), []);
});

test("a tenant's newest sessions are listed by their own index", async () => {
  assert.deepEqual(await waysOf(session.listStatement), ['session_newest']);
  assert.deepEqual(await waysOf(newestStatement), ['session_newest']);
  assert.deepEqual(await waysOf(headsStatement), ['session_newest']);
});

test('no index but its key leads to a session: of two that tie each connection would take its own', async () => {
  await database.query({ name: '', text: 'alter table session drop constraint session_pkey' }, []);
  // The pool's only connection: nothing here runs beside another.
  await database.query({ name: '', text: 'set enable_seqscan = on' }, []);
  // A commit looks as retirement does, and cannot be planned without the key.
  for (const statement of [session.headStatement, session.loadStatement, session.retireStatement]) {
    // oxlint-disable-next-line no-await-in-loop
    const ways = await waysOf(statement);
    assert.ok(ways.includes('Seq') && !ways.includes('session_newest'), `${statement.name}: ${ways.join()}`);
  }
});
