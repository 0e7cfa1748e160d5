/**
 * What the rules cost a call: `node libs/kernel/dist/policy/rules.bench.js`. 500 rules of ten teams: a third for all tools,
 * half with conditions over arguments, a tenth over the session's history, some in shadow, some with constraints; 200 tools,
 * 50 tenants, calls of one to some hundred arguments. `cold` are the first calls of each tenant and
 * tool. The least of each call is what it costs where no neighbour takes the core.
 */
import type { RuleSpec } from '../catalog/manifest.js';
import type { PolicyQuestion } from './rules.js';
import { bundleOf, CompiledPolicy } from './rules.js';

const [rulesCount, toolsCount, tenantsCount, passes] = [500, 200, 50, 20];

const conditions = [
  'args.amount > 250.0 && user != "root"',
  'effect == "write" && !(args.reason in ["no longer needed", "ordered by mistake"])',
  'size(args.items) > 10 || args.items.exists(item, item == "W9")',
  'risk == "high" && !("lead" in roles)',
  'args.note.matches("(?i)password|secret")',
];
const histories = ['session.count("tool_*") >= 30', 'session.within("tool_1", duration("10m"))'];

function ruleAt(at: number): RuleSpec {
  const byTool = at % 3 === 0 ? ['*'] : [`tool_${at % toolsCount}`, `tool_${(at * 7) % toolsCount}*`];
  const when = at % 10 === 0 ? histories[(at / 10) % 2]! : at % 2 ? conditions[at % conditions.length]! : '';
  const effect = at % 5 === 0 && when !== '' ? 'deny' : at % 7 === 0 && when !== '' ? 'review' : 'allow';
  return {
    ...{ name: `r${at}`, effect, roles: at % 4 ? [] : ['clerk'], tools: byTool, when, reason: '', approversNeeded: 1 },
    tenants: at % 3 === 1 ? [`tenant-${at % tenantsCount}`, 'tenant-1*'] : [],
    ...(at % 20 === 0 && { mode: 'shadow' as const }),
    ...(at % 25 === 1 && effect === 'allow' && { constraints: [{ condition: 'args.amount <= 500.0', message: '' }] }),
  };
}

const history = {
  count: (tool: string) => tool.length,
  countClass: () => 1,
  countEffect: () => 1,
  msSinceOk: () => undefined,
  userSaid: () => true,
  userAsked: () => true,
};

function questionAt(at: number): PolicyQuestion {
  const items = Array.from({ length: at % 10 === 0 ? 200 : 3 }, (_, item) => `W${item}`);
  return {
    ...{ tenant: `tenant-${at % tenantsCount}`, user: `u${at}`, roles: at % 2 ? ['clerk'] : [], labels: {} },
    ...{ tool: `tool_${(at * 13) % toolsCount}`, toolClass: 'write', effect: at % 2 ? 'write' : 'read', risk: 'low' },
    args: { amount: at % 300, reason: 'no longer needed', items, note: 'Please send it back.', address: { city: 'X' } },
    history,
  };
}

const rules = Array.from({ length: rulesCount }, (_, at) => ruleAt(at));
const startedMs = performance.now();
const policy = new CompiledPolicy(bundleOf(rules, 0));
const compiledMs = performance.now() - startedMs;
const questions = Array.from({ length: 1_000 }, (_, at) => questionAt(at));
const decided = new Map<string, number>();

function pass(one: CompiledPolicy): number[] {
  return questions.map((question) => {
    const beganMs = performance.now();
    const { effect } = one.evaluate(question);
    const ms = performance.now() - beganMs;
    decided.set(effect, (decided.get(effect) ?? 0) + 1);
    return ms;
  });
}

function percentiles(ms: number[]): string {
  ms.sort((a, b) => a - b);
  const at = (share: number): string => ms[Math.min(ms.length - 1, Math.floor(ms.length * share))]!.toFixed(3);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms`;
}

pass(policy);
const cold = pass(new CompiledPolicy(bundleOf(rules, 0)));
const warm = Array.from({ length: passes }, () => pass(policy));
const least = questions.map((_, at) => Math.min(...warm.map((ms) => ms[at]!)));
console.log(`${rulesCount} rules compiled in ${compiledMs.toFixed(0)} ms`);
console.log(`a call, cold: ${percentiles(cold)}`);
console.log(
  `a call: ${percentiles(warm.flat())} of ${passes * questions.length}; the least of each: ${percentiles(least)}`,
);
console.log([...decided].map(([effect, count]) => `${effect} ${count}`).join(', '));
