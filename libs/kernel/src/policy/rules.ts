/**
 * The rule bundle, compiled once and evaluated in process for every proposed call. Deny beats review beats allow, and a
 * call that no rule matches is denied. A condition that cannot be evaluated never allows anything: it counts as a match
 * of deny and review rules, as no match of allow rules, and as a constraint that is not kept.
 */
import type { ArgumentCheck, RuleMode, RuleSpec } from '../catalog/manifest.js';
import type { HistoryReader } from '../condition.js';
import { CompiledCondition, ConditionInput } from '../condition.js';
import { invalid } from '../fault.js';
import { hexDigestOf } from '../ids.js';
import { limits } from '../limits.js';
import { Globs } from './globs.js';

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
  /** Of the session. Absent: none. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly tool: string;
  readonly toolClass: string;
  readonly effect: string;
  /** The tool's tier. Absent: low. */
  readonly risk?: string | undefined;
  readonly args: Readonly<Record<string, unknown>>;
  /** Absent: rules that ask for it cannot be evaluated. */
  readonly history?: HistoryReader | undefined;
}

export type RuleEffect = RuleSpec['effect'];

/** What a rule that is not enforced would have decided, where that differs from what was decided. */
export interface RuleNote {
  readonly rule: string;
  readonly mode: RuleMode;
  readonly effect: RuleEffect;
  readonly reason: string;
}

export interface PolicyAnswer {
  readonly effect: RuleEffect;
  /** Empty when no rule matched. */
  readonly rule: string;
  readonly reason: string;
  /** The constraint of that rule which the arguments do not keep. */
  readonly constraint?: ArgumentCheck | undefined;
  readonly approversNeeded: number;
  /** How long people have to decide; absent: as long as `limits` says. */
  readonly approvalMs?: number | undefined;
  readonly revision: string;
  readonly notes: readonly RuleNote[];
}

/** What one rule says to a call that it matches. */
export interface RuleVerdict {
  readonly effect: RuleEffect;
  readonly constraint?: ArgumentCheck | undefined;
}

const rank = { deny: 0, review: 1, allow: 2 } as const satisfies Record<RuleEffect, number>;
const rankOfNone = 3;

export function bundleOf(rules: readonly RuleSpec[], now: number): PolicyBundle {
  return { revision: hexDigestOf(JSON.stringify(rules)).slice(0, 16), compiledAtMs: now, rules };
}

/** Everything that conditions may ask about a call. */
export const inputOf = (question: PolicyQuestion): ConditionInput => {
  const { tenant, user, roles, labels = {}, tool, toolClass, effect, risk = 'low', args, history } = question;
  return new ConditionInput({ tenant, user, roles, labels, tool, tool_class: toolClass, effect, risk, args }, history);
};

export class CompiledRule {
  readonly mode: RuleMode;
  readonly tenants: Globs;
  readonly tools: Globs;
  readonly roles: Globs;
  readonly when: CompiledCondition | undefined;
  readonly constraints: readonly { readonly spec: ArgumentCheck; readonly condition: CompiledCondition }[];
  /** Of the strongest that it can say: a constraint that is not kept denies. */
  readonly rank: number;

  /** Throws `invalid` naming the rule whose condition is not CEL. */
  constructor(readonly spec: RuleSpec) {
    this.mode = spec.mode ?? 'enforce';
    this.tenants = new Globs(spec.tenants);
    this.tools = new Globs(spec.tools);
    this.roles = new Globs(spec.roles);
    this.when = spec.when ? compiled(spec.when, spec.name, 'condition') : undefined;
    this.constraints = (spec.constraints ?? []).map((constraint) => ({
      spec: constraint,
      condition: compiled(constraint.condition, spec.name, 'constraint'),
    }));
    this.rank = this.constraints.length > 0 ? rank.deny : rank[spec.effect];
  }

  /** Nothing when the rule does not match. Its lists of tenants and tools were compared before. */
  verdict(question: PolicyQuestion, input: ConditionInput): RuleVerdict | undefined {
    if (!this.coversRoles(question.roles)) return undefined;
    const { effect } = this.spec;
    if (this.when && !(this.when.holds(input) ?? effect !== 'allow')) return undefined;
    const broken = this.constraints.find(({ condition }) => condition.holds(input) !== true);
    return broken ? { effect: 'deny', constraint: broken.spec } : { effect };
  }

