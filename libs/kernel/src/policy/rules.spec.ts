import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { RuleSpec } from '../catalog/manifest.js';
import { Fault } from '../fault.js';
import type { PolicyQuestion } from './rules.js';
import { bundleOf, CompiledPolicy } from './rules.js';

const rule = (spec: Partial<RuleSpec>): RuleSpec => ({
  name: 'r',
  effect: 'allow',
  tenants: [],
  roles: [],
  tools: [],
  when: '',
  reason: '',
  approversNeeded: 0,
  ...spec,
});

const question = (over: Partial<PolicyQuestion> = {}): PolicyQuestion => ({
  tenant: 'acme',
  user: 'u1',
  roles: ['clerk'],
  tool: 'refund_order',
  toolClass: 'write',
  effect: 'write',
  args: { amount: 50, items: ['a'], nested: { deep: null } },
  ...over,
});

function answerTo(rules: readonly Partial<RuleSpec>[], over: Partial<PolicyQuestion> = {}): string {
  const { effect, rule: name } = new CompiledPolicy(bundleOf(rules.map(rule), 0)).evaluate(question(over));
  return name ? `${effect} by ${name}` : effect;
}

const allow = { name: 'allow', effect: 'allow' } as const;
const review = { name: 'review', effect: 'review' } as const;
const deny = { name: 'deny', effect: 'deny' } as const;

describe('policy rules', () => {
  it('deny what no rule matches', () => {
    assert.equal(answerTo([]), 'deny');
    assert.equal(answerTo([{ ...allow, tools: ['other'] }]), 'deny');
  });

  it('rank deny over review over allow, in whatever order they stand', () => {
    const orders = [
      [allow, review, deny],
      [deny, allow, review],
      [review, deny, allow],
    ];
    for (const rules of orders) assert.equal(answerTo(rules), 'deny by deny');
    assert.equal(answerTo([allow, review]), 'review by review');
  });

  it('match by tenant, role and tool, with globs; an empty list matches everyone', () => {
    assert.equal(answerTo([{ ...allow, tenants: ['acme'], roles: ['cl*'], tools: ['refund_*'] }]), 'allow by allow');
    assert.equal(answerTo([{ ...allow, tenants: ['globex'] }]), 'deny');
    assert.equal(answerTo([{ ...allow, roles: ['boss'] }]), 'deny');
    assert.equal(answerTo([{ ...allow, roles: ['*'] }], { roles: [] }), 'allow by allow');
    assert.equal(answerTo([{ ...allow, roles: ['clerk'] }], { roles: [] }), 'deny');
  });

  it('look at the arguments, the user and the tool through their condition', () => {
    const when =
      'args.amount < 100 && tenant == "acme" && "clerk" in roles && effect == "write" && tool_class == "write"';
    assert.equal(answerTo([{ ...allow, when }]), 'allow by allow');
    assert.equal(answerTo([{ ...allow, when }], { args: { amount: 100 } }), 'deny');
  });

  it('never allow by a condition that cannot be evaluated, and always refuse by it', () => {
    for (const when of ['args.missing > 1', 'args.amount', 'nobody == 1', 'args.items.amount == 1', '1 / 0 == 1']) {
      assert.equal(answerTo([{ ...allow, when }]), 'deny', when);
      assert.equal(answerTo([allow, { ...deny, when }]), 'deny by deny', when);
      assert.equal(answerTo([allow, { ...review, when }]), 'review by review', when);
    }
  });

  it('answer whatever the arguments are', () => {
    const policy = new CompiledPolicy(bundleOf([rule({ ...allow, when: 'args.a.b[0] == "x"' })], 0));
    const anyArguments = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(anyArguments, (args) => {
        assert.ok(
          ['allow', 'deny'].includes(policy.evaluate(question({ args: args as PolicyQuestion['args'] })).effect),
        );
      }),
    );
  });

  it('are refused as a bundle when a condition is no CEL, with the name of the rule', () => {
    const broken = bundleOf([rule({ name: 'typo', when: 'args.amount <' })], 0);
    assert.throws(
      () => new CompiledPolicy(broken),
      (error) => error instanceof Fault && /typo/.test(error.message),
    );
  });

  it('have one revision as long as they are equal', () => {
    assert.equal(bundleOf([rule(allow)], 0).revision, bundleOf([rule(allow)], 99).revision);
    assert.notEqual(bundleOf([rule(allow)], 0).revision, bundleOf([rule(deny)], 0).revision);
  });

  it('keep pattern matching linear in the argument', () => {
    const when = 'args.text.matches("^(a+)+$")';
    const startedMs = performance.now();
    assert.equal(answerTo([{ ...allow, when }], { args: { text: `${'a'.repeat(20_000)}!` } }), 'deny');
    assert.ok(performance.now() - startedMs < 2_000);
  });
});
