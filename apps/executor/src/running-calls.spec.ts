import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RoleContext } from '@toolfleet/platform/nest';
import { RunningCalls } from './running-calls.js';

const cancel = (...callIds: string[]) => ({ tenant: 'acme', sessionId: 's', callIds, reason: '' });
const calls = () => new RunningCalls({} as RoleContext);
const aborted = async (signal: AbortSignal) => signal.aborted;

describe('RunningCalls', () => {
  it('cancels what a kill switch covers and what runs when it arrives', async () => {
    const running = calls();
    const [gate, signals] = [Promise.withResolvers<void>(), [] as AbortSignal[]];
    const work = ['refund', 'pay'].map((tool) =>
      running.with(
        tool,
        async (signal) => {
          signals.push(signal);
          await gate.promise;
        },
        { tool, tenant: 'acme', toolClass: 'write' },
      ),
    );
    const thrown = { actor: 'ann', reason: 'why', atMs: 1, cancelRunning: true };
    running.follow({ ...thrown, target: { tool: 'refund', tenant: 'acme' } });
    assert.deepEqual(
      signals.map((signal) => signal.aborted),
      [true, false],
    );
    gate.resolve();
    await Promise.all(work);
  });

  it('cancels what runs and what has not started yet, and nothing else', async () => {
    const running = calls();
    const [gate, signals] = [Promise.withResolvers<void>(), [] as AbortSignal[]];
    const work = ['a', 'b'].map((id) =>
      running.with(id, async (signal) => {
        signals.push(signal);
        await gate.promise;
      }),
    );
    running.cancel(cancel('a', 'later'));
    assert.deepEqual(
      signals.map((signal) => signal.aborted),
      [true, false],
    );
    assert.deepEqual([await running.with('later', aborted), await running.with('other', aborted)], [true, false]);
    gate.resolve();
    await Promise.all(work);
    assert.equal(running.size, 0);
  });

  it('remembers a bounded number of cancelled calls, the newest', async () => {
    const running = calls();
    running.cancel(cancel(...Array.from({ length: 10_001 }, (_, at) => `c${at}`)));
    assert.deepEqual([await running.with('c0', aborted), await running.with('c10000', aborted)], [false, true]);
  });

  it('forgets a call that throws', async () => {
    const running = calls();
    await assert.rejects(running.with('a', () => Promise.reject(new Error('x'))));
    assert.equal(running.size, 0);
  });
});
