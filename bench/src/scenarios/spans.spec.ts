import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { limits, Placement } from '@toolfleet/kernel';
import { neighboursOf } from './spans.js';

describe('the neighbours of a tenant', () => {
  it('are one whose admission lies on the same partition, and one that shares no partition', () => {
    const placement = new Placement(limits.partitions, limits.tenantSpan);
    const { near, far } = neighboursOf('bench-loud');
    assert.equal(placement.homeOf(near), placement.homeOf('bench-loud'));
    const shared = placement.span(far).filter((partition) => placement.span('bench-loud').includes(partition));
    assert.deepEqual(shared, []);
  });
});
