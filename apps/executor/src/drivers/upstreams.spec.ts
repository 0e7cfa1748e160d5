import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'node:test';
import { isFault, unreachable } from '@toolfleet/kernel';
import { Breakers } from '@toolfleet/platform/breaker';
import { eventually } from '@toolfleet/testkit';
import { quiet, upstreamOf } from '../executor.fixture.js';
import type { Attempt } from './hedge.js';
import { Upstreams, type UpstreamCall, type UpstreamsOptions } from './upstreams.js';

const gate = { floor: 1, start: 4, ceiling: 4, queueMax: 2 };

function shopOf(options: Partial<UpstreamsOptions> = {}) {
  const breakers = options.breakers ?? new Breakers();
  const upstreams = new Upstreams({ breakers, gate, ...options });
  return { breakers, upstreams, shop: upstreams.of(upstreamOf('http://shop')) };
}

function callWith(change: Partial<UpstreamCall> = {}): UpstreamCall {
  return { toolClass: 'read', deadlineAtMs: Date.now() + 10_000, timeLimitMs: 10_000, signal: quiet, ...change };
}

async function reasonOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.catch((error: unknown) => error);
  assert.ok(isFault(error), String(error));
  return error.reason;
}

/** Answers after so long; the number of attempts so far chooses how long, and the last is for all that follow. */
function answering(...takesMs: readonly number[]) {
  const seen = { attempts: 0, aborted: 0 };
  const work: Attempt<number> = async (signal) => {
    const attempt = (seen.attempts += 1);
    signal.addEventListener('abort', () => (seen.aborted += 1));
    await sleep(takesMs[Math.min(attempt, takesMs.length) - 1], undefined, { signal });
    return attempt;
  };
  return { seen, work };
}

const fast: Attempt<string> = () => Promise.resolve('ok');

describe('Upstreams: hedged reads', () => {
  /** Ten calls earn one second attempt. */
  async function earnOne(shop: ReturnType<typeof shopOf>['shop']): Promise<void> {
    for (let calls = 0; calls < 9; calls += 1) await shop.run(fast, callWith());
  }

  it('asks a slow read a second time, takes the first answer and stops the other attempt', async () => {
    const hedges: string[] = [];
    const { shop } = shopOf({ onHedge: (upstream) => hedges.push(upstream) });
    await earnOne(shop);
    const { seen, work } = answering(60_000, 1);
    assert.equal(await shop.run(work, callWith({ hedgeAfterMs: 20 })), 2);
    assert.deepEqual([hedges, seen.attempts, seen.aborted > 0], [['shop'], 2, true]);
    await eventually(() => shop.figures().gate?.inFlight === 0, { withinMs: 1_000 });
  });

  it('takes the first attempt when it answers first, and when the second one fails', async () => {
    const { shop } = shopOf();
    await earnOne(shop);
    assert.equal(await shop.run(answering(60, 60_000).work, callWith({ hedgeAfterMs: 20 })), 1);
    await earnOne(shop);
    let attempts = 0;
    const secondFails: Attempt<string> = async () => {
      if ((attempts += 1) === 2) throw unreachable('DOWN', 'Down.');
      await sleep(80);
      return 'first';
    };
    assert.equal(await shop.run(secondFails, callWith({ hedgeAfterMs: 20 })), 'first');
    assert.equal(attempts, 2);
  });

  it('sends at most 10 % of the calls of an upstream a second time, however slow it is', async () => {
    const { shop } = shopOf();
    const { seen, work } = answering(6);
    for (let calls = 0; calls < 100; calls += 1) await shop.run(work, callWith({ hedgeAfterMs: 1 }));
    assert.ok(seen.attempts > 100 && seen.attempts <= 110, String(seen.attempts));
  });

  it('has no second attempt where calls wait for a place', async () => {
    const { shop } = shopOf({ gate: { ...gate, start: 1, ceiling: 1 } });
    await earnOne(shop);
    const { seen, work } = answering(60);
    assert.equal(await shop.run(work, callWith({ hedgeAfterMs: 10 })), 1);
    assert.equal(seen.attempts, 1);
  });

  it('ends both attempts when the caller gives up', async () => {
    const { shop } = shopOf();
    await earnOne(shop);
    const caller = new AbortController();
    const { seen, work } = answering(60_000);
    const running = shop.run(work, callWith({ hedgeAfterMs: 5, signal: caller.signal }));
    await eventually(() => seen.attempts === 2, { withinMs: 1_000 });
    caller.abort(unreachable('GONE', 'Gone.'));
    await assert.rejects(running);
    await eventually(() => shop.figures().gate?.inFlight === 0, { withinMs: 1_000 });
  });
});

