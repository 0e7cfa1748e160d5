import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TenantSpec } from '@toolfleet/kernel';
import { budgetsOf, unreachable } from '@toolfleet/kernel';
import { MemoryQuotaStore } from '@toolfleet/platform/postgres/testing';
import type { QuotaLook } from '@toolfleet/platform/postgres';
import { AdmissionBudgets } from './admission-budgets.js';

const tenant: TenantSpec = {
  ...{ name: 'acme', displayName: '', concurrentSessionsMax: 1, waitingSessionsMax: 1, agents: [] },
  budgets: [{ per: 'user', window: 'day', steps: 3 }],
};

/** Spends the budget of a user, as the turns of a session do. */
async function spend(store: MemoryQuotaStore, steps: number): Promise<void> {
  const ask = {
    id: budgetsOf(tenant, 'alice')[0]!.id,
    limit: 3,
    sliceMs: 2_880_000,
    need: steps,
    want: steps,
    charge: 0,
  };
  assert.equal((await store.lease([ask]))[0]?.granted, steps);
}

describe('the budgets that admission looks at', () => {
  it('let a user begin while a unit of each is left, and nobody who has spent one, with when to come back', async () => {
    const store = new MemoryQuotaStore();
    await spend(store, 2);
    assert.equal(await new AdmissionBudgets(store).fault(tenant, { user: 'alice' }), undefined);
    await spend(store, 1);
    const budgets = new AdmissionBudgets(store);
    const fault = await budgets.fault(tenant, { user: 'alice' });
    assert.deepEqual([fault?.reason, fault?.remainingBudget], ['BUDGET_EXHAUSTED', 0]);
    assert.ok((fault?.retryAfterMs ?? 0) > 86_000_000);
    assert.equal(await budgets.fault(tenant, { user: 'bob' }), undefined);
  });

  it('take nothing, and ask the book once a second for a user', async () => {
    const store = new MemoryQuotaStore();
    let nowMs = 0;
    const budgets = new AdmissionBudgets(store, () => nowMs);
    for (let at = 0; at < 50; at++) assert.equal(await budgets.fault(tenant, { user: 'alice' }), undefined);
    assert.equal(store.looks, 1);
    nowMs = 1_001;
    assert.equal(await budgets.fault(tenant, { user: 'alice' }), undefined);
    assert.deepEqual([store.looks, store.leases], [2, 0]);
  });

  it('know for a minute what is ample, and for a second what is not', async () => {
    const looksWith = async (steps: number, atMs: number): Promise<number> => {
      const store = new MemoryQuotaStore();
      let nowMs = 0;
      const budgets = new AdmissionBudgets(store, () => nowMs);
      const rich = { ...tenant, budgets: [{ per: 'user', window: 'day', steps } as const] };
      await budgets.fault(rich, { user: 'alice' });
      nowMs = atMs;
      await budgets.fault(rich, { user: 'alice' });
      return store.looks;
    };
    assert.deepEqual([await looksWith(200, 59_999), await looksWith(200, 60_000)], [1, 2]);
    assert.deepEqual([await looksWith(199, 999), await looksWith(199, 1_000)], [1, 2]);
  });

  it('know for a second only what is less than half, however much that is', async () => {
    const store = new MemoryQuotaStore();
    const limit = 10_000;
    await store.lease([
      { id: budgetsOf(tenant, 'alice')[0]!.id, limit, sliceMs: 2_880_000, need: 6_000, want: 6_000, charge: 0 },
    ]);
    let nowMs = 0;
    const budgets = new AdmissionBudgets(store, () => nowMs);
    const rich = { ...tenant, budgets: [{ per: 'user', window: 'day', steps: limit } as const] };
    for (nowMs of [0, 999, 1_000]) await budgets.fault(rich, { user: 'alice' });
    assert.equal(store.looks, 2);
  });

  it('ask for a tenant once for all of its users', async () => {
    const store = new MemoryQuotaStore(() => 0);
    const asked: string[] = [];
    const look = (asks: readonly QuotaLook[]) => (asked.push(...asks.map(({ id }) => id)), store.look(asks));
    const budgets = new AdmissionBudgets({ look }, () => 0);
    const shared = { ...tenant, budgets: [...tenant.budgets!, { per: 'tenant', window: 'month', steps: 9 } as const] };
    await Promise.all(['alice', 'bob', 'carol'].map((user) => budgets.fault(shared, { user })));
    assert.equal(asked.length, 4);
    assert.equal(new Set(asked).size, 4);
  });

  it('keep nobody out while the book does not answer, and ask nothing without a budget', async () => {
    const away = new AdmissionBudgets({ look: () => Promise.reject(unreachable('DATABASE_UNREACHABLE', 'Away.')) });
    assert.equal(await away.fault(tenant, { user: 'alice' }), undefined);
    assert.equal(await away.fault({ ...tenant, budgets: undefined }, { user: 'alice' }), undefined);
  });
});
