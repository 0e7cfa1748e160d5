/** The contracts of the smaller stores on a real Postgres. */
import { after, before, test } from 'node:test';
import { databaseForTests, type TestDatabase } from '@toolfleet/testkit';
import { PostgresApprovalStore } from './approval-store.js';
import { PostgresArtifactStore } from './artifact-store.js';
import {
  approvalStoreContract,
  artifactStoreContract,
  effectLedgerContract,
  quotaStoreContract,
  refusesHostileIds,
  waitingRoomContract,
} from './testing/index.js';
import { PostgresEffectLedger } from './effect-ledger.js';
import { migrate } from './migrate.js';
import { Database } from './pool.js';
import { PostgresQuotaStore } from './quota-store.js';
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
artifactStoreContract(() => new PostgresArtifactStore(database));
approvalStoreContract(() => new PostgresApprovalStore(database));
waitingRoomContract(() => new PostgresWaitingRoom(database));
quotaStoreContract(() => new PostgresQuotaStore(database));

test('the book of quotas refuses ids that cannot be keys', () => refusesHostileIds(new PostgresQuotaStore(database)));
