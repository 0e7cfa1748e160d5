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

  it('see the tier of the tool and the labels of the session', () => {
    const when = 'risk == "high" && labels.channel == "phone"';
    const labels = { channel: 'phone' };
    assert.equal(answerTo([{ ...allow, when }], { risk: 'high', labels }), 'allow by allow');
    assert.equal(answerTo([{ ...allow, when }], { risk: 'high' }), 'deny');
  });

  it('are told apart by a misspelt question to the session before they are in force', () => {
    const broken = bundleOf([rule({ name: 'typo', when: 'session.cuont("refund") < 3' })], 0);
    assert.throws(
      () => new CompiledPolicy(broken),
      (error) => error instanceof Fault && /typo/.test(error.message),
    );
  });
});

describe('rules that ask for the session', () => {
  const history = {
    count: (tool: string, outcome?: string) => (tool === 'refund_*' ? (outcome === 'denied' ? 1 : 2) : 0),
    countClass: () => 4,
    countEffect: () => 5,
    msSinceOk: (tool: string) => (tool === 'verify' ? 60_000 : undefined),
    userSaid: () => false,
    userAsked: () => false,
  };
  const holds = (when: string) => answerTo([{ ...allow, when }], { history }) === 'allow by allow';

  it('count calls by tool, outcome, class and effect', () => {
    assert.ok(holds('session.count("refund_*") == 2 && session.count("refund_*", "denied") == 1'));
    assert.ok(holds('session.count_class("write") == 4 && session.count_effect("write") == 5'));
    assert.ok(!holds('session.count("refund_*") < 2'));
  });

  it('know whether and when a tool has succeeded before', () => {
    assert.ok(holds('session.within("verify", duration("1m")) && session.ms_since_ok("verify") == 60000'));
    assert.ok(!holds('session.within("verify", duration("59s"))'));
    assert.ok(!holds('session.within("never", duration("10h"))'));
  });

  it('deny where there is nothing to ask, or nothing happened yet', () => {
    const when = 'session.ms_since_ok("never") < 1000';
    assert.ok(!holds(when));
    assert.equal(answerTo([allow, { ...deny, when }], { history }), 'deny by deny');
    assert.equal(answerTo([allow, { ...deny, when: 'session.count("x") > 3' }]), 'deny by deny');
  });

  it('cost nothing when no condition mentions it', () => {
    const untouchable = new Proxy(history, { get: () => assert.fail('asked for the history') });
    assert.equal(answerTo([{ ...allow, when: 'args.amount == 50' }], { history: untouchable }), 'allow by allow');
  });
});

describe('constraints of a rule', () => {
  const constraints = [
    { condition: 'args.amount <= 100', message: 'At most 100 is refunded.' },
    { condition: 'size(args.items) == 1', message: 'One item at a time.' },
  ];
  const answer = (over: Partial<PolicyQuestion>, ...rules: Partial<RuleSpec>[]) =>
    new CompiledPolicy(bundleOf(rules.map(rule), 0)).evaluate(question(over));

  it('deny what does not keep to them, saying which and what would be allowed', () => {
    assert.equal(answer({}, { ...allow, constraints }).effect, 'allow');
    const {
      effect,
      rule: name,
      reason,
      constraint,
    } = answer({ args: { amount: 101, items: ['a'] } }, { ...allow, constraints });
    assert.deepEqual(
      [effect, name, reason, constraint?.condition],
      ['deny', 'allow', 'At most 100 is refunded.', 'args.amount <= 100'],
    );
  });

  it('deny although another rule would allow the call, and bind a review as well', () => {
    const args = { amount: 101, items: ['a'] };
    assert.equal(answer({ args }, { name: 'wide' }, { ...allow, constraints }).effect, 'deny');
    assert.equal(answer({ args }, { ...review, constraints }).effect, 'deny');
    assert.equal(answer({}, { name: 'wide' }, { ...review, constraints }).effect, 'review');
  });

  it('are not kept by arguments that they cannot be evaluated for', () => {
    assert.equal(answer({ args: {} }, { ...allow, constraints }).effect, 'deny');
  });

  it('bind nobody whom their rule does not cover', () => {
    const others = { ...allow, name: 'others', tenants: ['globex'], constraints };
    assert.equal(answer({ args: { amount: 101 } }, { name: 'wide' }, others).effect, 'allow');
  });
});

