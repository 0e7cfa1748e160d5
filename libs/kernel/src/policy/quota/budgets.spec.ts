import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { refusalOf } from '../../toolcall/observation.js';
import { budgetWindows, budgetsOf, costMicrosOf } from './budgets.js';
import { LeasePool } from './lease-pool.js';
import { quotaExceeded } from './quotas.js';
import type { Quota } from './window.js';
import { emptyWindow, leaseTogether } from './window.js';

const tenant = {
  name: 'acme',
  budgets: [
    { per: 'user', window: 'day', steps: 4, costMicros: 500 },
    { per: 'tenant', window: 'month', tokens: 1_000 },
  ],
} as const;

describe('the budgets of a session', () => {
  it('are those of its user and of its tenant, each unit by itself, and the names of users are not told', () => {
    const budgets = budgetsOf(tenant, 'alice');
    assert.deepEqual(
      budgets.map(({ limit, unit, scope, windowMs }) => [limit, unit, scope, windowMs]),
      [
        [4, 'steps', 'user day', 86_400_000],
        [500, 'costMicros', 'user day', 86_400_000],
        [1_000, 'tokens', 'tenant month', budgetWindows.month],
      ],
    );
    const ids = (user: string) => budgetsOf(tenant, user).map(({ id }) => id);
    assert.notEqual(ids('alice')[0], ids('bob')[0]);
    assert.equal(ids('alice')[2], ids('bob')[2]);
    assert.ok(ids('u'.repeat(64)).every((id) => id.length < 200 && !id.includes('uuu')));
    assert.deepEqual(budgetsOf({ name: 'acme' }, 'alice'), []);
  });

  it('are refused with what remains and when there is room again', () => {
    const [steps] = budgetsOf(tenant, 'alice');
    const fault = quotaExceeded(steps!, { remaining: 1, retryAfterMs: 7_200_000, resetsInMs: 80_000_000 });
    const refusal = refusalOf(fault);
    assert.deepEqual([refusal.kind, refusal.reason, refusal.remainingBudget], ['overloaded', 'BUDGET_EXHAUSTED', 1]);
    assert.deepEqual([refusal.retryAfterMs, refusal.details['resetsInMs']], [7_200_000, '80000000']);
    assert.match(refusal.hint ?? '', /in 2 h/);
  });
});

describe('the cost of a turn', () => {
  it('is that of its tokens by the prices of its route, rounded up, and nothing without prices', () => {
    const prices = { inputMicrosPerMillion: 3_000_000, outputMicrosPerMillion: 15_000_000 };
    assert.equal(costMicrosOf(prices, { inputTokens: 1_000, outputTokens: 10 }), 3_150);
    assert.equal(costMicrosOf({ inputMicrosPerMillion: 1 }, { inputTokens: 1, outputTokens: 9 }), 1);
    assert.equal(costMicrosOf({}, { inputTokens: 1_000, outputTokens: 10 }), 0);
  });
});

/** Replicas run turns, several at once; each takes an estimate and settles what the turn took in the end. */
const turn = fc.record({
  replica: fc.nat(2),
  afterMs: fc.oneof(fc.nat(60_000), fc.nat(20 * 3_600_000)),
  estimate: fc.integer({ min: 1, max: 20 }),
  takes: fc.integer({ min: 0, max: 40 }),
  lastsTurns: fc.nat(3),
  ends: fc.constantFrom('runs on', 'runs on', 'runs on', 'stops', 'is killed'),
});

describe('a budget', () => {
  it('is never overspent but for what turns took beyond their estimates, over replicas, restarts and crashes', () => {
    const turns = fc.array(turn, { minLength: 40, maxLength: 150 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), turns, (limit, steps) => {
        const [quota] = budgetsOf({ name: 'acme', budgets: [{ per: 'user', window: 'day', tokens: limit }] }, 'u1');
        const spent = spentBy(quota!, steps);
        for (const { atMs: from } of spent) {
          const inside = spent.filter(({ atMs }) => atMs >= from && atMs < from + quota!.windowMs);
          const took = inside.reduce((sum, { amount }) => sum + amount, 0);
          const beyond = inside.reduce((sum, { estimate, amount }) => sum + Math.max(0, amount - estimate), 0);
          assert.ok(took <= limit + beyond, `${took} of ${limit}, ${beyond} beyond`);
        }
      }),
      { numRuns: 300 },
    );
  });
});

type Turn = typeof turn extends fc.Arbitrary<infer T> ? T : never;

function spentBy(quota: Quota, steps: readonly Turn[]) {
  const pools = Array.from({ length: 3 }, () => new LeasePool(quota));
  const running: { due: number; settle: () => void; replica: number }[] = [];
  const spent: { atMs: number; estimate: number; amount: number }[] = [];
  let [window, nowMs] = [emptyWindow, 10 * quota.windowMs];
  const book = (pool: LeasePool, need: number) => {
    const ask = need === 0 ? pool.returns() : pool.ask(need, nowMs);
    const [{ window: after, grant }] = leaseTogether([{ window, ask }], nowMs) as [ReturnType<typeof leaseTogether>[0]];
    window = after;
    pool.granted(ask, grant, nowMs, nowMs);
  };
  for (const [at, { replica, afterMs, estimate, takes, lastsTurns, ends }] of steps.entries()) {
    nowMs += afterMs;
    for (const done of running.filter(({ due }) => due <= at)) done.settle();
    const left = running.filter(({ due }) => due > at);
    running.splice(0, running.length, ...left.filter((one) => ends !== 'is killed' || one.replica !== replica));
    if (ends === 'is killed') pools[replica] = new LeasePool(quota);
    const pool = pools[replica]!;
    if (ends === 'stops') {
      pool.release();
      if (pool.owes) book(pool, 0);
    }
    const asked = Math.min(estimate, quota.limit);
    if (pool.held(nowMs) < asked) book(pool, asked);
    const taken = pool.take(asked, nowMs);
    if (!taken) continue;
    spent.push({ atMs: nowMs, estimate: asked, amount: Math.max(takes, 0) });
    running.push({ due: at + 1 + lastsTurns, replica, settle: () => pool.settle(taken, takes) });
  }
  return spent;
}
