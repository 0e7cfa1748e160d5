/** What survives when Postgres is killed in the middle of commits: all that was answered, and nothing twice. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { databaseForTests, eventually, type TestDatabase } from '@toolfleet/testkit';
import { assertFault, commitOf, entryOf, newTenant, textOf } from './testing/index.js';
import { PostgresEffectLedger } from './effect-ledger.js';
import { migrate } from './migrate.js';
import { checkDatabase, Database } from './pool.js';
import { PostgresSessionStore } from './session-store.js';

let server: TestDatabase;
let postgres: NonNullable<TestDatabase['own']>;
let database: Database;
let store: PostgresSessionStore;

before(async () => {
  server = await databaseForTests({ own: true });
  assert.ok(server.own);
  postgres = server.own;
  await migrate(server.url);
  database = new Database({ url: server.url, applicationName: 'crash-spec', retryForMs: 20_000 });
  store = new PostgresSessionStore(database, { commitWithinMs: 30_000 });
});

after(async () => {
  await database.close();
  await server.stop();
});

test('commits and effects go on over two kills of the server, none is lost, none is done twice', async () => {
  const tenant = newTenant();
  const ledger = new PostgresEffectLedger(database, { answerWithinMs: 30_000 });
  const stop = new AbortController();
  const owners = Array.from({ length: 24 }, async (_, at) => {
    const sessionId = `s${at}`;
    let seq = 0;
    while (!stop.signal.aborted) {
      await store.commit(commitOf({ tenant, sessionId, firstSeq: seq + 1, payloads: [`${seq + 1}a`, `${seq + 2}b`] }));
      seq += 2;
      const entry = entryOf({ tenant, sessionId, callId: `${sessionId}:${seq}` });
      assert.deepEqual(await ledger.begin(entry), { state: 'reserved' });
      assert.equal(await ledger.settle(entry, 'done', Buffer.from(`${seq}`)), true);
    }
    return { sessionId, seq };
  });
  const all = Promise.all(owners);
  for (let kills = 0; kills < 2; kills += 1) {
    const before = (await store.head(tenant, 's0'))?.seq ?? 0;
    await eventually(async () => ((await store.head(tenant, 's0'))?.seq ?? 0) > before + 10, { withinMs: 10_000 });
    await postgres.kill();
    await assertFault(checkDatabase(database), 'unreachable', 'DATABASE_UNREACHABLE');
    await postgres.restart();
  }
  const resumedAt = (await store.head(tenant, 's0'))?.seq ?? 0;
  await eventually(async () => ((await store.head(tenant, 's0'))?.seq ?? 0) > resumedAt + 10, { withinMs: 20_000 });
  stop.abort();
  for (const { sessionId, seq } of await all) {
    const loaded = await store.load(tenant, sessionId);
    assert.equal(loaded?.head.seq, seq);
    assert.deepEqual(
      loaded?.events.map(textOf),
      Array.from({ length: seq }, (_, at) => `${at + 1}${at % 2 === 0 ? 'a' : 'b'}`),
    );
  }
});

test('while the server is away a commit ends unreachable within its bound, and the same commit succeeds later', async () => {
  const impatient = new Database({ url: server.url, applicationName: 'impatient', retryForMs: 500 });
  const hasty = new PostgresSessionStore(impatient, { commitWithinMs: 1_500 });
  const commit = commitOf({ tenant: newTenant() });
  await postgres.kill();
  const startedAtMs = Date.now();
  await assertFault(hasty.commit(commit), 'unreachable', 'DATABASE_UNREACHABLE');
  assert.ok(Date.now() - startedAtMs < 5_000);
  await postgres.restart();
  await hasty.commit(commit);
  await hasty.commit(commit);
  assert.equal((await hasty.load(commit.head.tenant, commit.head.sessionId))?.events.length, 1);
  await impatient.close();
});
