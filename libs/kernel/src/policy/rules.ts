/**
 * The rule bundle, compiled once and evaluated in process for every proposed call. Deny beats review beats allow, and a
 * call that no rule matches is denied. A condition that cannot be evaluated never allows anything: it counts as a match
 * of deny and review rules and as no match of allow rules.
 */
import { globMatches } from '../catalog/manifest.js';
import type { RuleSpec } from '../catalog/manifest.js';
import { compileCondition, type Condition } from '../condition.js';
import { invalid } from '../fault.js';
import { hexDigestOf } from '../ids.js';

export interface PolicyBundle {
  /** Equal rules have an equal revision. */
  readonly revision: string;
  readonly compiledAtMs: number;
  readonly rules: readonly RuleSpec[];
}

export interface PolicyQuestion {
  readonly tenant: string;
  readonly user: string;
  readonly roles: readonly string[];
  readonly tool: string;
  readonly toolClass: string;
  readonly effect: string;
  readonly args: Readonly<Record<string, unknown>>;
}

export interface PolicyAnswer {
  readonly effect: 'allow' | 'deny' | 'review';
  /** Empty when no rule matched. */
  readonly rule: string;
  readonly reason: string;
  readonly approversNeeded: number;
  /** How long people have to decide; absent: as long as `limits` says. */
  readonly approvalMs?: number | undefined;
  readonly revision: string;
}

interface CompiledRule {
  readonly spec: RuleSpec;
  /** Absent when the rule has no condition. */
  readonly holds?: (question: PolicyQuestion) => boolean | undefined;
}

const precedence = { deny: 0, review: 1, allow: 2 } as const;

export function bundleOf(rules: readonly RuleSpec[], now: number): PolicyBundle {
  return { revision: hexDigestOf(JSON.stringify(rules)).slice(0, 16), compiledAtMs: now, rules };
}

export class CompiledPolicy {
  readonly revision: string;
  readonly #rules: readonly CompiledRule[];

  /** Throws `invalid` naming the rule whose condition is not CEL. */
  constructor(bundle: PolicyBundle) {
    this.revision = bundle.revision;
    this.#rules = bundle.rules.map(compiled).toSorted((a, b) => precedence[a.spec.effect] - precedence[b.spec.effect]);
  }

  /** Undefined when these rules have none of that name. */
  ruleNamed(name: string): RuleSpec | undefined {
    return this.#rules.find(({ spec }) => spec.name === name)?.spec;
  }

  evaluate(question: PolicyQuestion): PolicyAnswer {
    const rule = this.#rules.find((candidate) => matches(candidate, question));
    if (!rule) {
      return {
        effect: 'deny',
        rule: '',
        reason: 'No rule allows this call.',
        approversNeeded: 0,
        revision: this.revision,
      };
    }
    const { name, effect, reason, approversNeeded, approvalMs } = rule.spec;
    const time = approvalMs === undefined ? {} : { approvalMs };
    return { effect, rule: name, reason, approversNeeded, ...time, revision: this.revision };
  }
}

function compiled(spec: RuleSpec): CompiledRule {
  if (!spec.when) return { spec };
  let condition: Condition;
  try {
    condition = compileCondition(spec.when);
  } catch (cause) {
    throw invalid('RULE_CONDITION_INVALID', `The condition of rule ${spec.name} is not valid CEL.`, { cause });
  }
  return { spec, holds: (question) => condition(valuesOf(question)) };
}

const valuesOf = ({ tenant, user, roles, tool, toolClass, effect, args }: PolicyQuestion) => ({
  ...{ tenant, user, roles, tool, effect, args },
  tool_class: toolClass,
});

function matches(rule: CompiledRule, question: PolicyQuestion): boolean {
  const { tenants, roles, tools, effect } = rule.spec;
  if (!anyGlob(tenants, [question.tenant]) || !anyGlob(tools, [question.tool])) return false;
  if (roles.length > 0 && !roles.includes('*') && !anyGlob(roles, question.roles)) return false;
  if (!rule.holds) return true;
  return rule.holds(question) ?? effect !== 'allow';
}

function anyGlob(globs: readonly string[], texts: readonly string[]): boolean {
  return globs.length === 0 || globs.some((glob) => texts.some((text) => globMatches(glob, text)));
}
