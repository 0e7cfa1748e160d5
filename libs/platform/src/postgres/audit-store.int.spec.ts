import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { AuditHead, AuditRecord, NewAuditEntry } from '@toolfleet/kernel';
import {
  auditKeyOf,
  auditSignerOf,
  auditUsageOf,
  digestOf,
  emptyAuditHead,
  entryHashOf,
  placed,
} from '@toolfleet/kernel';
import { databaseForTests, type TestDatabase } from '@toolfleet/testkit';
import { AuditStore } from './audit-store.js';
import { migrate } from './migrate.js';
import { Database } from './pool.js';
import { SubjectKeyStore } from './subject-key-store.js';
import { newTenant } from './testing/index.js';

let server: TestDatabase;
let database: Database;
let store: AuditStore;

before(async () => {
  server = await databaseForTests();
  await migrate(server.url);
  database = new Database({ url: server.url, applicationName: 'audit-spec' });
  store = new AuditStore(database);
});

after(async () => {
  await database?.close();
  await server?.stop();
});

const signer = auditSignerOf(digestOf('seed'));

function entry(tenant: string, name: string, sessionId = 's1'): NewAuditEntry {
  const record: AuditRecord = {
    ...{ tenant, sessionId, callId: `${sessionId}:1:0`, id: name, atMs: 1_795_000_000_000, recordedBy: 'spec' },
    ...{ actor: '', action: 'CALL_JUDGED', tool: 'pay', toolVersion: '1' },
    ...{
      argumentsDigest: Buffer.alloc(0),
      policyRevision: '',
      rule: '',
      outcome: '',
      latencyMs: 0,
      idempotencyKey: '',
    },
    ...({ agent: 'shop', decision: 'allowed', effect: 'write' } as const),
  };
  const text = Buffer.from(JSON.stringify({ id: name, note: `ü'"\\ ${name}` }));
  return { tenant, key: auditKeyOf(name, sessionId), atMs: record.atMs, text, record };
}

async function append(tenant: string, from: AuditHead, names: readonly string[], sessionId?: string) {
  const { entries, head: to } = placed(
    tenant,
    from,
    names.map((name) => entry(tenant, name, sessionId)),
  );
  const [outcome] = await store.append([{ tenant, from, to, entries }], auditUsageOf(entries));
  return { outcome: outcome!, to };
}

async function assertWhole(tenant: string): Promise<number> {
  const head = await store.head(tenant);
  let hash: Uint8Array = emptyAuditHead.hash;
  const entries = await store.entries(tenant, 0, Number.MAX_SAFE_INTEGER, 10_000);
  for (const [at, { seq, text, hash: own }] of entries.entries()) {
    assert.equal(seq, at + 1);
    hash = entryHashOf(tenant, seq, hash, Buffer.from(text));
    assert.deepEqual(own, hash);
  }
  assert.deepEqual([head?.seq, head?.hash], [entries.length, hash]);
  return entries.length;
}

describe('the chain of a tenant', () => {
  test('goes on from its head, and what is stored is what was hashed', async () => {
    const tenant = newTenant();
    const [head] = await store.heads([tenant]);
    const first = await append(tenant, head!, ['a', 'b']);
    assert.equal(first.outcome.type, 'appended');
    assert.equal((await append(tenant, first.to, ['c'])).outcome.type, 'appended');
    assert.equal(await assertWhole(tenant), 3);
  });

  test('has one end, however many write to it from the same head at once', async () => {
    const tenant = newTenant();
    const [head] = await store.heads([tenant]);
    const writers = Array.from({ length: 8 }, (_, at) => append(tenant, head!, [`w${at}`]));
    const outcomes = (await Promise.all(writers)).map(({ outcome }) => outcome.type);
    assert.equal(outcomes.filter((type) => type === 'appended').length, 1);
    assert.equal(outcomes.filter((type) => type === 'moved').length, 7);
    assert.equal(await assertWhole(tenant), 1);
  });

  test('does not take what follows from a head that it never had, nor one of the same number', async () => {
    const tenant = newTenant();
    await append(tenant, (await store.heads([tenant]))[0]!, ['a']);
    const forged = { seq: 1, hash: Buffer.alloc(32, 1) };
    assert.equal((await append(tenant, forged, ['b'])).outcome.type, 'moved');
    assert.equal((await append(tenant, { seq: 7, hash: forged.hash }, ['b'])).outcome.type, 'moved');
    assert.equal(await assertWhole(tenant), 1);
  });

  test('has each fact once, and says which of them it has', async () => {
    const tenant = newTenant();
    const first = await append(tenant, (await store.heads([tenant]))[0]!, ['a', 'b']);
    const { outcome } = await append(tenant, first.to, ['b', 'c']);
    assert.deepEqual(outcome, { type: 'known', keys: new Set([auditKeyOf('b', 's1')]) });
    assert.equal(await assertWhole(tenant), 2);
  });

  test('of one tenant that is left out keeps no other from being appended, nor its figures', async () => {
    const [one, other] = [newTenant(), newTenant()].toSorted() as [string, string];
    const heads = await store.heads([one, other]);
    await append(
      one,
      heads.find(({ tenant }) => tenant === one)!,
      ['a'],
    );
    const appends = [one, other].map((tenant) => {
      const { entries, head: to } = placed(tenant, emptyAuditHead, [entry(tenant, 'x')]);
      return { tenant, from: emptyAuditHead, to, entries };
    });
    const usage = auditUsageOf(appends.flatMap(({ entries }) => entries));
    const outcomes = await store.append(appends, usage);
    assert.deepEqual(
      outcomes.map(({ type }) => type),
      ['moved', 'appended'],
    );
    const rows = await database.query(
      { name: '', text: 'select tenant, calls, writes from tool_usage where tenant = any($1) order by tenant' },
      [[one, other]],
    );
    assert.deepEqual(
      rows,
      [one, other].map((tenant) => ({ tenant, calls: 1, writes: 1 })),
    );
  });

  test('gives the entries of a session by it, newest first', async () => {
    const tenant = newTenant();
    const first = await append(tenant, (await store.heads([tenant]))[0]!, ['a', 'b'], 's1');
    const second = await append(tenant, first.to, ['c'], 's2');
    await append(tenant, second.to, ['d'], 's1');
    const seqs = async (before: number, limit: number) =>
      (await store.ofSession(tenant, 's1', before, limit)).map(({ seq }) => seq);
    assert.deepEqual([await seqs(0, 10), await seqs(4, 1)], [[4, 2, 1], [2]]);
    assert.deepEqual(
      (await store.newest(tenant, 3, 10)).map(({ seq }) => seq),
      [2, 1],
    );
  });
});

