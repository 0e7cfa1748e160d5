/** The secret that wraps people's data keys, changed while the audit goes on, on a real Postgres. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { NamedSubjectKey } from '@toolfleet/kernel';
import { Database, SubjectKeyStore, migrate } from '@toolfleet/platform/postgres';
import { createLogger } from '@toolfleet/platform/telemetry';
import type { TestDatabase } from '@toolfleet/testkit';
import { databaseForTests } from '@toolfleet/testkit';
import { RewrapKeys } from './rewrap-keys.js';
import { SubjectKeyRing } from './subject-key-ring.js';
import { SubjectKeys } from './subject-keys.js';

const [old, next] = ['the former secret of thirty-two characters', 'the present secret of thirty-two characters'];
const log = createLogger({ level: 'error', roles: 'spec', instance: 'spec' });
let server: TestDatabase;
let database: Database;
let store: SubjectKeyStore;

before(async () => {
  server = await databaseForTests();
  await migrate(server.url);
  database = new Database({ url: server.url, applicationName: 'rotation-spec' });
  store = new SubjectKeyStore(database);
});
after(async () => {
  await database?.close();
  await server?.stop();
});

/** A process that knows these secrets, the present one first. */
const knowing = (...secrets: [string, ...string[]]) => new SubjectKeys(store, new SubjectKeyRing(secrets));

async function keyOf(keys: SubjectKeys, tenant: string, name: string): Promise<NamedSubjectKey> {
  const person = { tenant, name };
  return (await keys.of([person]))(person);
}

/** The name in an entry that was sealed with the key. */
async function readBy(keys: SubjectKeys, tenant: string, { id, nameBox }: NamedSubjectKey) {
  const [[name] = []] = await keys.open(tenant, [{ id: 'entry', sealed: [{ as: 'user', key: id, box: nameBox }] }]);
  return name;
}

/** Rounds until nothing is wrapped anew. */
async function rewrapAll(pageMax = 2): Promise<number> {
  let [rewrapped, before] = [0, -1];
  const ring = new SubjectKeyRing([next, old]);
  const rotation = new RewrapKeys({ store, ring, log, pageMax, onRewrapped: (count) => (rewrapped += count) });
  for (; rewrapped > before;) {
    before = rewrapped;
    // oxlint-disable-next-line no-await-in-loop -- passes follow one another
    for (let pass = 0; pass < 20; pass += 1) await rotation.pass();
  }
  return rewrapped;
}

describe('the secret of data keys', () => {
  test('may be another one: with the former given beside it, people keep their keys and entries are read', async () => {
    const tenant = 'beside';
    const was = await keyOf(knowing(old), tenant, 'ada');
    const both = knowing(next, old);
    assert.equal((await keyOf(both, tenant, 'ada')).id, was.id);
    assert.equal(await readBy(both, tenant, was), 'ada');
    const fresh = await keyOf(both, tenant, 'bob');
    assert.equal(await readBy(knowing(next), tenant, fresh), 'bob', 'what is new needs the present one only');
  });

  test('is needed no more once all keys are wrapped anew, a page at a time', async () => {
    const tenant = 'anew';
    const names = ['ada', 'bob', 'cleo', 'dan', 'eve'];
    const were = await Promise.all(names.map((name) => keyOf(knowing(old), tenant, name)));
    assert.ok((await rewrapAll()) >= names.length);
    const alone = knowing(next);
    for (const [at, was] of were.entries()) {
      // oxlint-disable-next-line no-await-in-loop -- a few
      assert.deepEqual(
        [await readBy(alone, tenant, was), (await keyOf(alone, tenant, names[at]!)).id],
        [names[at], was.id],
      );
    }
    assert.equal(await rewrapAll(), 0);
  });

  test('that is not given is told, and what it wrapped stays unread', async () => {
    const was = await keyOf(knowing(old), 'unknown', 'ada');
    await assert.rejects(readBy(knowing(next), 'unknown', was), { reason: 'SUBJECT_KEY_UNREADABLE' });
    assert.equal(await readBy(knowing(old), 'unknown', was), 'ada');
  });

  test('being changed does not keep a person from being erased, whoever made their keys', async () => {
    const tenant = 'erased';
    const was = await keyOf(knowing(old), tenant, 'ada');
    await rewrapAll();
    // A process that does not know the present secret yet finds nobody, and makes another key.
    const more = await keyOf(knowing(old), tenant, 'ada');
    assert.notEqual(more.id, was.id);
    await rewrapAll();
    const alone = knowing(next);
    assert.deepEqual([await readBy(alone, tenant, was), await readBy(alone, tenant, more)], ['ada', 'ada']);
    await keyOf(alone, tenant, 'ada2');
    assert.equal(await alone.destroy({ tenant, name: 'ada' }), 2);
    assert.deepEqual([await readBy(alone, tenant, was), await readBy(alone, tenant, more)], [undefined, undefined]);
    assert.equal(await alone.destroy({ tenant, name: 'ada2' }), 1);
    const late = await keyOf(knowing(old), tenant, 'bob');
    assert.equal(await knowing(next, old).destroy({ tenant, name: 'bob' }), 1, 'before it is wrapped anew, too');
    assert.equal(await readBy(knowing(old), tenant, late), undefined);
  });

  test('brings back no key that was destroyed while it was read', async () => {
    const tenant = 'meanwhile';
    const was = await keyOf(knowing(old), tenant, 'ada');
    const [row] = await store.byId(tenant, [was.id]);
    const anew = new SubjectKeyRing([next, old]).rewrapped(row!)!;
    await knowing(old).destroy({ tenant, name: 'ada' });
    assert.equal(await store.rewrap(row!, anew), false);
    assert.deepEqual(await store.byId(tenant, [was.id]), []);
  });
});
