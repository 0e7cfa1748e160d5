/**
 * Why a call is decided as it is, and what would change that: the rule that decides, then those that come nearest to deciding
 * otherwise, each with what it misses. It asks the same compiled rules as `judge` does.
 */
import type { RuleMode } from '../catalog/manifest.js';
import type { ConditionInput, ConditionPart } from '../condition.js';
import { limits } from '../limits.js';
import type { JudgeContext } from './judge.js';
import { authorisationOf } from './judge.js';
import type { CompiledRule, PolicyAnswer, PolicyQuestion, RuleEffect } from './rules.js';
import { inputOf } from './rules.js';

export interface RuleMiss {
  readonly part: 'tenants' | 'tools' | 'roles' | 'when' | 'constraint';
  readonly expected: string;
  readonly actual: string;
}

export interface RuleReport {
  readonly rule: string;
  readonly effect: RuleEffect;
  readonly mode: RuleMode;
  readonly when: string;
  /** Why it does not match. Empty: it does. */
  readonly misses: readonly RuleMiss[];
}

export interface Explanation {
  readonly answer: PolicyAnswer;
  /** Of the rule that decided. */
  readonly mode: RuleMode;
  /** What the rules below read. */
  readonly values: readonly ConditionPart[];
  readonly rules: readonly RuleReport[];
}

/** `ofOthers`: rules that name other tenants alone are told, too: for whoever may see those of the whole fleet. */
export function explain(
  question: PolicyQuestion,
  context: Pick<JudgeContext, 'catalogue' | 'policy'>,
  ofOthers = false,
): Explanation {
  const answer = authorisationOf(question, context);
  const input = inputOf(question);
  const decided = context.policy.rules.find(({ spec }) => spec.name === answer.rule);
  const others = context.policy.rules.filter(
    (rule) => rule !== decided && (ofOthers || rule.tenants.matches(question.tenant)) && wouldChange(rule, answer),
  );
  const near = others
    .map((rule) => ({ rule, distance: distanceOf(rule, question, input) }))
    .filter(({ distance }) => answer.effect === 'deny' || distance < farDistance)
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, limits.nearRulesMax)
    .map(({ rule }) => rule);
  const rules = decided ? [decided, ...near] : near;
  const read = rules.flatMap(({ when, constraints }) =>
    [when, ...constraints.map(({ condition }) => condition)].flatMap(
      (condition) => condition?.reads(input.aside) ?? [],
    ),
  );
  return {
    answer,
    mode: decided?.mode ?? 'enforce',
    values: [...new Map(read.map((part) => [part.text, part])).values()],
    rules: rules.map((rule) => reportOf(rule, question, input)),
  };
}

/** A denial is changed by what allows or asks for review; anything else by what is stronger. */
function wouldChange({ spec: { effect }, constraints }: CompiledRule, answer: PolicyAnswer): boolean {
  if (answer.effect === 'deny') return effect !== 'deny';
  return effect === 'deny' || constraints.length > 0 || (effect === 'review' && answer.effect === 'allow');
}

/** A rule for other tools or tenants is further away than any condition. */
const farDistance = 10;

function distanceOf(rule: CompiledRule, question: PolicyQuestion, input: ConditionInput): number {
  const lists = Number(!rule.tenants.matches(question.tenant)) + Number(!rule.tools.matches(question.tool));
  const roles = Number(!rule.coversRoles(question.roles));
  const when = rule.when && rule.when.holds(input) !== true ? 1 : 0;
  return lists * farDistance + 2 * roles + when;
}

function reportOf(rule: CompiledRule, question: PolicyQuestion, input: ConditionInput): RuleReport {
  const { name, effect, when } = rule.spec;
  return { rule: name, effect, mode: rule.mode, when, misses: missesOf(rule, question, input.aside) };
}

function missesOf(rule: CompiledRule, question: PolicyQuestion, input: ConditionInput): RuleMiss[] {
  const { spec, tenants, tools, when, constraints } = rule;
  const lists = [
    { part: 'tenants', ok: tenants.matches(question.tenant), expected: spec.tenants, actual: question.tenant },
    { part: 'tools', ok: tools.matches(question.tool), expected: spec.tools, actual: question.tool },
    { part: 'roles', ok: rule.coversRoles(question.roles), expected: spec.roles, actual: question.roles.join(', ') },
  ] as const;
  const broken = constraints.filter(({ condition }) => condition.holds(input) !== true);
  return [
    ...lists
      .filter(({ ok }) => !ok)
      .map(({ part, expected, actual }): RuleMiss => ({
        part,
        expected: expected.join(', '),
        actual: actual || 'none',
      })),
    ...(when && when.holds(input) !== true
      ? when.failing(input).map(({ text, reads }): RuleMiss => ({ part: 'when', expected: text, actual: told(reads) }))
      : []),
    ...broken.map(({ spec: { message }, condition }): RuleMiss => ({
      part: 'constraint',
      expected: `${condition.text} (${message})`,
      actual: told(condition.reads(input)),
    })),
  ];
}

const told = (parts: readonly ConditionPart[]): string =>
  parts.map(({ text, value }) => `${text} = ${value}`).join(', ');
