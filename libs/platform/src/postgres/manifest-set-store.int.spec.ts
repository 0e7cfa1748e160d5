import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { limits } from '@toolfleet/kernel';
import { databaseForTests, type TestDatabase } from '@toolfleet/testkit';
import { PostgresManifestSetStore } from './manifest-set-store.js';
import { migrate } from './migrate.js';
import { Database } from './pool.js';

let server: TestDatabase;
let database: Database;
let store: PostgresManifestSetStore;

before(async () => {
  server = await databaseForTests();
  await migrate(server.url);
  database = new Database({ url: server.url, applicationName: 'spec' });
  store = new PostgresManifestSetStore(database);
});
after(async () => {
  await database?.close();
  await server?.stop();
});

const revisionOf = (set: string, text: string) => ({
  ...{ set, atMs: Date.now(), actor: 'ann', reason: 'why', restoredRevision: 0 },
  content: [{ path: 'a/tools.yaml', content: Buffer.from(text) }],
});

test('a text that Postgres cannot keep is refused before the version moves', async () => {
  const version = await store.version();
  for (const wrong of [{ set: 'a\0b' }, { set: '' }, { actor: '\ud800' }, { reason: 'x'.repeat(5_000) }]) {
    // oxlint-disable-next-line no-await-in-loop
    await assert.rejects(store.append(version, { ...revisionOf('team', 'x'), ...wrong }), { kind: 'invalid' });
  }
  assert.equal(await store.version(), version);
});

test('of many that have checked the same version exactly one is stored, of whatever set', async () => {
  const version = await store.version();
  const asked = ['a', 'b', 'c', 'a', 'b', 'c'].map((set) => store.append(version, revisionOf(set, set)));
  const stored = (await Promise.all(asked)).filter((one) => one !== undefined);
  assert.equal(stored.length, 1);
  const { version: now, heads } = await store.heads();
  assert.equal(now, version + 1);
  assert.deepEqual(heads, stored);
});

test('what was stored comes back as it was, and only the last revisions are kept', async () => {
  const first = await store.append(await store.version(), revisionOf('kept', 'one'));
  assert.deepEqual([first?.revision, first?.files, first?.bytes], [1, 1, 3]);
  assert.equal(String((await store.files('kept', 1))![0]!.content), 'one');
  for (let count = 0; count < limits.setRevisionsKept; count += 1) {
    // oxlint-disable-next-line no-await-in-loop
    await store.append(await store.version(), revisionOf('kept', `${count}`));
  }
  assert.equal(await store.files('kept', 1), undefined);
  assert.equal((await store.files('kept', 2))?.length, 1);
  const history = await store.revisions('kept', 1_000);
  assert.deepEqual([history.length, history[0]?.revision], [limits.setRevisionsKept, limits.setRevisionsKept + 1]);
});