describe('signatures', () => {
  const signed = (tenant: string, { seq, hash }: AuditHead, kind: 'head' | 'truncated' = 'head') => ({
    tenant,
    checkpoint: signer.checkpoint(tenant, { kind, seq, hash, atMs: 5 }),
  });

  test('are kept as they were made, and a head that is signed is no longer due', async () => {
    const tenant = newTenant();
    const { to } = await append(tenant, (await store.heads([tenant]))[0]!, ['a']);
    const due = async () => (await store.unsigned('', 10_000)).some((head) => head.tenant === tenant);
    assert.equal(await due(), true);
    await Promise.all([store.sign([signed(tenant, to)]), store.sign([signed(tenant, to)])]);
    assert.equal(await due(), false);
    const kept = await store.checkpoints(tenant, 'head', { after: 0, upTo: 9, limit: 9 });
    assert.deepEqual(kept, [signed(tenant, to).checkpoint]);
    await append(tenant, to, ['b']);
    assert.equal(await due(), true);
  });

  test('say where a log begins whose beginning was deleted, and what is left goes on', async () => {
    const tenant = newTenant();
    const first = await append(tenant, (await store.heads([tenant]))[0]!, ['a', 'b', 'c']);
    await store.sign([signed(tenant, first.to)]);
    const second = await append(tenant, first.to, ['d']);
    const old = (await store.signedBefore('', 6, 10_000)).find((one) => one.tenant === tenant);
    assert.deepEqual(old, { tenant, ...first.to });
    const beginning = signed(tenant, first.to, 'truncated').checkpoint;
    assert.deepEqual([await store.truncate(tenant, beginning), await store.truncate(tenant, beginning)], [3, 0]);
    assert.deepEqual(
      (await store.entries(tenant, 0, 9, 9)).map(({ seq }) => seq),
      [4],
    );
    assert.deepEqual(await store.checkpoints(tenant, 'truncated', { after: 0, upTo: 9, limit: 9 }), [beginning]);
    assert.equal(
      (await store.signedBefore('', 6, 10_000)).find((one) => one.tenant === tenant),
      undefined,
    );
    assert.equal((await append(tenant, second.to, ['e'])).outcome.type, 'appended');
  });
});

describe('the data keys of people', () => {
  test('are one a person and tenant, whoever is first, and none once destroyed', async () => {
    const tenant = newTenant();
    const keys = new SubjectKeyStore(database);
    const key = (keyId: string) => ({ tenant, pseudonym: 'p', keyId, wrapped: Buffer.from(`wrapped ${keyId}`) });
    await Promise.all([keys.add([key('k1')], 1), keys.add([key('k2')], 1)]);
    const [found, ...others] = await keys.find([{ tenant, pseudonym: 'p' }]);
    assert.deepEqual([others.length, found], [0, key(found!.keyId)]);
    assert.deepEqual(await keys.byId(tenant, ['k1', 'k2', 'k3']), [found]);
    assert.deepEqual([await keys.destroy(key('k'), 2), await keys.destroy(key('k'), 2)], [1, 0]);
    assert.deepEqual([await keys.byId(tenant, [found!.keyId]), await keys.find([key('k')])], [[], []]);
    await keys.add([key('k4')], 3);
    assert.equal((await keys.find([key('k')]))[0]?.keyId, 'k4');
  });
});
