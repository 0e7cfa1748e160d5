import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { limits } from '../limits.js';
import { timeLimitMsOf } from './time-limit.js';

const classOf = (over: { timeoutMsMax?: number } = {}) => ({
  ...{ name: 'fast', description: '', timeoutMs: 900, concurrencyMax: 1, sloMs: 100 },
  ...over,
});
const wants = (timeoutMs: number, toolClass = 'fast') => ({ timeouts: [{ toolClass, timeoutMs }] });
const plain = { toolClass: 'fast' };
const own = { toolClass: 'fast', timeoutMs: 500 };

describe('the time limit of a call', () => {
  it('is the tool’s own, else its class’s, else the least that makes sense', () => {
    assert.equal(timeLimitMsOf(own, classOf(), undefined), 500);
    assert.equal(timeLimitMsOf(plain, classOf(), {}), 900);
    assert.equal(timeLimitMsOf(plain, undefined, wants(10)), 10);
    assert.equal(timeLimitMsOf(plain, undefined, undefined), limits.observationGraceMs);
  });

  it('is lowered by the tenant for its calls of that class and no other', () => {
    assert.equal(timeLimitMsOf(plain, classOf(), wants(300)), 300);
    assert.equal(timeLimitMsOf(own, classOf(), wants(300)), 300);
    assert.equal(timeLimitMsOf(plain, classOf(), wants(300, 'slow')), 900);
  });

  it('is raised by the tenant up to the ceiling of the class, and never above what a tool says of itself', () => {
    assert.equal(timeLimitMsOf(plain, classOf(), wants(5_000)), 900);
    assert.equal(timeLimitMsOf(plain, classOf({ timeoutMsMax: 2_000 }), wants(5_000)), 2_000);
    assert.equal(timeLimitMsOf(plain, classOf({ timeoutMsMax: 2_000 }), wants(1_500)), 1_500);
    assert.equal(timeLimitMsOf(own, classOf({ timeoutMsMax: 2_000 }), wants(1_500)), 500);
  });
});
