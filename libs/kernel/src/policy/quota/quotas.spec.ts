import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CallQuota, QuotaCeilingSpec } from '../../catalog/manifest.js';
import { refusalOf } from '../../toolcall/observation.js';
import { quotaExceeded, quotasOfCall, quotasOfModel } from './quotas.js';

const quota = (toolClass: string, upstream: string, callsPerMinute: number): CallQuota => ({
  toolClass,
  upstream,
  callsPerMinute,
});
const ceiling = (tenants: string[], quotas: CallQuota[], modelTokensPerMinute?: number): QuotaCeilingSpec => ({
  name: 'c',
  tenants,
  quotas,
  modelTokensPerMinute,
});
const read = { toolClass: 'read', upstream: 'shop' };
const limitsOf = (quotas: readonly { id: string; limit: number }[]) =>
  Object.fromEntries(quotas.map(({ id, limit }) => [id, limit]));

describe('the quotas of a call', () => {
  it('are all of its tenant that cover it, and none without one', () => {
    const quotas = [quota('read', '*', 600), quota('*', 'shop', 90), quota('write', '*', 5), quota('*', 'crm', 7)];
    assert.deepEqual(limitsOf(quotasOfCall({ name: 'acme', quotas }, [], read)), {
      'calls/acme/read/*': 600,
      'calls/acme/*/shop': 90,
    });
    assert.deepEqual(quotasOfCall({ name: 'acme' }, [], read), []);
    assert.deepEqual(limitsOf(quotasOfCall({ name: 'acme', quotas }, [], { toolClass: 'export', upstream: '' })), {});
  });

  it('are the least of what the tenant states and what operators allow, and a tenant that states none has the ceiling', () => {
    const ceilings = [ceiling(['ac*'], [quota('read', '*', 60)]), ceiling(['other'], [quota('*', '*', 1)])];
    const of = (limit: number) => quotasOfCall({ name: 'acme', quotas: [quota('read', '*', limit)] }, ceilings, read);
    assert.deepEqual([limitsOf(of(600)), limitsOf(of(6))], [{ 'calls/acme/read/*': 60 }, { 'calls/acme/read/*': 6 }]);
    assert.deepEqual(limitsOf(quotasOfCall({ name: 'acme' }, ceilings, read)), { 'calls/acme/read/*': 60 });
  });

  it('come in one order, whatever the order of the manifest', () => {
    const quotas = [quota('read', '*', 1), quota('*', '*', 2), quota('*', 'shop', 3)];
    const ids = (of: CallQuota[]) => quotasOfCall({ name: 'acme', quotas: of }, [], read).map(({ id }) => id);
    assert.deepEqual(ids(quotas), ids(quotas.toReversed()));
  });
});

describe('the quotas of a turn of a model', () => {
  it('are those of its tenant under the ceiling, and the one of the route that all tenants share', () => {
    const ceilings = [ceiling(['*'], [], 1_000)];
    const route = { name: 'main', tokensPerMinute: 50_000 };
    const of = (tokens?: number) => quotasOfModel({ name: 'acme', modelTokensPerMinute: tokens }, ceilings, route);
    assert.deepEqual(limitsOf(of(5_000)), { 'tokens/tenant/acme': 1_000, 'tokens/route/main': 50_000 });
    assert.deepEqual(limitsOf(of(50)), { 'tokens/tenant/acme': 50, 'tokens/route/main': 50_000 });
    assert.deepEqual(quotasOfModel({ name: 'acme' }, [], { name: 'main' }), []);
  });
});

describe('the refusal of a quota', () => {
  it('says which, how much, what is left and when there is room', () => {
    const [exceeded] = quotasOfCall({ name: 'acme', quotas: [quota('read', '*', 600)] }, [], read);
    const fault = quotaExceeded(exceeded!, { remaining: 2, retryAfterMs: 1_500.2, resetsInMs: 9_000 });
    assert.deepEqual([fault.kind, fault.reason, fault.retryAfterMs], ['overloaded', 'QUOTA_EXCEEDED', 1_501]);
    assert.match(fault.hint ?? '', /in 2 s/);
    assert.equal(refusalOf(fault).remainingBudget, 2);
    assert.deepEqual(fault.details, {
      ...{ quota: 'calls/acme/read/*', limit: '600', windowMs: '60000', resetsInMs: '9000' },
    });
  });
});
