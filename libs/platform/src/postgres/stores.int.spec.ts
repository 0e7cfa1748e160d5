/** The contracts of the smaller stores on a real Postgres. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { slicesKept } from '@toolfleet/kernel';
import { databaseForTests, type TestDatabase } from '@toolfleet/testkit';
import { PostgresApprovalStore } from './approval-store.js';
import { PostgresArtifactStore } from './artifact-store.js';
import {
  approvalStoreContract,
  artifactStoreContract,
  commitOf,
  effectLedgerContract,
  newTenant,
  openEffectsContract,
  quotaStoreContract,
  refusesHostileIds,
  subjectTokenStoreContract,
  waitingRoomContract,
} from './testing/index.js';
import { PostgresEffectLedger } from './effect-ledger.js';
import { PostgresOpenEffects } from './open-effects.js';
import { migrate } from './migrate.js';
import { Database } from './pool.js';
import { PostgresQuotaStore } from './quota-store.js';
import { PostgresSessionStore } from './session-store.js';
import { PostgresSubjectTokenStore } from './subject-token-store.js';
import { PostgresWaitingRoom } from './waiting-room.js';

let server: TestDatabase;
let database: Database;

before(async () => {
  server = await databaseForTests();
  await migrate(server.url);
  database = new Database({ url: server.url, applicationName: 'stores-spec' });
});

after(async () => {
  await database.close();
  await server.stop();
});

effectLedgerContract(() => new PostgresEffectLedger(database));
openEffectsContract(() => ({ open: new PostgresOpenEffects(database), ledger: new PostgresEffectLedger(database) }));
artifactStoreContract(() => new PostgresArtifactStore(database));
approvalStoreContract(() => new PostgresApprovalStore(database));
waitingRoomContract(() => new PostgresWaitingRoom(database));
quotaStoreContract(() => new PostgresQuotaStore(database));
subjectTokenStoreContract(() => new PostgresSubjectTokenStore(database));

test('the book of quotas refuses ids that cannot be keys', () => refusesHostileIds(new PostgresQuotaStore(database)));

test('of the book of quotas goes what has passed as a whole, and nothing that still counts', async () => {
  const book = new PostgresQuotaStore(database);
  const tenant = newTenant();
  const ask = (name: string, sliceMs: number) => ({
    ...{ id: `${tenant}/${name}`, limit: 5, sliceMs, need: 3, want: 3, charge: 0 },
  });
  const [short, long] = [ask('b', 5), ask('a', 86_400_000)];
  await book.lease([short, long]);
  await setTimeout(5 * (slicesKept + 1));
  const forgetAll = async () => {
    let forgotten = 0;
    for (let after: string | undefined = ''; after !== undefined;) {
      // oxlint-disable-next-line no-await-in-loop -- a page begins where the one before ends
      const page = await book.forgetPassed(after, 1);
      forgotten += page.forgotten;
      after = page.next;
    }
    return forgotten;
  };
  assert.ok((await forgetAll()) >= 1);
  const left = await database.read({ name: '', text: 'select id from quota_window where id like $1' }, [`${tenant}/%`]);
  assert.deepEqual(left, [{ id: long.id }]);
  const [again, kept] = await Promise.all([book.lease([short]), book.lease([long])]);
  assert.deepEqual([again[0]!.granted, kept[0]!.granted, kept[0]!.remaining], [3, 0, 2]);
});

test('a quota that is asked for while the book forgets it is granted as if it were new', async () => {
  const book = new PostgresQuotaStore(database);
  const ask = { id: `${newTenant()}/q`, limit: 1e9, sliceMs: 1, need: 1, want: 1, charge: 0 };
  const untilMs = Date.now() + 500;
  const forgets = async () => {
    // oxlint-disable-next-line no-await-in-loop -- as fast as it goes
    while (Date.now() < untilMs) await book.forgetPassed('', 10_000);
  };
  const asks = async () => {
    // oxlint-disable-next-line no-await-in-loop -- the window passes in between
    for (; Date.now() < untilMs; await setTimeout(slicesKept + 1))
      assert.equal((await book.lease([ask]))[0]!.granted, 1);
  };
  await Promise.all([forgets(), asks(), asks()]);
});

test('the token of a session that has ended goes, except one that was stored a moment ago', async () => {
  const [sessions, tokens] = [new PostgresSessionStore(database), new PostgresSubjectTokenStore(database)];
  const tenant = newTenant();
  const expiresAtMs = 2 ** 50;
  const put = (sessionId: string, atMs: number) =>
    tokens.put({ tenant, sessionId, sealed: Buffer.from('x'), expiresAtMs }, atMs);
  for (const sessionId of ['runs', 'ended', 'resumed']) {
    await sessions.commit(commitOf({ tenant, sessionId, active: sessionId === 'runs' }));
  }
  await Promise.all([put('runs', 1_000), put('ended', 1_000), put('resumed', 1_900), put('unborn', 1_000)]);
  await tokens.sweep(2_000, { graceMs: 500, limit: 10_000 });
  const left = await Promise.all(
    ['runs', 'ended', 'resumed', 'unborn'].map(
      async (sessionId) => (await tokens.find(tenant, sessionId, 2_000)) && sessionId,
    ),
  );
  assert.deepEqual(left, ['runs', undefined, 'resumed', 'unborn']);
});
