/** The contracts of the smaller stores on a real Postgres. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
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
