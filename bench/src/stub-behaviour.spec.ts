import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { prompt, targetOf, type StubHang } from './stub-behaviour.js';
import { startStubs, type RunningStubs } from './stubs.js';

const withStubs = async (work: (stubs: RunningStubs) => Promise<void>): Promise<void> => {
  const stubs = await startStubs(new AbortController().signal);
  try {
    await work(stubs);
  } finally {
    await stubs.stop();
  }
};

const order = (stubs: RunningStubs, shop: string, signal = AbortSignal.timeout(5_000)): Promise<Response> =>
  fetch(`${stubs.toolsUrl}/at/${shop}/orders/o00000000001`, { signal });

describe('a target of the stubs', () => {
  it('is named by the base URL, and the rest of the path is as if it were not', () => {
    assert.deepEqual(targetOf('/at/sick/orders/o1'), { target: 'sick', rest: '/orders/o1' });
    assert.deepEqual(targetOf('/v1/at/slow/chat/completions'), { target: 'slow', rest: '/v1/chat/completions' });
    assert.deepEqual(targetOf('/orders/o1'), { target: '', rest: '/orders/o1' });
  });

  it('behaves as it was told last, and others as before', async () => {
    await withStubs(async (stubs) => {
      await stubs.behave('sick', { kind: 'fail', status: 503 });
      const [sick, well] = await Promise.all([order(stubs, 'sick'), order(stubs, 'well')]);
      assert.deepEqual([sick.status, well.status], [503, 200]);
      await stubs.behave('sick', prompt);
      assert.equal((await order(stubs, 'sick')).status, 200);
    });
  });

  it('answers at once when all are calm again', async () => {
    await withStubs(async (stubs) => {
      await stubs.behave('sick', { kind: 'fail', status: 503 });
      await stubs.behave('stuck', { kind: 'hang' });
      await stubs.calm();
      const answers = await Promise.all([order(stubs, 'sick'), order(stubs, 'stuck')]);
      assert.deepEqual(
        answers.map(({ status }) => status),
        [200, 200],
      );
    });
  });

  it('answers after its latency', async () => {
    await withStubs(async (stubs) => {
      await stubs.behave('slow', { kind: 'answer', latencyMs: 100 });
      const beganAtMs = performance.now();
      assert.equal((await order(stubs, 'slow')).status, 200);
      assert.equal(performance.now() - beganAtMs >= 95, true);
    });
  });

  it('that hangs tells of each request and of the end of its connection', async () => {
    await withStubs(async (stubs) => {
      const seen: StubHang[] = [];
      const closed = Promise.withResolvers<void>();
      const caller = new AbortController();
      stubs.onHang((hang) => {
        seen.push(hang);
        if (hang.event === 'hung') caller.abort();
        else closed.resolve();
      });
      await stubs.behave('stuck', { kind: 'hang' });
      await assert.rejects(order(stubs, 'stuck', caller.signal));
      await closed.promise;
      assert.deepEqual(
        seen.map(({ target, orderId, event }) => [target, orderId, event]),
        [
          ['stuck', 'o00000000001', 'hung'],
          ['stuck', 'o00000000001', 'closed'],
        ],
      );
    });
  });
});
