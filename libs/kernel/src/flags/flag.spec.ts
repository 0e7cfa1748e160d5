import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { ToolSpec } from '../catalog/manifest.js';
import { Catalogue } from '../catalog/manifest.js';
import type { FlagContext, FlagRule, FlagSpec } from './flag.js';
import { evaluateFlag, gatedTools, toolsKeptBack } from './flag.js';

const toolOf = (name: string, over: Partial<ToolSpec> = {}): ToolSpec => ({
  ...{ name, version: '1', owner: 't', description: '', parameters: {}, toolClass: 'read', effect: 'read' },
  ...{ riskTier: 'low', idempotent: false, observation: { bytesMax: 1 }, driver: 'builtin', ...over },
});
const ruleOf = (over: Partial<FlagRule> = {}): FlagRule => ({
  ...{ tenants: ['*'], agents: ['*'], percent: 100, variant: 'on', ...over },
});
const flagOf = (over: Partial<FlagSpec> = {}): FlagSpec => ({
  ...{ name: 'refunds', tools: ['refund'], variants: { on: true, off: false }, defaultVariant: 'off' },
  ...{ stickyBy: 'session', rules: [], ...over },
});
const told = (flag: FlagSpec | undefined, context: FlagContext): string => {
  const answer = evaluateFlag(flag, context);
  return answer.error ?? `${answer.variant} ${answer.value} ${answer.reason}`;
};
const keys = Array.from({ length: 2_000 }, (_, at) => `session-${at}`);
const has = (flag: FlagSpec, context: FlagContext) => told(flag, context).startsWith('on');

describe('a flag', () => {
  it('says what its first fitting rule says, else its default, and why', () => {
    const flag = flagOf({
      rules: [
        ruleOf({ tenants: ['beta-*'], agents: ['desk'] }),
        ruleOf({ tenants: ['acme'], variant: 'off' }),
        ruleOf({ tenants: ['ac*'] }),
      ],
    });
    assert.equal(told(flag, { tenant: 'beta-1', agent: 'desk' }), 'on true TARGETING_MATCH');
    assert.equal(told(flag, { tenant: 'beta-1', agent: 'shop' }), 'off false DEFAULT');
    assert.equal(told(flag, { tenant: 'acme' }), 'off false TARGETING_MATCH');
    assert.equal(told(flag, { tenant: 'acorn' }), 'on true TARGETING_MATCH');
    assert.equal(told(flagOf({ defaultVariant: 'on' }), {}), 'on true STATIC');
  });

  it('answers each session alike, in about the share that is due, and keeps whom it has', () => {
    const inAt = (percent: number) =>
      keys.filter((targetingKey) => has(flagOf({ rules: [ruleOf({ percent })] }), { tenant: 'acme', targetingKey }));
    const [few, half, all] = [inAt(5), inAt(50), inAt(100)];
    assert.ok(few.length > 60 && few.length < 140 && Math.abs(half.length - 1_000) < 100);
    assert.ok(few.every((key) => half.includes(key)));
    assert.deepEqual([all.length, inAt(5)], [keys.length, few]);
    assert.equal(
      told(flagOf({ rules: [ruleOf({ percent: 0 })] }), { tenant: 'acme', targetingKey: 's' }),
      'off false SPLIT',
    );
  });

  it('answers all sessions of a user or a tenant alike where it is sticky by them', () => {
    const rules = [ruleOf({ percent: 50 })];
    const answers = (flag: FlagSpec, user: string) =>
      new Set(keys.map((targetingKey) => has(flag, { tenant: 'acme', user, targetingKey }))).size;
    assert.equal(answers(flagOf({ rules }), 'ann'), 2);
    assert.equal(answers(flagOf({ rules, stickyBy: 'user' }), 'ann'), 1);
    assert.equal(answers(flagOf({ rules, stickyBy: 'user' }), ''), 2);
    assert.equal(answers(flagOf({ rules, stickyBy: 'tenant' }), ''), 1);
    const byUser = flagOf({ rules, stickyBy: 'user' });
    const users = keys.filter((user) => has(byUser, { tenant: 'acme', user, targetingKey: 's' }));
    assert.ok(Math.abs(users.length - 1_000) < 100);
  });

  it('tells what it cannot answer, and never throws', () => {
    const flag = flagOf({ rules: [ruleOf({ percent: 50 })] });
    assert.equal(told(undefined, {}), 'FLAG_NOT_FOUND');
    assert.equal(told(flag, { targetingKey: 's' }), 'INVALID_CONTEXT');
    assert.equal(told(flag, { tenant: 'acme' }), 'TARGETING_KEY_MISSING');
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.double({ min: 0, max: 100, noNaN: true }), (tenant, key, percent) => {
        const context = { tenant, targetingKey: key };
        return told(flagOf({ rules: [ruleOf({ percent })] }), context) !== '';
      }),
    );
  });
});

describe('tools behind flags', () => {
  const catalogueOf = (flags: readonly FlagSpec[], tools: readonly ToolSpec[]): Catalogue => {
    const catalogue = new Catalogue();
    for (const spec of tools) catalogue.put({ kind: 'Tool', spec });
    for (const spec of flags) catalogue.put({ kind: 'Flag', spec });
    return catalogue;
  };
  const keptBack = (catalogue: Catalogue, verdict: boolean | 'unknown', tools = ['*']) => [
    ...toolsKeptBack(gatedTools(catalogue, { tools }), () => verdict),
  ];

  it('are kept back when one of their flags says false, and only they are, of those that the agent may use', () => {
    const tools = ['refund', 'refund_all', 'look'].map((name) => toolOf(name));
    const catalogue = catalogueOf([flagOf(), flagOf({ name: 'all', tools: ['refund_*'] })], tools);
    assert.deepEqual(keptBack(catalogue, true), []);
    assert.deepEqual(keptBack(catalogue, false).toSorted(), ['refund', 'refund_all']);
    assert.deepEqual(keptBack(catalogue, false, ['look', 'refund_*']), ['refund_all']);
    assert.deepEqual(gatedTools(catalogue, { tools: ['look'] }), { flags: [], withoutFlag: [] });
    const two = catalogueOf([flagOf(), flagOf({ name: 'other' })], tools);
    const gated = gatedTools(two, { tools: ['*'] });
    assert.deepEqual([...toolsKeptBack(gated, ({ name }) => name !== 'other')], ['refund']);
  });

  it('are given by the default of a flag that cannot be asked, but for tools that need a flag', () => {
    const of = (defaultVariant: string, needsFlag?: true) =>
      keptBack(catalogueOf([flagOf({ defaultVariant })], [toolOf('refund', { needsFlag })]), 'unknown');
    assert.deepEqual(of('on'), []);
    assert.deepEqual(of('off'), ['refund']);
    assert.deepEqual(of('on', true), ['refund']);
    assert.deepEqual(keptBack(catalogueOf([], [toolOf('refund', { needsFlag: true })]), true), ['refund']);
    assert.deepEqual(keptBack(catalogueOf([], [toolOf('refund')]), true), []);
  });
});
