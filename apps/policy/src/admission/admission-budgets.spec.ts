import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TenantSpec } from '@toolfleet/kernel';
import { unreachable } from '@toolfleet/kernel';
import { MemoryQuotaStore } from '@toolfleet/platform/postgres/testing';
import { AdmissionBudgets } from './admission-budgets.js';

const tenant: TenantSpec = {
  ...{ name: 'acme', displayName: '', concurrentSessionsMax: 1, waitingSessionsMax: 1, agents: [] },
  budgets: [{ per: 'user', window: 'day', steps: 3 }],
};

/** Spends the budget of a user, as the turns of a session do. */
async function spend(store: MemoryQuotaStore, steps: number): Promise<void> {
  const { lease } = store;
  const seen: string[] = [];
  const probe = new AdmissionBudgets({
    lease: (asks) => (seen.push(...asks.map(({ id }) => id)), lease.call(store, asks)),
  });
  await probe.fault(tenant, { user: 'alice' });
  const ask = { id: seen[0]!, limit: 3, sliceMs: 2_880_000, need: steps, want: steps, charge: 0 };
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
    assert.equal(store.leases, 1);
    nowMs = 1_001;
    assert.equal(await budgets.fault(tenant, { user: 'alice' }), undefined);
    assert.equal(store.leases, 2);
  });

  it('keep nobody out while the book does not answer, and ask nothing without a budget', async () => {
    const away = new AdmissionBudgets({ lease: () => Promise.reject(unreachable('DATABASE_UNREACHABLE', 'Away.')) });
    assert.equal(await away.fault(tenant, { user: 'alice' }), undefined);
    assert.equal(await away.fault({ ...tenant, budgets: undefined }, { user: 'alice' }), undefined);
  });
});
