/** What every artifact store must do. */
import assert from 'node:assert/strict';
import type { ArtifactStore } from '../ports/artifact-store.js';
import { assertFault, runContract, storableIds, unstorableIds, type ContractRows } from './contract.js';

const json = 'application/json';
const rows: ContractRows<ArtifactStore> = {
  'an artifact comes back whole or in slices': async (store, tenant) => {
    const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * 7) % 256));
    const handle = await store.put(tenant, 's1', 's1:1:0', bytes, json);
    const whole = await store.get(tenant, 's1', handle);
    assert.deepEqual(whole, { callId: 's1:1:0', contentType: json, bytesTotal: 200_000, bytes });
    const slice = await store.get(tenant, 's1', handle, { offset: 199_990, length: 100 });
    assert.deepEqual(slice?.bytes, bytes.subarray(199_990));
    assert.equal(slice?.bytesTotal, 200_000);
    assert.equal((await store.get(tenant, 's1', handle, { offset: 300_000, length: 5 }))?.bytes.byteLength, 0);
  },
  'the same call and bytes have one handle, other bytes another': async (store, tenant) => {
    const put = (call: string, text: string) => store.put(tenant, 's1', call, Buffer.from(text), json);
    const [one, same, other, call] = await Promise.all([
      put('c1', 'a'),
      put('c1', 'a'),
      put('c1', 'b'),
      put('c2', 'a'),
    ]);
    assert.equal(one, same);
    assert.equal(new Set([one, other, call]).size, 3);
  },
  'a handle opens nothing in another session or tenant': async (store, tenant) => {
    const handle = await store.put(tenant, 's1', 'c1', Buffer.from('secret'), json);
    assert.equal(await store.get(tenant, 's2', handle), undefined);
    assert.equal(await store.get(`${tenant}-other`, 's1', handle), undefined);
    assert.equal(await store.get(tenant, 's1', 'guessed'), undefined);
  },
  '10 MB are refused with both sizes, an empty artifact is not': async (store, tenant) => {
    const tooLarge = store.put(tenant, 's1', 'c1', Buffer.alloc(10 * 2 ** 20), json);
    await assert.rejects(tooLarge, { kind: 'invalid', details: { bytes: '10485760', bytesMax: '8388608' } });
    await assertFault(tooLarge, 'invalid', 'ARTIFACT_TOO_LARGE');
    const handle = await store.put(tenant, 's1', 'c1', Buffer.of(), json);
    assert.equal((await store.get(tenant, 's1', handle))?.bytesTotal, 0);
  },
  'an id that cannot be stored is invalid': async (store, tenant) => {
    for (const id of unstorableIds) {
      await assertFault(store.put(tenant, id, 'c1', Buffer.from('x'), json), 'invalid', 'ID_INVALID');
      await assertFault(store.get(tenant, 's1', id), 'invalid', 'ID_INVALID');
    }
    for (const id of storableIds) {
      const handle = await store.put(tenant, id, id, Buffer.from('x'), id);
      assert.equal((await store.get(tenant, id, handle))?.callId, id);
    }
  },
};

export function artifactStoreContract(make: () => Promise<ArtifactStore> | ArtifactStore): void {
  runContract('ArtifactStore', rows, make);
}
