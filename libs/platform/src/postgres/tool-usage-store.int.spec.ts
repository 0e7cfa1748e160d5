import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { databaseForTests, type TestDatabase } from '@toolfleet/testkit';
import { Client } from 'pg';
import { migrate } from './migrate.js';
import { Database } from './pool.js';
import { PostgresToolUsageStore } from './tool-usage-store.js';

let server: TestDatabase;
let database: Database;
let store: PostgresToolUsageStore;

before(async () => {
  server = await databaseForTests();
  await migrate(server.url);
  database = new Database({ url: server.url, applicationName: 'spec' });
  store = new PostgresToolUsageStore(database);
});
after(async () => {
  await database?.close();
  await server?.stop();
});

async function run(text: string): Promise<void> {
  const client = new Client({ connectionString: server.url });
  await client.connect();
  await client.query(text).finally(() => client.end());
}

test('a version is as old as when it was first seen without a gap', async () => {
  const [one, two] = ['1', '2'].map((version) => ({ tool: 'search', version }));
  await store.keepSeen([one!], 100);
  await store.keepSeen([one!, two!], 200);
  assert.deepEqual([...(await store.firstSeen())].toSorted(), [
    ['search@1', 100],
    ['search@2', 200],
  ]);
  await store.keepSeen([two!], 300);
  await store.keepSeen([one!, two!], 400);
  assert.deepEqual([...(await store.firstSeen())].toSorted(), [
    ['search@1', 400],
    ['search@2', 200],
  ]);
});

test('a version that was archived is so until it has left the catalogue', async () => {
  const [one, two] = ['1', '2'].map((version) => ({ tool: 'idle', version }));
  await store.keepSeen([one!, two!], 100);
  await store.archive([one!, { tool: 'nobody', version: '1' }], 200);
  await store.archive([one!], 300);
  assert.deepEqual([...(await store.archived())], ['idle@1']);
  await store.keepSeen([one!, two!], 400);
  assert.deepEqual([...(await store.archived())], ['idle@1'], 'a restart forgets nothing');
  await store.keepSeen([two!], 500);
  await store.keepSeen([one!, two!], 600);
  assert.deepEqual([...(await store.archived())], []);
});

test('use is added up over tenants and agents from a day on, and nothing is known of what nobody records', async () => {
  assert.deepEqual(await store.usageSince('2026-11-01'), { knownSinceDay: undefined, tools: [] });
  await run(`insert into tool_usage values ('acme', 'search', '1', 'a', '2026-10-30', 9, 0, 0, 0),
    ('acme', 'search', '1', 'a', '2026-11-01', 1, 0, 0, 0), ('acme', 'search', '1', '', '2026-11-01', 0, 0, 1, 0),
    ('globex', 'search', '1', 'a', '2026-11-03', 2, 1, 0, 0), ('acme', 'old', '1', 'a', '2026-10-31', 5, 0, 0, 0)`);
  assert.deepEqual(await store.usageSince('2026-11-01'), {
    knownSinceDay: '2026-10-30',
    tools: [{ tool: 'search', version: '1', calls: 3, writes: 1, failures: 1, lastDay: '2026-11-03' }],
  });
  await run('drop table tool_usage');
  await assert.rejects(store.usageSince('2026-11-01'), { reason: 'USAGE_NOT_RECORDED' });
});
