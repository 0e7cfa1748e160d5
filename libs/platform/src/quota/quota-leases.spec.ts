import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { Fault, Quota, QuotaAsk } from '@toolfleet/kernel';
import { isFault, sliceMsOf, slicesKept, unreachable } from '@toolfleet/kernel';
import { MemoryQuotaStore } from '../postgres/testing/memory-quota-store.js';
import { QuotaLeases } from './quota-leases.js';

const windowMs = 60_000;
const sliceMs = sliceMsOf({ windowMs });
const quotaOf = (limit: number, id = 'q'): Quota => ({
  id,
  limit,
  windowMs,
  tenant: 'acme',
  scope: 'read',
  unit: 'calls',
});

let nowMs = 0;
let store: MemoryQuotaStore;
const figures: Record<string, number> = {};
const count = (name: string, amount: number) => void (figures[name] = (figures[name] ?? 0) + amount);
const listener = {
  leased: (_: Quota, amount: number) => count('leased', amount),
  used: (_: Quota, amount: number) => count('used', amount),
  refused: () => count('refused', 1),
};
const leases = (of: Pick<MemoryQuotaStore, 'lease'> = store) =>
  new QuotaLeases({ store: of, listener, now: () => nowMs });

beforeEach(() => {
  nowMs = 10 * windowMs;
  store = new MemoryQuotaStore(() => nowMs);
  for (const name of Object.keys(figures)) delete figures[name];
});

async function refusalOf(taken: unknown): Promise<Fault> {
  try {
    await taken;
  } catch (error) {
    if (isFault(error)) return error;
    throw error;
  }
  throw new Error('there was room');
}

/** Lets a request that was sent ahead come back. */
const answered = () => new Promise((resolve) => setImmediate(resolve));

