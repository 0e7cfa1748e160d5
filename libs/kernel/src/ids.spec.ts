import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { callIdOf, idempotencyKeyOf, sessionIdOf, sessionIdOfCall } from './ids.js';

describe('ids', () => {
  it('are the same for the same request, and differ between tenants and requests', () => {
    assert.equal(sessionIdOf('acme', 'r1'), sessionIdOf('acme', 'r1'));
    assert.notEqual(sessionIdOf('acme', 'r1'), sessionIdOf('globex', 'r1'));
    assert.notEqual(sessionIdOf('acme', 'r1'), sessionIdOf('acme', 'r2'));
  });

  it('of sessions are UUIDs of version 5 and never change', () => {
    assert.match(sessionIdOf('acme', 'r1'), /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(sessionIdOf('acme', 'r1'), 'ffa86cda-fdf5-5c2b-a016-32826964845c');
  });

  it('of calls name their session', () => {
    assert.equal(callIdOf('s1', 2, 3), 's1:2:3');
    assert.equal(sessionIdOfCall('s1:2:3'), 's1');
  });

  it('that reach a tool say nothing and differ for every call and tenant', () => {
    assert.notEqual(idempotencyKeyOf('acme', 's1:1:0'), idempotencyKeyOf('acme', 's1:1:1'));
    assert.notEqual(idempotencyKeyOf('acme', 's1:1:0'), idempotencyKeyOf('globex', 's1:1:0'));
    assert.doesNotMatch(idempotencyKeyOf('acme', 's1:1:0'), /acme|s1/);
  });
});
