import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isFault, overloaded } from '@toolfleet/kernel';
import { AdaptiveGate, type AdaptiveGateOptions, type GateCall } from './adaptive-gate.js';

const quiet = new AbortController().signal;

function gateWith(options: Partial<AdaptiveGateOptions> = {}): AdaptiveGate {
  return new AdaptiveGate('shop', { floor: 1, start: 2, ceiling: 2, queueMax: 10, ...options });
}

function call(change: Partial<GateCall> = {}): GateCall {
  return { group: 'read', groupMax: 100, deadlineAtMs: Date.now() + 10_000, signal: quiet, ...change };
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.catch((error: unknown) => error);
  assert.ok(isFault(error), String(error));
  return `${error.kind} ${error.reason}`;
}

describe('AdaptiveGate', () => {
  it('lets as many in as its limit says, and the rest one by one as places become free, first come, first served', async () => {
    const gate = gateWith();
    const [first, second] = [await gate.enter(call()), await gate.enter(call())];
    const order: string[] = [];
    const third = gate.enter(call()).then((place) => (order.push('third'), place));
    const fourth = gate.enter(call()).then((place) => (order.push('fourth'), place));
    assert.deepEqual(gate.stats(), { limit: 2, inFlight: 2, waiting: 2 });
    gate.leave(first, 'up');
    gate.leave(await third, 'up');
    gate.leave(await fourth, 'up');
    gate.leave(second, 'up');
    assert.deepEqual([order, gate.stats()], [['third', 'fourth'], { limit: 2, inFlight: 0, waiting: 0 }]);
  });

  it('sheds at once when the queue is full, and at its deadline whoever waited in vain, saying when to come back', async () => {
    const gate = gateWith({ queueMax: 1 });
    const places = [await gate.enter(call()), await gate.enter(call())];
    const waiting = gate.enter(call({ deadlineAtMs: Date.now() + 50 }));
    const error = await gate.enter(call()).catch((error: unknown) => error);
    assert.ok(isFault(error) && (error.retryAfterMs ?? 0) >= 250);
    assert.deepEqual([error.reason, error.details], ['UPSTREAM_SATURATED', { upstream: 'shop', sent: 'no' }]);
    assert.equal(await refusal(waiting), 'overloaded UPSTREAM_SATURATED');
    for (const place of places) gate.leave(place, 'up');
    assert.equal(gate.stats().waiting, 0);
  });

  it('gives no place to a waiter that has gone', async () => {
    const gate = gateWith({ start: 1, ceiling: 1 });
    const place = await gate.enter(call());
    const gone = new AbortController();
    const waiting = gate.enter(call({ signal: gone.signal }));
    gone.abort();
    assert.equal(await refusal(waiting), 'expired CALL_GIVEN_UP');
    gate.leave(place, 'up');
    assert.equal(gate.stats().inFlight, 0);
  });

  it('holds a group to its own places, and no other group behind it', async () => {
    const gate = gateWith({ start: 3, ceiling: 3 });
    const read = await gate.enter(call({ groupMax: 1 }));
    const waiting = gate.enter(call({ groupMax: 1 }));
    const other = await gate.enter(call({ group: 'export', groupMax: 1 }));
    assert.equal(gate.stats().waiting, 1);
    gate.leave(read, 'up');
    gate.leave(await waiting, 'up');
    gate.leave(other, 'up');
  });

  it('ends every wait when the destination is found to be down, and tells who waits', async () => {
    let told = 0;
    const gate = gateWith({ start: 1, ceiling: 1, onWaiting: (_group, change) => (told += change) });
    const place = await gate.enter(call());
    const waiting = [gate.enter(call()), gate.enter(call())];
    assert.equal(told, 2);
    gate.refuseWaiting(overloaded('BREAKER_OPEN', 'Open.'));
    for (const wait of waiting) assert.equal(await refusal(wait), 'overloaded BREAKER_OPEN');
    assert.deepEqual([told, gate.stats().waiting], [0, 0]);
    gate.leave(place, 'down');
  });

  it('gives a second attempt a place only where nobody waits', async () => {
    const gate = gateWith();
    const places = [await gate.enter(call()), gate.tryEnter(call())];
    assert.equal(gate.tryEnter(call()), undefined);
    for (const place of places) gate.leave(place!, 'up');
  });
});
