/**
 * What governance costs: the same load on a fleet with all of it (50 rules, the audit, budgets of tenants and users), and on
 * one with as little as operators can set. What cannot be turned off is on in both: tokens, receipts, the effect ledger, what
 * recognises storms, and a rule that allows.
 */
import type { LoadTarget } from '../load.js';
import { atLeast, quotient, resultOf, type ScenarioResult } from './aims.js';
import { agentOf, type ScenarioCatalog, type ScenarioTenant } from './catalog.js';
import { cpuOf, inTurn, meanOf } from './in-turn.js';
import { warm, type ScenarioContext, type ScenarioFleet } from './scenario.js';

const concurrency = 256;
const sessionsRatioLeast = 0.85;
const shop = 'calm';
const tenants = ['bench-1', 'bench-2', 'bench-3', 'bench-4'];
const target: LoadTarget = { tenants, agent: `agent-${shop}`, shop };

interface Governed {
  readonly catalog: ScenarioCatalog;
  readonly env: Readonly<Record<string, string>>;
}

/** Of each unit, and more of it than any run spends. */
const plenty = { steps: 1_000_000_000, tokens: 100_000_000_000, wallTimeMs: 1_000_000_000_000 };
const budgets = [
  { per: 'user', window: 'day', ...plenty },
  { per: 'tenant', window: 'month', ...plenty },
];

const catalogOf = (rules: readonly object[], limited: Partial<ScenarioTenant> = {}): ScenarioCatalog => ({
  shops: [shop],
  agents: [agentOf(shop, 'prompt')],
  // Nobody waits in line: what is measured is the work.
  tenants: tenants.map((name) => ({ name, agents: [`agent-${shop}`], concurrentSessionsMax: concurrency, ...limited })),
  rules,
});

const allow = { name: 'everything', effect: 'allow', tenants: ['bench-*'], roles: ['*'], tools: ['*'] };

const least: Governed = { catalog: catalogOf([allow]), env: { TOOLFLEET_AUDIT: 'off' } };
const whole: Governed = { catalog: catalogOf([...rulesOfShop(), ...rulesOfOthers(), allow], { budgets }), env: {} };

export async function governance(context: ScenarioContext): Promise<ScenarioResult> {
  const { one: off, other: on } = await context.withFleet(
    least.catalog,
    (without) => context.withFleet(whole.catalog, (withAll) => compared(context, without, withAll), whole.env),
    least.env,
  );
  const [without, all] = [meanOf(off), meanOf(on)];
  const figures = {
    ...{ rules: whole.catalog.rules?.length ?? 0, off: without, on: all },
    ...{ cpuSPer1000Off: cpuOf(off), cpuSPer1000On: cpuOf(on) },
  };
  return resultOf(context.name, figures, [
    atLeast(
      'sessions/s with all of it to as little as can be',
      quotient(all.sessionsPerS, without.sessionsPerS),
      sessionsRatioLeast,
    ),
  ]);
}

async function compared(context: ScenarioContext, without: ScenarioFleet, withAll: ScenarioFleet) {
  for (const fleet of [without, withAll]) {
    // oxlint-disable-next-line no-await-in-loop -- one after another, as everything here
    await warm(context, fleet, [target]);
  }
  return inTurn(context, { one: { fleet: without, target }, other: { fleet: withAll, target } }, concurrency);
}

/** Five for each tool of the plan, all of which are asked about each of its calls: arguments, history, effects, patterns. */
function rulesOfShop(): object[] {
  const of = (tool: string, name: string, when: string, more: object = {}) => ({
    ...{ name: `${tool}-${name}`, effect: 'deny', tenants: ['bench-*'], tools: [`${tool}_${shop}`], when },
    reason: 'It never holds for an order of the plan.',
    ...more,
  });
  return ['get_customer', 'get_order', 'update_order'].flatMap((tool) => [
    of(tool, 'order', "!args.order_id.matches('^o[0-9a-z]{11}$')"),
    of(tool, 'often', `session.count('${tool}_${shop}') > 20`),
    of(tool, 'writes', "session.count_effect('write') > 10"),
    of(tool, 'again', `session.within('refund_${shop}', duration('60s'))`, { effect: 'review' }),
    of(tool, 'roles', "!('customer' in roles) || user == 'nobody'"),
  ]);
}

/** Of other teams' tools: in the bundle, and never asked about these calls. */
function rulesOfOthers(): object[] {
  return Array.from({ length: 34 }, (_, index) => ({
    ...{ name: `other-${index}`, effect: index % 3 === 0 ? 'review' : 'deny', tenants: ['bench-*'] },
    ...{
      tools: [`other_tool_${index}_*`, `other_${index}_*`],
      when: `args.amount > ${index} && session.count('other_*') > 3`,
    },
  }));
}
