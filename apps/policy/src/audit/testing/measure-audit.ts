/**
 * What an entry of the audit costs, from the decision to the database: telling and encoding it where it was decided, then
 * decoding, sealing, chaining and appending it, on a real Postgres. Prints microseconds of this process for each entry.
 * Run: npx tsc -b && npx node apps/policy/dist/audit/testing/measure-audit.js
 */
import { decodeAuditRecords, encodeAuditRecords } from '@toolfleet/contracts';
import type { AuditRecord, Session, SessionEvent } from '@toolfleet/kernel';
import { auditOfEvents, callIdOf } from '@toolfleet/kernel';
import { AuditStore, Database, SubjectKeyStore, migrate } from '@toolfleet/platform/postgres';
import { databaseForTests } from '@toolfleet/testkit';
import { AuditKeeper } from '../audit-keeper.js';
import { SubjectKeyRing } from '../subject-key-ring.js';
import { SubjectKeys } from '../subject-keys.js';

const callsOfTurn = 4;
/** As many turns as gather in a moment of a busy tenant. */
const turnsOfRecord = 10;
const rounds = 2_000;
const users = 100;

function turnOf(at: number): { session: Session; events: SessionEvent[] } {
  const id = `0b7e7d1e-0000-5000-8000-${String(at).padStart(12, '0')}`;
  const request = { tenant: `tenant-${at % 5}`, user: `user-${at % users}`, agent: 'shop' };
  const calls = Array.from({ length: callsOfTurn }, (_, index) => ({
    ...{
      callId: callIdOf(id, 1, index),
      providerCallId: 'p',
      tool: 'get_order_details',
      arguments: '{"order_id":"#W1"}',
    },
    ...{ disposition: 'dispatch', toolVersion: '1a2b3c4d', toolClass: 'read', effect: 'read', conflictKey: '' },
    ...{ timeoutMs: 1, policyRevision: 'abcdef0123456789', rule: 'retail-reads', approversNeeded: 0 },
  }));
  const event = { type: 'modelAnswered', seq: 2, atMs: Date.now(), turn: 1, text: '', calls, usage: {} };
  return { session: { id, startedAtMs: 1, request } as never, events: [event as never] };
}

async function cpuUsOf(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

const server = await databaseForTests();
await migrate(server.url);
const database = new Database({ url: server.url, applicationName: 'audit-bench' });
try {
  const turns = Array.from({ length: rounds * turnsOfRecord }, (_, at) => turnOf(at));
  const entries = turns.length * callsOfTurn;
  const told: AuditRecord[][] = [];
  const tell = await cpuUsOf(() => turns.forEach(({ session, events }) => told.push(auditOfEvents(session, events))));
  const bytes: Uint8Array[] = [];
  const encode = await cpuUsOf(() => {
    for (let at = 0; at < told.length; at += turnsOfRecord) {
      bytes.push(encodeAuditRecords(told.slice(at, at + turnsOfRecord).flat()));
    }
  });
  const keys = new SubjectKeys(
    new SubjectKeyStore(database),
    new SubjectKeyRing(['a secret of thirty-two characters and more']),
  );
  const nothing = () => undefined;
  const keeper = new AuditKeeper({ store: new AuditStore(database), keys, onAppended: nothing, onFailed: nothing });
  const beganAtMs = performance.now();
  const keep = await cpuUsOf(async () => {
    for (let at = 0; at < bytes.length; at += 100) {
      const some = bytes.slice(at, at + 100).map((record, index) => {
        return keeper.add({ records: decodeAuditRecords(record), place: `0:${at + index}` });
      });
      // oxlint-disable-next-line no-await-in-loop -- as much as a consumer has in hand
      await Promise.all(some);
    }
  });
  const perSecond = Math.round((1_000 * entries) / (performance.now() - beganAtMs));
  const each = (us: number): number => Math.round((10 * us) / entries) / 10;
  console.log(
    JSON.stringify({ entries, tellUs: each(tell), encodeUs: each(encode), keepUs: each(keep), entriesPerS: perSecond }),
  );
} finally {
  await database.close();
  await server.stop();
}
