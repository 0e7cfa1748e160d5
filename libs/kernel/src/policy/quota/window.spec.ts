import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { LeasePool, chunkOf } from './lease-pool.js';
import type { Quota } from './window.js';
import { emptyWindow, leaseTogether, sliceMsOf, slicesKept } from './window.js';

const windowMs = 3_000;
const sliceMs = sliceMsOf({ windowMs });
const quotaOf = (limit: number): Quota => ({ id: 'q', limit, windowMs, tenant: 'acme', scope: 'read', unit: 'calls' });
const ask = (need: number, limit = 10) => ({ id: 'q', limit, sliceMs, need, want: need, charge: 0 });

/** A few replicas over one book: each step lets time pass, then one of them takes, loses its memory, or shuts down. */
const step = fc.record({
  replica: fc.nat(3),
  afterMs: fc.oneof(fc.nat(20), fc.nat(150), fc.nat(1_500)),
  answerMs: fc.nat(60),
  amount: fc.integer({ min: 1, max: 12 }),
  spare: fc.nat(12),
  does: fc.constantFrom('take', 'take', 'take', 'takeLess', 'renew', 'crash', 'release', 'lostAnswer'),
});

interface Spent {
  readonly atMs: number;
  readonly amount: number;
}

function run(limit: number, steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[]) {
  const pools = Array.from({ length: 4 }, () => new LeasePool(quotaOf(limit)));
  const spent: Spent[] = [];
  let window = emptyWindow;
  let nowMs = 1_000_000;
  for (const { replica, afterMs, answerMs, amount, spare, does } of steps) {
    nowMs += afterMs;
    if (does === 'crash') pools[replica] = new LeasePool(quotaOf(limit));
    const pool = pools[replica]!;
    if (does === 'release') pool.release();
    const taking = Math.min(amount, limit);
    if (does !== 'crash' && pool.held(nowMs) < taking) {
      const plain = does === 'release' ? pool.returns() : pool.ask(taking, nowMs);
      // However greedy a replica is: the bound does not rest on what it asks for.
      const asked = { ...plain, want: plain.want + spare };
      const [askedAtMs, bookedAtMs] = [nowMs, nowMs + answerMs / 2];
      nowMs += answerMs;
      const [result] = leaseTogether([{ window, ask: asked }], bookedAtMs);
      window = result!.window;
      if (does === 'lostAnswer') pool.failed(asked);
      else pool.granted(asked, result!.grant, askedAtMs, nowMs);
    }
    const taken = does === 'take' || does === 'takeLess' ? pool.take(taking, nowMs) : undefined;
    if (!taken) continue;
    const cost = does === 'takeLess' ? Math.max(0, taking - spare) : taking;
    if (cost < taking) pool.settle(taken, cost);
    spent.push({ atMs: nowMs, amount: cost });
  }
  return spent;
}

