/**
 * What governance costs: the same load on a fleet with all of it (50 rules, the audit, budgets of tenants and users), and on
 * one with as little as operators can set. What cannot be turned off is on in both: tokens, receipts, the effect ledger, what
 * recognises storms, and a rule that allows.
 */
import type { LoadTarget } from '../load.js';
import { measure } from '../measure.js';
import { plans } from '../plans.js';
import { rounded, type BenchRun } from '../report.js';
import { atLeast, quotient, resultOf, type ScenarioResult } from './aims.js';
import { agentOf, type ScenarioCatalog, type ScenarioTenant } from './catalog.js';
import { warm, withLoad, type ScenarioContext, type ScenarioFleet } from './scenario.js';

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

/** Windows of each of the two: as many as still have ten seconds each of a minute. */
const rounds = 6;

/**
 * Both fleets are up all the time, and one of them has the load: in turn, and who was first is second in the next round. The
 * speed of a shared machine moves by half within minutes, which two runs after one another take for the cost of governance.
 */
export async function governance(context: ScenarioContext): Promise<ScenarioResult> {
  const [off, on] = await context.withFleet(
    least.catalog,
    (without) => context.withFleet(whole.catalog, (withAll) => inTurn(context, without, withAll), whole.env),
    least.env,
  );
  const [without, all] = [meanOf(off), meanOf(on)];
  const figures = {
    ...{ rules: whole.catalog.rules?.length ?? 0, off: without, on: all },
    ...{ cpuSPer1000Off: cpuOf(off), cpuSPer1000On: cpuOf(on) },
  };
  return resultOf(context.name, figures, [
    atLeast('sessions/s with all of it to as little as can be', ratioOf(all, without), sessionsRatioLeast),
  ]);
}

async function inTurn(context: ScenarioContext, without: ScenarioFleet, withAll: ScenarioFleet): Promise<[Runs, Runs]> {
  const [off, on]: [BenchRun[], BenchRun[]] = [[], []];
  for (const fleet of [without, withAll]) {
    // oxlint-disable-next-line no-await-in-loop -- one after another, as everything here
    await warm(context, fleet, [target]);
  }
  for (let round = 0; round < rounds; round += 1) {
    const pair = [
      { fleet: without, runs: off },
      { fleet: withAll, runs: on },
    ];
    for (const { fleet, runs } of round % 2 === 0 ? pair : pair.toReversed()) {
      // oxlint-disable-next-line no-await-in-loop
      runs.push(await windowOf(context, fleet));
    }
  }
  return [off, on];
}

function windowOf(context: ScenarioContext, fleet: ScenarioFleet): Promise<BenchRun> {
  const forMs = (context.seconds * 1_000) / rounds;
  return withLoad(fleet, target, (bench) => measure(bench, plans.short, concurrency, forMs));
}

type Means = Readonly<Record<'sessionsPerS' | 'p50Ms' | 'p99Ms' | 'cpuSPer1000', number>>;

type Runs = readonly BenchRun[];

function mean(runs: Runs, of: (run: BenchRun) => number, digits: number): number {
  return rounded(runs.reduce((sum, run) => sum + of(run), 0) / runs.length, digits);
}

const meanOf = (runs: Runs): Means => ({
  sessionsPerS: mean(runs, (run) => run.sessionsPerS, 1),
  p50Ms: mean(runs, (run) => run.p50Ms, 1),
  p99Ms: mean(runs, (run) => run.p99Ms, 1),
  cpuSPer1000: mean(runs, (run) => run.cpuSPer1000, 3),
});

/** By process, so that a dearer part is named. */
function cpuOf(runs: Runs): Readonly<Record<string, number>> {
  const names = Object.keys(runs[0]?.cpuSPer1000ByProcess ?? {});
  return Object.fromEntries(names.map((name) => [name, mean(runs, (run) => run.cpuSPer1000ByProcess[name] ?? 0, 3)]));
}

const ratioOf = (one: Means, other: Means): number => quotient(one.sessionsPerS, other.sessionsPerS);

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
