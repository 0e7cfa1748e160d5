/** What every store of users' tokens promises. */
import assert from 'node:assert/strict';
import type { SubjectTokenStore } from '../ports/subject-token-store.js';
import { type ContractRows, assertFault, runContract, storableIds, unstorableIds } from './contract.js';

const sealed = Buffer.from([0, 1, 2, 255]);
const of = (tenant: string, expiresAtMs = 1_000, sessionId = 's1') => ({ tenant, sessionId, sealed, expiresAtMs });

const rows: ContractRows<SubjectTokenStore> = {
  'a token comes back as it was, until it expires': async (store, tenant) => {
    await store.put(of(tenant), 1);
    const found = await store.find(tenant, 's1', 999);
    assert.deepEqual({ ...found, sealed: Buffer.from(found!.sealed) }, of(tenant));
    assert.equal(await store.find(tenant, 's1', 1_000), undefined);
  },
  'the newest token of a session replaces the one before': async (store, tenant) => {
    await store.put(of(tenant, 5_000), 1);
    await store.put({ ...of(tenant, 4_000), sealed: Buffer.from('new') }, 2);
    const found = await store.find(tenant, 's1', 3);
    assert.deepEqual([Buffer.from(found!.sealed).toString(), found!.expiresAtMs], ['new', 4_000]);
  },
  'a token is found by its own session and tenant only': async (store, tenant) => {
    await store.put(of(tenant), 1);
    assert.equal(await store.find(tenant, 's2', 1), undefined);
    assert.equal(await store.find(`${tenant}-other`, 's1', 1), undefined);
  },
  'a sweep takes what has expired, the rest stays': async (store, tenant) => {
    await store.put(of(tenant, 10, 'old'), 1);
    await store.put(of(tenant, 2 ** 50, 'young'), 1);
    while ((await store.sweep(11, { graceMs: 0, limit: 1_000 })) === 1_000) continue;
    assert.equal(await store.find(tenant, 'old', 5), undefined);
    assert.ok(await store.find(tenant, 'young', 12));
  },
  'a token that is too long is refused with both sizes': async (store, tenant) => {
    const put = store.put({ ...of(tenant), sealed: Buffer.alloc(17 * 1024 + 1) }, 1);
    await assertFault(put, 'invalid', 'TOKEN_TOO_LARGE');
    await store.put({ ...of(tenant), sealed: Buffer.alloc(17 * 1024) }, 1);
  },
  'an id that cannot be stored is invalid': async (store, tenant) => {
    for (const id of unstorableIds) await assertFault(store.put(of(tenant, 1, id), 1), 'invalid', 'ID_INVALID');
    for (const id of storableIds) await store.put(of(tenant, 1, id), 1);
  },
};

export function subjectTokenStoreContract(make: () => Promise<SubjectTokenStore> | SubjectTokenStore): void {
  runContract('SubjectTokenStore', rows, make);
}
