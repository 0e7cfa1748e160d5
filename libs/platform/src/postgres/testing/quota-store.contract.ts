/** What every book of quotas must do. Windows are long, so that no slice ends unnoticed while a rule is looked at. */
import assert from 'node:assert/strict';
import type { QuotaAsk } from '@toolfleet/kernel';
import { emptyWindow, leaseTogether, slicesKept } from '@toolfleet/kernel';
import type { QuotaStore } from '../ports/quota-store.js';
import { assertFault, runContract, unstorableIds, type ContractRows } from './contract.js';

const dayMs = 86_400_000;
const askOf = (id: string, ask: Partial<QuotaAsk> = {}): QuotaAsk => {
  const need = ask.need ?? 1;
  return { id, limit: 10, sliceMs: dayMs, need, want: need, charge: 0, ...ask };
};

const rows: ContractRows<QuotaStore> = {
  'many at once never get more than the limit, and get all of it': async (store, tenant) => {
    const asks = Array.from({ length: 60 }, (_, at) => askOf(tenant, { limit: 100, need: 1 + (at % 3), want: 5 }));
    const grants = (await Promise.all(asks.map((ask) => store.lease([ask])))).flat();
    assert.equal(
      grants.reduce((sum, { granted }) => sum + granted, 0),
      100,
    );
    for (const [at, { granted }] of grants.entries()) assert.ok(granted === 0 || granted >= asks[at]!.need);
  },
  'of several quotas each is granted or none, whoever asks at the same time in whatever order': async (
    store,
    tenant,
  ) => {
    const [wide, narrow] = [`${tenant}/wide`, `${tenant}/narrow`];
    const both = [askOf(wide, { limit: 100 }), askOf(narrow, { limit: 7 })];
    const orders = Array.from({ length: 40 }, (_, at) => (at % 2 ? both : both.toReversed()));
    const grants = await Promise.all(orders.map((asks) => store.lease(asks)));
    for (const [one, other] of grants) assert.equal(one!.granted, other!.granted);
    assert.equal(grants.filter(([one]) => one!.granted === 1).length, 7);
    const [left] = await store.lease([askOf(wide, { limit: 100, need: 0, want: 0 })]);
    assert.equal(left!.remaining, 93);
  },
  'grants come in the order of the asks': async (store, tenant) => {
    const ids = ['c', 'a', 'b'].map((name) => `${tenant}/${name}`);
    const grants = await store.lease(ids.map((id) => askOf(id)));
    assert.deepEqual(
      grants.map(({ id }) => id),
      ids,
    );
  },
  'what comes back is granted again, what is owed is booked whatever the limit says': async (store, tenant) => {
    const [first] = await store.lease([askOf(tenant, { need: 10 })]);
    const back = { slice: first!.slice, amount: 4 };
    const [again] = await store.lease([askOf(tenant, { need: 5, back })]);
    assert.deepEqual([again!.granted, again!.remaining], [0, 4]);
    const [rest] = await store.lease([askOf(tenant, { need: 1, want: 9 })]);
    assert.equal(rest!.granted, 4);
    await store.lease([askOf(tenant, { need: 0, want: 0, charge: 5 })]);
    const [owed] = await store.lease([askOf(tenant, { limit: 14, need: 1, want: 1 })]);
    assert.equal(owed!.granted, 0);
    const [paid] = await store.lease([askOf(tenant, { limit: 16, need: 1, want: 9 })]);
    assert.equal(paid!.granted, 1);
  },
  'a refusal says when there is room, and there is then': async (store, tenant) => {
    const ask = askOf(tenant, { limit: 5, need: 5, sliceMs: 20 });
    const [spent] = await store.lease([ask]);
    assert.equal(spent!.granted, 5);
    const [refused] = await store.lease([{ ...ask, need: 2, want: 2 }]);
    assert.equal(refused!.granted, 0);
    assert.ok(refused!.retryAfterMs > 20 * (slicesKept - 5) && refused!.retryAfterMs <= 20 * slicesKept);
    assert.equal(refused!.resetsInMs, refused!.retryAfterMs);
    await new Promise((resolve) => setTimeout(resolve, refused!.retryAfterMs));
    const [later] = await store.lease([{ ...ask, need: 2, want: 2 }]);
    assert.equal(later!.granted, 2);
  },
  'many groups at once are each granted whole or not at all, also where some of their quotas are the same': async (
    store,
    tenant,
  ) => {
    const shared = askOf(`${tenant}/shared`, { limit: 30 });
    const groups = Array.from({ length: 50 }, (_, at) => {
      const own = askOf(`${tenant}/own-${at}`, { limit: at % 5 === 0 ? 0 : 3 });
      return at % 2 ? [shared, own] : [own, shared];
    });
    const grants = await Promise.all(groups.map((asks) => store.lease(asks)));
    for (const [at, [one, other]] of grants.entries()) {
      assert.equal(one!.granted, other!.granted);
      assert.deepEqual(
        [one!.id, other!.id],
        groups[at]!.map(({ id }) => id),
      );
      if (at % 5 === 0) assert.equal(one!.granted, 0);
    }
    assert.equal(grants.filter(([one]) => one!.granted === 1).length, 30);
  },
  'a look tells what a lease would, and neither books nor grants': async (store, tenant) => {
    const fresh = askOf(`${tenant}/fresh`);
    const [spent] = await store.lease([askOf(tenant, { limit: 5, need: 4 })]);
    const asked = [fresh, askOf(tenant, { limit: 5, need: 1 }), askOf(tenant, { limit: 5, need: 2 })];
    const [none, one, two] = await store.look(asked);
    assert.deepEqual([none!.id, none!.granted, none!.remaining, none!.retryAfterMs], [fresh.id, 0, 10, 0]);
    assert.deepEqual([one!.granted, one!.remaining, one!.retryAfterMs], [0, 1, 0]);
    assert.equal(two!.slice, spent!.slice);
    const [refused] = await store.lease([askOf(tenant, { limit: 5, need: 2 })]);
    for (const field of ['retryAfterMs', 'resetsInMs'] as const) {
      assert.ok(two![field] >= refused![field] && two![field] - refused![field] < 5_000, field);
    }
    assert.equal((await store.look(asked))[1]!.remaining, 1);
  },
  'it books as the kernel does, ask after ask': async (store, tenant) => {
    let window = emptyWindow;
    let seed = 7;
    const next = (below: number) => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) % below;
    for (let round = 0; round < 50; round += 1) {
      const need = next(4);
      const back = next(3) === 0 ? { slice: window.slice - next(2), amount: next(5) } : undefined;
      const ask = askOf(tenant, { limit: 20, need, want: need + next(4), charge: next(5) === 0 ? 1 : 0, back });
      // oxlint-disable-next-line no-await-in-loop -- each follows from the one before
      const [grant] = await store.lease([ask]);
      const [expected] = leaseTogether([{ window, ask }], grant!.slice * dayMs);
      window = expected!.window;
      assert.deepEqual([grant!.granted, grant!.remaining], [expected!.grant.granted, expected!.grant.remaining]);
    }
  },
};

/** What a store adds that keeps its book elsewhere. */
export async function refusesHostileIds(store: QuotaStore): Promise<void> {
  for (const id of unstorableIds) {
    await assertFault(store.lease([askOf(id)]), 'invalid', 'ID_INVALID');
    await assertFault(store.look([askOf(id)]), 'invalid', 'ID_INVALID');
  }
}

export function quotaStoreContract(make: () => Promise<QuotaStore> | QuotaStore): void {
  runContract('QuotaStore', rows, make);
}
