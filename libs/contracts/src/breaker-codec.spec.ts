import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@toolfleet/kernel';
import type { BreakerOverride, BreakerState } from './breaker-codec.js';
import { breakerKeyOf, decodeBreakerRecord, encodeBreakerRecord, upstreamOfOverrideKey } from './breaker-codec.js';
import { wireType } from './wire.js';

const times = { atMs: 1_790_000_000_000, expiresAtMs: 1_790_000_002_000 };
const state: BreakerState = { type: 'state', upstream: 'shop', state: 'halfOpen', instance: 'pod-1', ...times };
const override: BreakerOverride = {
  type: 'override',
  upstream: 'shop',
  forced: 'closed',
  owner: 'ann',
  reason: 'it is up',
  ...times,
};

test('a breaker record comes back from its bytes as it went in', () => {
  for (const record of [state, override]) assert.deepEqual(decodeBreakerRecord(encodeBreakerRecord(record)), record);
});

test('a record without an upstream, a body or a state, and one that forces half open, is refused', () => {
  const type = wireType('toolfleet.breaker.v1.BreakerRecord');
  const bad = [
    {},
    { upstream: 'shop' },
    { upstream: 'shop', state: {} },
    { upstream: 'shop', override: { forced: 3 } },
  ];
  for (const message of bad) {
    assert.throws(
      () => decodeBreakerRecord(type.encode(message)),
      (error) => isFault(error) && error.kind === 'invalid',
    );
  }
});

test('what executors see and what operators say have keys of their own', () => {
  const [ofState, ofOverride] = [breakerKeyOf('state', 'shop'), breakerKeyOf('override', 'shop')];
  assert.notEqual(ofState, ofOverride);
  assert.deepEqual([upstreamOfOverrideKey(ofState), upstreamOfOverrideKey(ofOverride)], [undefined, 'shop']);
});
