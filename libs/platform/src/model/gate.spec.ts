import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Gate } from './gate.js';

const quiet = new AbortController().signal;
const later = (): number => Date.now() + 5_000;

describe('Gate', () => {
  it('lets in at once while there is a place, then in the order of arrival', async () => {
    const gate = new Gate(2, 10);
    assert.equal(gate.enter(later(), quiet), undefined);
    assert.equal(gate.enter(later(), quiet), undefined);
    const order: number[] = [];
    const waits = [1, 2, 3].map((n) => gate.enter(later(), quiet)?.then(() => order.push(n)));
    assert.deepEqual([gate.inside, gate.queued], [2, 3]);
    for (const wait of waits) {
      gate.leave();
      await wait;
    }
    assert.deepEqual(order, [1, 2, 3]);
    gate.leave();
    gate.leave();
    assert.deepEqual([gate.inside, gate.queued], [0, 0]);
  });

  it('refuses at once when the queue is full', async () => {
    const gate = new Gate(1, 1);
    gate.enter(later(), quiet);
    const waiting = gate.enter(later(), quiet);
    assert.throws(() => gate.enter(later(), quiet), { kind: 'overloaded', reason: 'MODEL_QUEUE_FULL' });
    gate.leave();
    await waiting;
  });

  it('counts the wait against the deadline, and a place is not given to one that gave up', async () => {
    const gate = new Gate(1, 10);
    gate.enter(later(), quiet);
    const abort = new AbortController();
    const aborted = gate.enter(later(), abort.signal);
    const late = gate.enter(Date.now() + 20, quiet);
    const patient = gate.enter(later(), quiet);
    abort.abort(new Error('cancelled'));
    await assert.rejects(aborted ?? Promise.resolve(), /cancelled/);
    await assert.rejects(late ?? Promise.resolve(), { kind: 'expired' });
    assert.equal(gate.queued, 1);
    gate.leave();
    await patient;
    assert.deepEqual([gate.inside, gate.queued], [1, 0]);
    assert.throws(() => gate.enter(later(), abort.signal), /cancelled/);
  });
});
