import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Catalogue } from '../catalog/manifest.js';
import type { Manifest, RuleSpec } from '../catalog/manifest.js';
import type { RecordedTraffic } from './blast-radius.js';
import { blastRadiusOf } from './blast-radius.js';
import type { ManifestTouch } from './touched.js';
import { scopesOf } from './touched.js';

const catalogue = new Catalogue();
const put = (kind: Manifest['kind'], spec: object) => catalogue.put({ kind, spec } as Manifest);
put('Tool', { name: 'get_order', version: '1', toolClass: 'read', http: { upstream: 'shop' } });
put('Tool', { name: 'refund', version: '1', toolClass: 'write', http: { upstream: 'bank' } });
put('Tool', { name: 'find_user', version: '1', toolClass: 'read', sql: { database: 'people' } });
put('Agent', { name: 'shopper', model: 'main' });
put('Agent', { name: 'clerk', model: 'small' });

const row = (tenant: string, tool: string, agent: string, calls: number, writes = 0, failures = 0) => {
  return { tenant, tool, agent, calls, writes, failures };
};
const traffic: RecordedTraffic = {
  days: 10,
  truncated: false,
  tools: [
    row('acme', 'get_order', 'shopper', 400),
    row('acme', 'refund', 'shopper', 100, 100),
    row('acme', 'refund', '', 0, 0, 20),
    row('globex', 'get_order', 'clerk', 50),
    row('globex', 'find_user', 'clerk', 250),
  ],
  sessions: [
    { tenant: 'acme', agent: 'shopper', sessions: 200, failures: 10 },
    { tenant: 'globex', agent: 'clerk', sessions: 50, failures: 0 },
  ],
};
const known = { tools: ['get_order', 'refund', 'find_user'], tenants: ['acme', 'globex'] };
const radius = (...touches: ManifestTouch[]) => blastRadiusOf(scopesOf(touches, catalogue, known), traffic, catalogue);
const rule = (name: string, facts: Partial<RuleSpec>): RuleSpec => {
  const empty = {
    effect: 'allow',
    tenants: [],
    roles: [],
    tools: [],
    when: '',
    reason: '',
    approversNeeded: 0,
  } as const;
  return { ...empty, name, ...facts };
};

describe('the blast radius of a change', () => {
  test('of a tool is who calls it, how often, and what it reaches', () => {
    const { tenants, agents, upstreams, tools, sessionsPerDay, writesPerSession } = radius({
      kind: 'Tool',
      name: 'refund',
    });
    assert.deepEqual([tenants, agents, upstreams], [['acme'], ['shopper'], ['bank']]);
    assert.deepEqual(tools, [
      { tool: 'refund', upstream: 'bank', callsPerDay: 10, writesPerDay: 10, failuresPerDay: 2 },
    ]);
    assert.deepEqual([sessionsPerDay, writesPerSession], [20, 0.5]);
  });

  test('of a destination or a tool class is that of every tool behind it', () => {
    assert.deepEqual(
      radius({ kind: 'Database', name: 'people' }).tools.map(({ tool }) => tool),
      ['find_user'],
    );
    const reads = radius({ kind: 'ToolClass', name: 'read' });
    assert.deepEqual([reads.tenants, reads.upstreams, reads.callsPerDay], [['acme', 'globex'], ['people', 'shop'], 70]);
  });

  test('of a prompt or a model route is that of its agents, with all that they call', () => {
    const prompt = radius({ kind: 'Agent', name: 'clerk' });
    assert.deepEqual([prompt.tenants, prompt.sessionsPerDay, prompt.callsPerDay], [['globex'], 5, 30]);
    assert.deepEqual(radius({ kind: 'ModelRoute', name: 'small' }).agents, ['clerk']);
    assert.equal(radius({ kind: 'ModelRoute', name: 'small' }).shareOfSessions, 0.2);
  });

  test('of a quota or a tenant is that of the tenants that it is for', () => {
    assert.deepEqual(radius({ kind: 'Tenant', name: 'acme' }).tenants, ['acme']);
    const ceiling = { name: 'c', tenants: ['glob*'], quotas: [] };
    assert.deepEqual(radius({ kind: 'QuotaCeiling', name: 'c', after: ceiling }).tenants, ['globex']);
    const before = { ...ceiling, tenants: [] };
    assert.deepEqual(radius({ kind: 'QuotaCeiling', name: 'c', before, after: ceiling }).tenants, ['acme', 'globex']);
  });

  test('of a policy is what its changed rules are about, and nothing of those that only moved', () => {
    const [reads, money] = [
      rule('reads', { tools: ['get_*'] }),
      rule('money', { tools: ['refund'], tenants: ['acme'] }),
    ];
    const before = { name: 'p', rules: [reads, money] };
    const moved = { name: 'p', rules: [money, reads] };
    assert.deepEqual(radius({ kind: 'Policy', name: 'p', before, after: moved }).tools, []);
    const after = { name: 'p', rules: [reads, { ...money, effect: 'deny' as const }] };
    const { because, tenants, tools } = radius({ kind: 'Policy', name: 'p', before, after });
    assert.deepEqual(because, ['Policy/p money', 'Policy/p money']);
    assert.deepEqual([tenants, tools.map(({ tool }) => tool)], [['acme'], ['refund']]);
    const all = { name: 'p', rules: [reads, money, rule('all', {})] };
    assert.equal(radius({ kind: 'Policy', name: 'p', before, after: all }).shareOfCalls, 1);
  });

  test('of a flag is that of its tools, and of the tenants of its rules where nobody else is given anything else', () => {
    const rule = { tenants: ['acme'], agents: ['*'], percent: 10, variant: 'on' };
    const half = { name: 'f', tools: ['refund', 'get_order'], variants: { on: true, off: false } };
    const before = { ...half, defaultVariant: 'off', stickyBy: 'session' as const, rules: [rule] };
    const ofFlag = (over: object) => radius({ kind: 'Flag', name: 'f', before, after: { ...before, ...over } });
    const grown = ofFlag({ rules: [{ ...rule, percent: 50 }] });
    assert.deepEqual([grown.because, grown.tenants], [['Flag/f'], ['acme']]);
    assert.deepEqual(grown.tools.map(({ tool }) => tool).toSorted(), ['get_order', 'refund']);
    assert.deepEqual(ofFlag({ defaultVariant: 'on' }).tenants, ['acme', 'globex']);
    assert.deepEqual(radius({ kind: 'Flag', name: 'f', after: before }).tenants, ['acme', 'globex']);
  });

  test('of what nobody uses is nothing, and of two changes both', () => {
    assert.deepEqual(radius({ kind: 'Tool', name: 'new_tool' }).tenants, []);
    assert.equal(radius({ kind: 'Tool', name: 'new_tool' }).sessionsPerDay, 0);
    const both = radius({ kind: 'Tool', name: 'refund' }, { kind: 'Agent', name: 'clerk' });
    assert.deepEqual(
      both.tools.map(({ tool }) => tool),
      ['find_user', 'refund', 'get_order'],
    );
  });
});
