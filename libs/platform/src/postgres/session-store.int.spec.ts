/** The session store on a real Postgres: the contract, and what only a database with other clients can show. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { databaseForTests, type TestDatabase } from '@toolfleet/testkit';
import { assertFault, commitOf, newTenant, sessionStoreContract } from './testing/index.js';
import { migrate } from './migrate.js';
import { Database } from './pool.js';
import { PostgresSessionStore } from './session-store.js';

let server: TestDatabase;
let database: Database;
let store: PostgresSessionStore;

before(async () => {
  server = await databaseForTests();
  await migrate(server.url);
  database = new Database({ url: server.url, applicationName: 'session-store-spec' });
  store = new PostgresSessionStore(database);
});

after(async () => {
  await database.close();
  await server.stop();
});

sessionStoreContract(() => store);

const run = (text: string): Promise<unknown[]> => database.query({ name: '', text }, []);

describe('PostgresSessionStore', () => {
  test('of two owners in two processes exactly one continues each session', async () => {
    const tenant = newTenant();
    const stores = [store, new PostgresSessionStore(database)];
    const sessions = Array.from({ length: 60 }, () => commitOf({ tenant }).head.sessionId);
    const lastSeq = 5;
    const won = new Map<string, number>();
    await Promise.all(
      stores.flatMap((owner, name) =>
        sessions.map(async (sessionId) => {
          for (let seq = 1; seq <= lastSeq; seq += 1) {
            try {
              await owner.commit(commitOf({ tenant, sessionId, firstSeq: seq, payloads: [`owner ${name}`] }));
              won.set(sessionId, (won.get(sessionId) ?? 0) + 1);
            } catch (error) {
              await assertFault(Promise.reject(error), 'conflict', 'SESSION_FENCED');
            }
          }
        }),
      ),
    );
    for (const sessionId of sessions) {
      const loaded = await store.load(tenant, sessionId);
      assert.equal(loaded?.head.seq, won.get(sessionId));
      assert.equal(loaded?.events.length, won.get(sessionId));
    }
  });

  test('a session that the server itself refuses fails alone among many that are committed with it', async () => {
    await run(`alter table session add constraint poison check (agent <> 'poison')`);
    try {
      const tenant = newTenant();
      const commits = Array.from({ length: 20 }, (_, at) =>
        commitOf({ tenant, agent: at === 7 ? 'poison' : 'retail' }),
      );
      const results = await Promise.allSettled(commits.map((commit) => store.commit(commit)));
      assert.deepEqual(
        results.flatMap(({ status }, at) => (status === 'rejected' ? [at] : [])),
        [7],
      );
      await assertFault(store.commit(commits[7] ?? commitOf({ tenant })), 'broken', 'DATABASE_REFUSED');
    } finally {
      await run('alter table session drop constraint poison');
    }
  });

  // How many updates were in place depends on what else the server does; that they can be is the schema's part.
  test('a turn can rewrite the head in place: no index holds what it changes, and pages keep room', async () => {
    const rewritten = ['seq', 'commit_seq', 'status', 'usage', 'updated_at_ms', 'next_wake_at_ms'];
    const indexed = (await run(
      `select distinct a.attname as name from pg_index i
       join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
       where i.indrelid = 'session'::regclass`,
    )) as { name: string }[];
    assert.ok(indexed.length > 0);
    assert.deepEqual(
      indexed.filter(({ name }) => rewritten.includes(name)),
      [],
    );
    const [table] = (await run(`select reloptions::text as options from pg_class where relname = 'session'`)) as {
      options: string;
    }[];
    assert.match(table?.options ?? '', /fillfactor=[5-9]\d/);
  });

  test('closing waits for nothing that was already answered', async () => {
    const commit = store.commit(commitOf({ tenant: newTenant() }));
    await store.drained();
    await commit;
  });
});
