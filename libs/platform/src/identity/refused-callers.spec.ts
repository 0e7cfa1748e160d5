import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditRecord, Caller } from '@toolfleet/kernel';
import { denied, limits, unauthenticated } from '@toolfleet/kernel';
import { RefusedCallers } from './refused-callers.js';

const caller: Caller = { tenant: 'globex', user: 'eve', roles: [], scopes: new Set(), tokenId: 't1' };
const mismatch = denied('TENANT_MISMATCH', 'The token is of another tenant.');
const missing = unauthenticated('TOKEN_MISSING', 'There is none.');

function world() {
  const written: AuditRecord[] = [];
  const refused = new RefusedCallers({
    audit: async (record) => void written.push(record),
    count: () => undefined,
    log: { warn: () => undefined },
    everyMs: 3_600_000,
  });
  return { written, refused };
}

test('the first refusal of a kind is written at once, those that follow as a count', () => {
  const { written, refused } = world();
  const at = { caller, way: 'GET /v1/sessions/:id', service: 'gateway' };
  for (let count = 0; count < 40; count += 1) refused.note(mismatch, at);
  refused.note(missing, { way: at.way, service: 'gateway' });
  const told = () => written.map(({ tenant, actor, rule, outcome, reason }) => [tenant, actor, rule, outcome, reason]);
  const first = [
    ['globex', 'eve', at.way, 'refused', 'TENANT_MISMATCH'],
    ['', '', at.way, 'refused', 'TOKEN_MISSING'],
  ];
  assert.deepEqual(told(), first);
  refused.flush();
  assert.deepEqual(told(), [...first, ['globex', 'eve', at.way, 'refused 39 times more', 'TENANT_MISMATCH']]);
  refused.flush();
  refused.flush();
  assert.equal(written.length, 3);
  refused.note(mismatch, at);
  assert.equal(written.length, 4);
  refused.close();
});

test('whoever invents ways to be refused fills no more than the bound', () => {
  const { written, refused } = world();
  for (let count = 0; count < 3 * limits.refusedCallersMax; count += 1) {
    refused.note(mismatch, { caller: { ...caller, tenant: `t${count}` }, way: '/a', service: 'gateway' });
  }
  assert.equal(written.length, limits.refusedCallersMax + 1);
  refused.close();
});
