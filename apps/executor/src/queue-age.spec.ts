import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SessionPriority } from '@toolfleet/kernel';
import type { BusRecord, Delivery } from '@toolfleet/platform/kafka';
import { callOf, toolOf } from './executor.fixture.js';
import { QueueAge } from './queue-age.js';

const sentAgo = (ageMs: number) => ({ timestampMs: Date.now() - ageMs }) as BusRecord;
const first = { attempt: 1 } as Delivery;
const calls = { acme: callOf(toolOf()), zoo: callOf(toolOf(), { tenant: 'zoo' }) };

describe('the age of an executor’s queue', () => {
  it('sheds the tenant whose calls stand above the target, and no other', () => {
    const age = new QueueAge({ targetMs: 1_000, intervalMs: 0 });
    assert.equal(age.shed(calls.acme, sentAgo(5_000), first)?.reason, 'QUEUE_TOO_OLD');
    assert.equal(age.shed(calls.zoo, sentAgo(500), first), undefined);
    assert.equal(age.shed(calls.acme, sentAgo(500), first), undefined);
  });

  it('sheds low priority while normal and high of the same queue still run', () => {
    const age = new QueueAge({ targetMs: 1_000, intervalMs: 0 });
    const shed = (priority: SessionPriority, ageMs: number) =>
      age.shed(callOf(toolOf(), { priority }), sentAgo(ageMs), first)?.details['priority'];
    assert.deepEqual([shed('low', 700), shed('normal', 700), shed('high', 700)], ['low', undefined, undefined]);
    assert.deepEqual([shed('normal', 1_100), shed('high', 1_100), shed('high', 1_400)], ['normal', undefined, 'high']);
  });

  it('does not shed within the interval, nor a call that is tried again', () => {
    const patient = new QueueAge({ targetMs: 1_000, intervalMs: 60_000 });
    assert.equal(patient.shed(calls.acme, sentAgo(5_000), first), undefined);
    const eager = new QueueAge({ targetMs: 1_000, intervalMs: 0 });
    assert.equal(eager.shed(calls.acme, sentAgo(5_000), { attempt: 2 } as Delivery), undefined);
  });
});