describe('the mode of a rule', () => {
  const asked = (...rules: Partial<RuleSpec>[]) =>
    new CompiledPolicy(bundleOf(rules.map(rule), 0)).evaluate(question());
  const told = (...rules: Partial<RuleSpec>[]) => {
    const { effect, notes } = asked(...rules);
    return [effect, ...notes.map((note) => `${note.mode} ${note.effect} by ${note.rule}`)];
  };

  it('in shadow changes no decision and tells what it would have been', () => {
    assert.deepEqual(told(allow, { ...deny, mode: 'shadow' }), ['allow', 'shadow deny by deny']);
    assert.deepEqual(told(allow, { ...review, mode: 'shadow' }), ['allow', 'shadow review by review']);
    assert.deepEqual(told({ ...allow, mode: 'shadow' }), ['deny', 'shadow allow by allow']);
  });

  it('that warns lets run what it would refuse, and allows what it allows', () => {
    assert.deepEqual(told(allow, { ...deny, mode: 'warn' }), ['allow', 'warn deny by deny']);
    assert.deepEqual(told({ ...allow, mode: 'warn' }), ['allow']);
    const constraints = [{ condition: 'args.amount < 10', message: 'Less than 10.' }];
    assert.deepEqual(asked({ ...allow, mode: 'warn', constraints }).notes, [
      { rule: 'allow', mode: 'warn', effect: 'deny', reason: 'Less than 10.' },
    ]);
  });

  it('that is absent is enforced, and nothing is told that would change nothing', () => {
    assert.deepEqual(told(allow, deny, { ...review, mode: 'shadow' }), ['deny']);
    assert.deepEqual(told(deny, { ...allow, mode: 'shadow' }), ['deny']);
    assert.deepEqual(told(review, { ...allow, mode: 'shadow' }, { ...deny, mode: 'shadow' }), [
      'review',
      'shadow deny by deny',
    ]);
  });

  it('in shadow spends nothing of what enforced conditions may cost', () => {
    const items = Array.from({ length: 1_000 }, (_, at) => at);
    const loop = 'args.items.exists(item, item == 999)';
    const shadows = Array.from({ length: 100 }, (_, at) => ({
      ...deny,
      name: `s${at}`,
      mode: 'shadow' as const,
      when: `!(${loop})`,
    }));
    const policy = new CompiledPolicy(bundleOf([...shadows, { ...allow, when: loop }].map(rule), 0));
    assert.equal(policy.evaluate(question({ args: { items } })).effect, 'allow');
  });
});

describe('what conditions cost', () => {
  const evaluate = (rules: readonly Partial<RuleSpec>[], args: PolicyQuestion['args']) => {
    const startedMs = performance.now();
    const { effect } = new CompiledPolicy(bundleOf(rules.map(rule), 0)).evaluate(question({ args }));
    return { effect, ms: performance.now() - startedMs };
  };

  it('is bounded where loops stand in loops, and beyond the bound nothing is allowed', () => {
    const items = Array.from({ length: 9_000 }, (_, at) => at);
    const when = 'args.items.all(a, args.items.all(b, args.items.all(c, a + b + c >= 0.0)))';
    const { effect, ms } = evaluate([{ ...allow, when }], { items });
    assert.equal(effect, 'deny');
    assert.ok(ms < 2_000, `${ms} ms`);
    assert.equal(evaluate([{ ...allow, when }], { items: [1, 2, 3] }).effect, 'allow');
  });

  it('is bounded for all rules of a call together', () => {
    const rules = Array.from({ length: 500 }, (_, at) => ({
      ...allow,
      name: `r${at}`,
      when: `args.items.exists(item, item == ${9_001 + at}) || args.text.matches("^(b+)+$")`,
    }));
    const { effect, ms } = evaluate(rules, {
      items: Array.from({ length: 9_000 }, (_, at) => at),
      text: 'b'.repeat(20_000),
    });
    assert.equal(effect, 'allow');
    assert.ok(ms < 5_000, `${ms} ms`);
  });
});
