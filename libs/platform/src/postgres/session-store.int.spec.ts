/** The session store on a real Postgres: the contract, and what only a database with other clients can show. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { databaseForTests, eventually, type TestDatabase } from '@toolfleet/testkit';
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

  test('a turn rewrites the head in place, without touching an index', async () => {
    const tenant = newTenant();
    const sessions = Array.from({ length: 100 }, () => commitOf({ tenant }).head.sessionId);
    for (let seq = 1; seq <= 10; seq += 1) {
      await Promise.all(sessions.map((sessionId) => store.commit(commitOf({ tenant, sessionId, firstSeq: seq }))));
    }
    // Backends report what they did within a second of being idle.
    const row = await eventually(
      async () => {
        const [stats] = (await run(
          `select n_tup_upd as updates, n_tup_hot_upd as hot from pg_stat_user_tables where relname = 'session'`,
        )) as { updates: number; hot: number }[];
        return stats !== undefined && stats.updates >= 900 ? stats : undefined;
      },
      { withinMs: 10_000 },
    );
    assert.ok(row.hot / row.updates > 0.8, `${row.hot} of ${row.updates} in place`);
  });

  test('closing waits for nothing that was already answered', async () => {
    const commit = store.commit(commitOf({ tenant: newTenant() }));
    await store.drained();
    await commit;
  });
});
