import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RuleSpec, ToolSpec } from '../catalog/manifest.js';
import { Catalogue } from '../catalog/manifest.js';
import { given, ok, start } from '../session/given.fixture.js';
import type { SessionEvent, SessionInput } from '../session/session.js';
import { ArgumentValidators } from '../toolcall/schema.js';
import { explain } from './explain.js';
import { judge, whatOf } from './judge.js';
import { redecide } from './replay.js';
import { bundleOf, CompiledPolicy } from './rules.js';

const catalogue = new Catalogue();
const tool = (name: string, effect: ToolSpec['effect']): ToolSpec => ({
  ...{ name, version: '1', owner: '', description: '', toolClass: effect, effect, riskTier: 'low', idempotent: false },
  ...{ parameters: { type: 'object' }, observation: { bytesMax: 100 }, driver: 'builtin' },
});
for (const one of [tool('look', 'read'), tool('change', 'write')]) catalogue.put({ kind: 'Tool', spec: one });

const under = (...rules: Partial<RuleSpec>[]) => ({
  catalogue,
  validators: new ArgumentValidators(),
  policy: new CompiledPolicy(
    bundleOf(
      rules.map((one) => ({
        ...{ name: 'r', effect: 'allow', tenants: [], roles: [], tools: [], when: '', reason: '', approversNeeded: 1 },
        ...one,
      })),
      0,
    ),
  ),
});
const all = under({ name: 'all' });

/** A session that looks, changes three things in two answers, and is done; judged by `all` as it went. */
function recorded(): SessionEvent[] {
  const story = given(start());
  const answered = (turn: number, names: readonly string[]): SessionInput => {
    const toolCalls = names.map((name, at) => ({ id: `p${turn}${at}`, name, arguments: `{"n":${at}}` }));
    const answer = {
      text: '',
      toolCalls,
      finishReason: 'tool_calls' as const,
      usage: { inputTokens: 1, outputTokens: 1 },
    };
    return { type: 'modelAnswered', turn, answer, calls: judge(story.session!, toolCalls, { ...all, nowMs: turn }) };
  };
  for (const [at, names] of [['look', 'change'], ['change', 'change', 'nothing'], []].entries()) {
    story.at(1_000 * at).when(answered(at + 1, names));
    for (const [index, name] of names.entries()) if (name !== 'nothing') story.when(ok(`s1:${at + 1}:${index}`));
  }
  return story.events;
}

describe('recorded calls that are judged again', () => {
  it('are decided as they were under the same rules', () => {
    const decided = redecide(recorded(), all);
    assert.deepEqual(
      decided.map(({ callId, before, changed }) => [callId, before.decision, changed]),
      [
        ['s1:1:0', 'allow', false],
        ['s1:1:1', 'allow', false],
        ['s1:2:0', 'allow', false],
        ['s1:2:1', 'allow', false],
        ['s1:2:2', 'refuse', false],
      ],
    );
  });

  it('see the history of their session as it was then, calls of the same answer included', () => {
    const two = under(
      { name: 'all' },
      { name: 'two', effect: 'deny', tools: ['change'], when: 'session.count("change") >= 2' },
    );
    const changed = redecide(recorded(), two).filter((one) => one.changed);
    assert.deepEqual(
      changed.map(({ callId, after }) => [callId, after]),
      [['s1:2:1', { decision: 'refuse', rule: 'two', reason: 'FORBIDDEN' }]],
    );
  });

  it('meet the tools of another catalogue', () => {
    const fewer = new Catalogue();
    fewer.put({ kind: 'Tool', spec: tool('look', 'read') });
    const changed = redecide(recorded(), { ...all, catalogue: fewer }).filter((one) => one.changed);
    assert.deepEqual([changed.length, changed[0]?.after.reason], [3, 'UNKNOWN_TOOL']);
  });
});

describe('the explanation of a call', () => {
  const question = (args: Record<string, unknown>, roles: string[] = []) => ({
    ...{ tenant: 'acme', user: 'u1', roles, ...whatOf(tool('change', 'write')), args },
  });
  const rules = under(
    { name: 'clerks', tools: ['change'], roles: ['clerk'], when: 'args.n < 10 && user != ""' },
    { name: 'others', tools: ['other'] },
    { name: 'large', effect: 'deny', tools: ['change'], when: 'args.n > 100', reason: 'Too large.' },
  );
  const missesOf = ({ rules: reports }: ReturnType<typeof explain>) =>
    reports.map(({ rule, misses }) => [
      rule,
      misses.map(({ part, expected, actual }) => `${part} ${expected}: ${actual}`),
    ]);

  it('that no rule matches names the rules that come nearest, and which list or condition fails', () => {
    const told = explain(question({ n: 50 }), rules);
    assert.deepEqual([told.answer.effect, told.answer.rule], ['deny', '']);
    assert.deepEqual(missesOf(told), [
      ['clerks', ['roles clerk: none', 'when args.n < 10: args.n = 50']],
      ['others', ['tools other: change']],
    ]);
    assert.deepEqual(told.values, [
      { text: 'args.n', value: '50' },
      { text: 'user', value: '"u1"' },
    ]);
  });

  it('that is denied names the rule, and what would allow it otherwise', () => {
    const told = explain(question({ n: 200 }, ['clerk']), rules);
    assert.deepEqual([told.answer.effect, told.answer.rule, told.mode], ['deny', 'large', 'enforce']);
    assert.deepEqual(missesOf(told).slice(0, 2), [
      ['large', []],
      ['clerks', ['when args.n < 10: args.n = 200']],
    ]);
  });

  it('that is allowed names the denials that it came near to', () => {
    const told = explain(question({ n: 5 }, ['clerk']), rules);
    assert.deepEqual(missesOf(told), [
      ['clerks', []],
      ['large', ['when args.n > 100: args.n = 5']],
    ]);
  });

  it('tells what is asked of the session, and constraints that are not kept', () => {
    const history = {
      count: () => 2,
      countClass: () => 0,
      countEffect: () => 0,
      msSinceOk: () => undefined,
      userSaid: () => false,
      userAsked: () => false,
    };
    const constraints = [{ condition: 'args.n == 1', message: 'Only one.' }];
    const told = explain(
      { ...question({ n: 5 }), history },
      under({ name: 'c', when: 'session.count("change") < 3', constraints }),
    );
    assert.deepEqual(told.values, [
      { text: 'session.count("change")', value: '2' },
      { text: 'args.n', value: '5' },
    ]);
    assert.deepEqual(missesOf(told), [['c', ['constraint args.n == 1 (Only one.): args.n = 5']]]);
  });

  it('names rules of other tenants to nobody but who may see the whole fleet', () => {
    const others = under({ name: 'theirs', tenants: ['globex'], tools: ['change'] });
    assert.deepEqual(missesOf(explain(question({ n: 1 }), others)), []);
    assert.deepEqual(missesOf(explain(question({ n: 1 }), others, true)), [['theirs', ['tenants globex: acme']]]);
  });
});