describe('the window of a quota', () => {
  it('is never overspent, wherever it begins, whatever replicas do, lose and give back', () => {
    const steps = fc.array(step, { minLength: 60, maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), steps, (limit, taken) => {
        const spent = run(limit, taken);
        for (const { atMs: from } of spent) {
          const inside = spent.filter(({ atMs }) => atMs >= from && atMs < from + windowMs);
          assert.ok(inside.reduce((sum, { amount }) => sum + amount, 0) <= limit);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('gives one replica that always asks 15 parts in 16 of its limit at least', () => {
    fc.assert(
      fc.property(fc.integer({ min: 16, max: 400 }), fc.integer({ min: 1, max: 40 }), (limit, everyMs) => {
        const pool = new LeasePool(quotaOf(limit));
        let window = emptyWindow;
        let count = 0;
        const lastsMs = 20 * windowMs;
        for (let nowMs = 0; nowMs < lastsMs; nowMs += everyMs) {
          pool.waiting = limit;
          for (let more = true; more;) {
            if (pool.held(nowMs) < 1) {
              const asked = pool.ask(1, nowMs);
              const [result] = leaseTogether([{ window, ask: asked }], nowMs);
              window = result!.window;
              pool.granted(asked, result!.grant, nowMs, nowMs);
            }
            more = pool.take(1, nowMs) !== undefined;
            if (more) count += 1;
          }
        }
        assert.ok(count >= (limit * lastsMs * 15) / (windowMs * 16), `${count}`);
      }),
      { numRuns: 8 },
    );
  });

  it('refuses all that is asked together when one of it has no room, and books what comes back all the same', () => {
    const full = leaseTogether([{ window: emptyWindow, ask: ask(10) }], 0)[0]!.window;
    const both = [
      { window: emptyWindow, ask: ask(1) },
      { window: full, ask: { ...ask(5), back: { slice: 0, amount: 4 } } },
    ];
    const grants = leaseTogether(both, 1).map(({ grant }) => [grant.granted, grant.remaining]);
    assert.deepEqual(grants, [
      [0, 10],
      [0, 4],
    ]);
  });

  it('has room again exactly when a refusal says so, and not a millisecond before', () => {
    const times = fc.array(fc.tuple(fc.nat(900), fc.integer({ min: 1, max: 4 })), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 10 }), (steps, need) => {
        let [window, nowMs] = [emptyWindow, 5_000];
        for (const [afterMs, amount] of steps) {
          nowMs += afterMs;
          window = leaseTogether([{ window, ask: ask(amount) }], nowMs)[0]!.window;
        }
        const { retryAfterMs, granted } = leaseTogether([{ window, ask: ask(need) }], nowMs)[0]!.grant;
        if (granted > 0) return assert.equal(retryAfterMs, 0);
        const later = (ms: number) => leaseTogether([{ window, ask: ask(need) }], nowMs + ms)[0]!.grant.granted;
        assert.deepEqual([later(retryAfterMs - 1), later(retryAfterMs)], [0, need]);
      }),
    );
  });

  it('keeps its book when a clock steps back a little, and is not stuck when one was far ahead', () => {
    const full = leaseTogether([{ window: emptyWindow, ask: ask(10) }], 100 * sliceMs)[0]!.window;
    const granted = (nowMs: number) => leaseTogether([{ window: full, ask: ask(1) }], nowMs)[0]!.grant;
    assert.equal(granted(95 * sliceMs).granted, 0);
    assert.equal(granted(20 * sliceMs).granted, 0);
    assert.ok(granted(20 * sliceMs).retryAfterMs <= slicesKept * sliceMs);
  });
});

describe('what a replica asks for', () => {
  it('is what is needed and waited for, or its present rate up to an eighth of the limit', () => {
    const quota = { limit: 800, windowMs };
    assert.equal(chunkOf(quota, { need: 1, waiting: 0, taken: 0, elapsedMs: Infinity }), 1);
    assert.equal(chunkOf(quota, { need: 1, waiting: 0, taken: 50, elapsedMs: sliceMs }), 50);
    assert.equal(chunkOf(quota, { need: 1, waiting: 0, taken: 5_000, elapsedMs: sliceMs }), 100);
    assert.equal(chunkOf(quota, { need: 1, waiting: 300, taken: 0, elapsedMs: sliceMs }), 300);
    assert.equal(chunkOf(quota, { need: 900, waiting: 0, taken: 0, elapsedMs: sliceMs }), 800);
  });

  it('is the next turns of a session as well, of a budget', () => {
    const quota = { limit: 800, windowMs, budget: { per: 'user', window: 'day' } } as const;
    assert.equal(chunkOf(quota, { need: 2, waiting: 2, taken: 0, elapsedMs: Infinity }), 16);
    assert.equal(chunkOf({ ...quota, limit: 40 }, { need: 2, waiting: 2, taken: 0, elapsedMs: Infinity }), 5);
  });

  it('is not wanted again while it is on its way', () => {
    const pool = new LeasePool(quotaOf(80));
    pool.waiting = 12;
    assert.deepEqual([pool.ask(1, 0).want, pool.ask(1, 1).want], [12, 1]);
  });

  it('goes back once nobody has drawn on it for a while, and not while somebody waits', () => {
    const pool = new LeasePool(quotaOf(80));
    assert.equal(pool.isIdle(10, 1_000), false);
    pool.granted(
      pool.ask(8, 0),
      { ...{ id: 'q', granted: 8, slice: 0 }, remaining: 72, retryAfterMs: 0, resetsInMs: 9 },
      0,
      0,
    );
    pool.take(1, 5);
    assert.deepEqual([pool.isIdle(10, 14), pool.isIdle(10, 15)], [false, true]);
    pool.waiting = 1;
    assert.equal(pool.isIdle(10, 15), false);
  });

  it('is asked for ahead once half of a chunk is spent, and not while the book refuses', () => {
    const pool = new LeasePool(quotaOf(80));
    const grant = { id: 'q', granted: 8, slice: 0, remaining: 72, retryAfterMs: 0, resetsInMs: 9 };
    pool.granted(pool.ask(8, 0), grant, 0, 0);
    assert.ok(pool.take(4, 1) && !pool.renews(1));
    assert.ok(pool.take(1, 1) && pool.renews(1));
    pool.granted(pool.ask(8, 2), { ...grant, granted: 0, retryAfterMs: 50 }, 2, 2);
    assert.equal(pool.renews(3), false);
  });

  it('is spent here again where a call took less, is gone after one slice, and goes back to where it came from', () => {
    const pool = new LeasePool(quotaOf(80));
    const grant = { id: 'q', granted: 8, slice: 3, remaining: 72, retryAfterMs: 0, resetsInMs: 9 };
    pool.granted(pool.ask(8, 10), grant, 10, 40);
    pool.settle(pool.take(5, 50)!, 3);
    assert.deepEqual([pool.held(9 + sliceMs), pool.held(10 + sliceMs)], [5, 0]);
    assert.deepEqual(pool.ask(1, 20 + sliceMs).back, { slice: 3, amount: 5 });
  });

  it('a cost above what was taken is owed until the book has it', () => {
    const pool = new LeasePool(quotaOf(80));
    const grant = { id: 'q', granted: 8, slice: 3, remaining: 72, retryAfterMs: 0, resetsInMs: 9 };
    pool.granted(pool.ask(8, 0), grant, 0, 0);
    pool.settle(pool.take(5, 1)!, 12);
    const lost = pool.ask(8, 2);
    assert.equal(lost.charge, 7);
    pool.failed(lost);
    assert.deepEqual([pool.ask(8, 3).charge, pool.ask(8, 4).charge], [7, 0]);
  });
});