describe('QuotaLeases', () => {
  it('asks nobody for a call that no quota covers', () => {
    assert.ok(!(leases().take([], 1) instanceof Promise));
    assert.equal(store.leases, 0);
  });

  it('takes from memory while a lease has room, and asks ahead before it is spent', async () => {
    const mine = leases();
    await Promise.all(Array.from({ length: 40 }, () => mine.take([quotaOf(800)], 1)));
    assert.ok(store.leases <= 3, `${store.leases} requests for a burst of 40`);
    nowMs += 200;
    await mine.take([quotaOf(800)], 1);
    await answered();
    const [before, waited] = [store.leases, []] as [number, unknown[]];
    for (let at = 0; at < 60; at += 1) {
      const taken = mine.take([quotaOf(800)], 1);
      if (taken instanceof Promise) waited.push(taken);
      // oxlint-disable-next-line no-await-in-loop
      await answered();
    }
    assert.deepEqual(waited, []);
    assert.ok(store.leases - before < 6, `${store.leases - before} requests for 60 calls`);
  });

  it('refuses beyond the limit at once, from memory, with a wait that is true and figures that add up', async () => {
    const [one, other] = [leases(), leases()];
    const quota = quotaOf(10);
    const taken = await Promise.allSettled(
      Array.from({ length: 30 }, async (_, at) => (at % 2 ? one : other).take([quota], 1)),
    );
    assert.equal(taken.filter(({ status }) => status === 'fulfilled').length, 10);
    const asked = store.leases;
    const fault = await refusalOf(one.take([quota], 1));
    assert.deepEqual(
      [fault.kind, fault.reason, fault.retryAfterMs],
      ['overloaded', 'QUOTA_EXCEEDED', slicesKept * sliceMs],
    );
    assert.deepEqual([fault.details['limit'], fault.remainingBudget, store.leases], ['10', 0, asked]);
    assert.deepEqual(figures, { leased: 10, used: 10, refused: 21 });
    nowMs += fault.retryAfterMs!;
    await one.take([quota], 1);
    assert.equal(figures['used'], 11);
  });

  it('takes from all quotas of a call or from none', async () => {
    const mine = leases();
    const [wide, narrow] = [quotaOf(100, 'wide'), quotaOf(1, 'narrow')];
    await mine.take([wide, narrow], 1);
    assert.equal((await refusalOf(mine.take([wide, narrow], 1))).details['quota'], 'narrow');
    await mine.take([wide], 99);
    assert.equal((await refusalOf(mine.take([wide], 1))).details['quota'], 'wide');
  });

  it('gives back what a turn did not need, and has the next ones wait for what it took too much', async () => {
    const mine = leases();
    const quota = quotaOf(1_000);
    (await mine.take([quota], 800)).settle(100);
    (await mine.take([quota], 900)).settle(1_000);
    await refusalOf(mine.take([quota], 1));
    assert.equal(figures['used'], 1_100);
    nowMs += slicesKept * sliceMs;
    await mine.take([quota], 1_000);
  });

  it('asks only for the quotas that lack, and all that wait for one share a request', async () => {
    const asked: string[][] = [];
    const lease = (asks: readonly QuotaAsk[]) => (asked.push(asks.map(({ id }) => id)), store.lease(asks));
    const mine = leases({ lease });
    const ofTenant: Quota = { ...quotaOf(8_000, 'tenant'), budget: { per: 'tenant', window: 'day' } };
    const users = Array.from({ length: 20 }, (_, at) => quotaOf(1, `user-${at}`));
    await Promise.all(users.map((user) => mine.take([user, ofTenant], 1)));
    assert.deepEqual(asked[0], ['user-0', 'tenant']);
    const ofTenantToo = asked.filter((ids) => ids.includes('tenant'));
    assert.ok(ofTenantToo.length <= 3, `${ofTenantToo.length} requests for the quota that 20 users share`);
    assert.deepEqual(
      asked
        .flat()
        .filter((id) => id !== 'tenant')
        .toSorted(),
      users.map(({ id }) => id).toSorted(),
    );
  });

  it('a quota without room keeps nobody from another one that both wait for', async () => {
    const mine = leases();
    const [wide, none] = [quotaOf(100, 'wide'), quotaOf(1, 'none')];
    await leases().take([none], 1);
    const [refused, taken] = [mine.take([wide, none], 1), mine.take([wide], 1)];
    const [one, other] = await Promise.allSettled([refused, taken]);
    assert.deepEqual([one.status, other.status], ['rejected', 'fulfilled']);
  });

  it('takes and settles of each quota as it counts', async () => {
    const mine = leases();
    const quotas = [quotaOf(10, 'calls'), { ...quotaOf(1_000, 'tokens'), unit: 'tokens' as const }];
    const room = await mine.take(quotas, ({ unit }) => (unit === 'tokens' ? 600 : 1));
    room.settle(({ unit }) => (unit === 'tokens' ? 100 : 1));
    await mine.take(quotas, ({ unit }) => (unit === 'tokens' ? 900 : 1));
    const fault = await refusalOf(mine.take(quotas, ({ unit }) => (unit === 'tokens' ? 1 : 8)));
    assert.deepEqual([fault.details['quota'], fault.remainingBudget], ['tokens', 0]);
  });

  it('gives back what nobody here has drawn on for a minute, and keeps what somebody does', async () => {
    const [one, other] = [leases(), leases()];
    const dayOf = (id: string): Quota => ({
      ...quotaOf(80, id),
      windowMs: 86_400_000,
      budget: { per: 'user', window: 'day' },
    });
    for (const id of ['gone', 'busy']) await one.take([dayOf(id)], 1);
    nowMs += 50_000;
    await one.take([dayOf('busy')], 1);
    nowMs += 10_000;
    await one.returnIdle();
    await other.take([dayOf('gone')], 79);
    assert.equal((await refusalOf(other.take([dayOf('busy')], 79))).reason, 'BUDGET_EXHAUSTED');
    const asked = store.leases;
    await one.take([dayOf('busy')], 1);
    assert.equal(store.leases, asked);
  });

  it('still owes what the book did not hear of when what is idle was to go back', async () => {
    let away = false;
    const mine = leases({
      lease: (asks) => (away ? Promise.reject(unreachable('DATABASE_UNREACHABLE', 'Away.')) : store.lease(asks)),
    });
    const quota: Quota = { ...quotaOf(100), windowMs: 86_400_000, budget: { per: 'user', window: 'day' } };
    (await mine.take([quota], 1)).settle(90);
    nowMs += 60_000;
    away = true;
    await mine.returnIdle();
    away = false;
    nowMs += 10_000;
    await mine.returnIdle();
    assert.equal((await refusalOf(leases().take([quota], 11))).reason, 'BUDGET_EXHAUSTED');
  });

  it('counts what is above a limit as the whole limit, so that it runs at all', async () => {
    const mine = leases();
    await mine.take([quotaOf(10)], 25);
    assert.equal((await refusalOf(mine.take([quotaOf(10)], 1))).reason, 'QUOTA_EXCEEDED');
  });

  it('returns what it holds when it stops', async () => {
    const [one, other] = [leases(), leases()];
    const quota = quotaOf(80);
    for (let at = 0; at < 30; at += 1) one.take([quota], 1);
    await answered();
    await one.close();
    const left = 80 - figures['used']!;
    await other.take([quota], left);
    assert.equal((await refusalOf(other.take([quota], 1))).reason, 'QUOTA_EXCEEDED');
  });

  it('refuses from memory no longer than a lease lives, as others give back what they did not spend', async () => {
    const [one, other] = [leases(), leases()];
    const room = await one.take([quotaOf(10)], 10);
    await refusalOf(other.take([quotaOf(10)], 1));
    room.settle(4);
    await one.close();
    assert.equal((await refusalOf(other.take([quotaOf(10)], 1))).retryAfterMs, slicesKept * sliceMs);
    nowMs += sliceMs;
    await other.take([quotaOf(10)], 6);
  });

  it('goes on within what it holds while the book is away, then refuses until it is back', async () => {
    let away = false;
    let asked = 0;
    const flaky = leases({
      lease: (asks) => {
        asked += 1;
        return away ? Promise.reject(unreachable('DATABASE_UNREACHABLE', 'Away.')) : store.lease(asks);
      },
    });
    const quota = quotaOf(800);
    for (let at = 0; at < 40; at += 1) void flaky.take([quota], 1);
    await answered();
    nowMs += 100;
    await flaky.take([quota], 1);
    await answered();
    away = true;
    assert.ok(!(flaky.take([quota], 5) instanceof Promise));
    nowMs += sliceMs;
    const fault = await refusalOf(flaky.take([quota], 1));
    assert.deepEqual([fault.kind, fault.reason, fault.retryable], ['overloaded', 'QUOTA_UNAVAILABLE', true]);
    const before = asked;
    await refusalOf(flaky.take([quota], 1));
    assert.equal(asked, before);
    away = false;
    nowMs += fault.retryAfterMs!;
    await flaky.take([quota], 1);
  });

  it('does not wait for a book that says nothing', async () => {
    const hanging = new QuotaLeases({ store: { lease: () => new Promise(() => undefined) }, waitMsMax: 30 });
    assert.equal((await refusalOf(hanging.take([quotaOf(10)], 1))).reason, 'QUOTA_UNAVAILABLE');
  });
});