  /** Whoever has no role at all is covered by no list of roles but `*`. */
  coversRoles(roles: readonly string[]): boolean {
    return this.spec.roles.includes('*') || this.roles.someMatch(roles);
  }
}

function compiled(text: string, rule: string, what: string): CompiledCondition {
  try {
    return new CompiledCondition(text);
  } catch (cause) {
    throw invalid('RULE_CONDITION_INVALID', `The ${what} of rule ${rule} is not valid CEL.`, { cause });
  }
}

export class CompiledPolicy {
  readonly revision: string;
  /** Strongest first, otherwise as they stand in the bundle. */
  readonly rules: readonly CompiledRule[];
  /** Rules whose lists name a tenant and tool, found once for each of these pairs. */
  readonly #byPlace = new Map<string, readonly CompiledRule[]>();

  /** Throws `invalid` naming the rule whose condition is not CEL. */
  constructor(bundle: PolicyBundle) {
    this.revision = bundle.revision;
    this.rules = bundle.rules.map((spec) => new CompiledRule(spec)).toSorted((a, b) => a.rank - b.rank);
  }

  /** Undefined when these rules have none of that name. */
  ruleNamed(name: string): RuleSpec | undefined {
    return this.rules.find(({ spec }) => spec.name === name)?.spec;
  }

  evaluate(question: PolicyQuestion): PolicyAnswer {
    const input = inputOf(question);
    let decided: (RuleVerdict & { readonly rule: CompiledRule }) | undefined;
    const others: (RuleVerdict & { readonly rule: CompiledRule })[] = [];
    for (const rule of this.#rulesFor(question.tenant, question.tool)) {
      if (decided && rank[decided.effect] <= rule.rank) break;
      const verdict = rule.verdict(question, rule.mode === 'enforce' ? input : input.aside);
      if (!verdict) continue;
      const { applied, noted } = inMode(rule, verdict);
      if (noted) others.push({ ...noted, rule });
      if (applied && (!decided || rank[applied.effect] < rank[decided.effect])) decided = { ...applied, rule };
    }
    return this.#answer(decided, others);
  }

  #answer(
    decided: (RuleVerdict & { readonly rule: CompiledRule }) | undefined,
    others: readonly (RuleVerdict & { readonly rule: CompiledRule })[],
  ): PolicyAnswer {
    const decidedRank = decided ? rank[decided.effect] : rankOfNone;
    const notes = others
      .filter(({ effect }) => (decided ? rank[effect] < decidedRank : effect !== 'deny'))
      .slice(0, limits.ruleNotesMax)
      .map(({ rule: { spec, mode }, effect, constraint }) => ({
        ...{ rule: spec.name, mode, effect },
        reason: constraint?.message ?? spec.reason,
      }));
    const { revision } = this;
    if (!decided) {
      const reason = 'No rule allows this call.';
      return { effect: 'deny', rule: '', reason, approversNeeded: 0, revision, notes };
    }
    const { effect, constraint, rule } = decided;
    const { name, reason, approversNeeded, approvalMs } = rule.spec;
    const answer = { effect, rule: name, reason: constraint?.message ?? reason, approversNeeded, revision, notes };
    return {
      ...answer,
      ...(constraint && { constraint }),
      ...(approvalMs !== undefined && { approvalMs }),
    };
  }

  #rulesFor(tenant: string, tool: string): readonly CompiledRule[] {
    const place = `${tenant}\n${tool}`;
    let rules = this.#byPlace.get(place);
    if (!rules) {
      rules = this.rules.filter((rule) => rule.tenants.matches(tenant) && rule.tools.matches(tool));
      // Names are of the catalogue, so this is for a fleet of very many tenants: each pair costs a tenth of a millisecond.
      if (this.#byPlace.size >= limits.rulePlacesMax) this.#byPlace.clear();
      this.#byPlace.set(place, rules);
    }
    return rules;
  }
}

/** Shadow only tells. Warn tells of what it would refuse and lets that run; what it would allow, it allows. */
function inMode(
  { mode, spec: { effect } }: CompiledRule,
  verdict: RuleVerdict,
): { readonly applied?: RuleVerdict; readonly noted?: RuleVerdict } {
  if (mode === 'enforce') return { applied: verdict };
  if (mode === 'shadow') return { noted: verdict };
  if (verdict.effect === 'allow') return { applied: verdict };
  return effect === 'allow' ? { applied: { effect }, noted: verdict } : { noted: verdict };
}