describe('Upstreams: isolation', () => {
  it('takes no place of another upstream when one is slow', async () => {
    const { upstreams, shop } = shopOf();
    const { work } = answering(60_000);
    const stop = new AbortController();
    const stuck = Array.from({ length: 6 }, () => shop.run(work, callWith({ signal: stop.signal })).catch(() => {}));
    assert.equal(await reasonOf(shop.run(fast, callWith())), 'UPSTREAM_SATURATED');
    const bank = upstreams.of(upstreamOf('http://bank', { name: 'bank' }));
    assert.equal(await bank.run(fast, callWith()), 'ok');
    stop.abort();
    await Promise.all(stuck);
  });

  it('ends the calls that wait when the breaker opens, and refuses the next without a wait', async () => {
    const { breakers, shop } = shopOf();
    const { work } = answering(60_000);
    const stop = new AbortController();
    const stuck = Array.from({ length: 4 }, () => shop.run(work, callWith({ signal: stop.signal })).catch(() => {}));
    const waiting = reasonOf(shop.run(fast, callWith()));
    breakers.of('shop').follow('open', Date.now() + 2_000);
    assert.equal(await waiting, 'BREAKER_OPEN');
    assert.equal(await reasonOf(shop.run(fast, callWith())), 'BREAKER_OPEN');
    stop.abort();
    await Promise.all(stuck);
  });

  it('probes an upstream again though the calls that hang hold every place', async () => {
    const { breakers, shop } = shopOf();
    const { work } = answering(60_000);
    const stop = new AbortController();
    const stuck = Array.from({ length: 4 }, () => shop.run(work, callWith({ signal: stop.signal })).catch(() => {}));
    breakers.of('shop').follow('open', Date.now() + 2_000);
    breakers.of('shop').follow('closed', 0);
    assert.equal(await shop.run(fast, callWith()), 'ok');
    stop.abort();
    await Promise.all(stuck);
  });

  it('tells of each probe that it takes no place, and has no more of a class than hang in eight rounds', async () => {
    const placeless = { read: 0, write: 0 };
    const onProbing: UpstreamsOptions['onProbing'] = (toolClass, change) => {
      placeless[toolClass as keyof typeof placeless] += change;
    };
    const { breakers, shop } = shopOf({ onProbing });
    const breaker = breakers.of('shop');
    const { work, seen } = answering(60_000);
    const stop = new AbortController();
    const stuck: Promise<unknown>[] = [];
    for (let round = 0; round < 10; round += 1) {
      breaker.follow('open', Date.now() + 2_000);
      breaker.follow('closed', 0);
      for (let probe = 0; probe < 3; probe += 1) {
        stuck.push(shop.run(work, callWith({ signal: stop.signal })).catch(() => {}));
      }
    }
    assert.deepEqual([seen.attempts, placeless.read, shop.figures().probes], [24, 24, 24]);
    assert.equal(await reasonOf(shop.run(fast, callWith())), 'BREAKER_OPEN');
    assert.equal(await shop.run(fast, callWith({ toolClass: 'write' })), 'ok');
    stop.abort();
    await Promise.all(stuck);
    assert.deepEqual([placeless, shop.figures().probes], [{ read: 0, write: 0 }, 0]);
  });
});
