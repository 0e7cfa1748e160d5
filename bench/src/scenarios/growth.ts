/** What a step costs in a session of sixty and in one of six: CPU time, and bytes that stay in Postgres. */
import { Database } from '@toolfleet/platform/postgres';
import type { LoadTarget } from '../load.js';
import { measure } from '../measure.js';
import { plans, type Plan } from '../plans.js';
import { rounded } from '../report.js';
import { atMost, quotient, resultOf, type ScenarioResult } from './aims.js';
import { agentOf, type ScenarioCatalog } from './catalog.js';
import { warm, withLoad } from './scenario.js';
import type { ScenarioContext, ScenarioFleet } from './scenario.js';

const concurrency = 32;
const cpuRatioMax = 1.2;
const bytesRatioMax = 1.1;

const tenants = ['bench-1', 'bench-2', 'bench-3', 'bench-4'];
const catalog: ScenarioCatalog = {
  shops: ['calm'],
  agents: [agentOf('calm', 'prompt')],
  tenants: tenants.map((name) => ({ name, agents: ['agent-calm'] })),
};
const target: LoadTarget = { tenants, agent: 'agent-calm', shop: 'calm' };

export async function growth(context: ScenarioContext): Promise<ScenarioResult> {
  return context.withFleet(catalog, async (fleet) => {
    await warm(context, fleet, [target]);
    const database = new Database({ url: fleet.system.fleet.databaseUrl, applicationName: 'bench' });
    try {
      const short = await stepOf(context, fleet, { plan: plans.short, database });
      const long = await stepOf(context, fleet, { plan: plans.long, database });
      return resultOf(context.name, { short, long }, [
        atMost('CPU of a step, long to short', quotient(long.cpuMs, short.cpuMs), cpuRatioMax),
        atMost('bytes stored of a step, long to short', quotient(long.bytes, short.bytes), bytesRatioMax),
      ]);
    } finally {
      await database.close();
    }
  });
}

interface Measured {
  readonly plan: Plan;
  readonly database: Database;
}

/** `measure` lets every session come to its end, so what is stored when it is over belongs to whole sessions. */
async function stepOf(context: ScenarioContext, fleet: ScenarioFleet, { plan, database }: Measured) {
  const before = await storedIn(database);
  const run = await withLoad(fleet, target, (bench) => measure(bench, plan, concurrency, context.seconds * 1_000));
  const after = await storedIn(database);
  const steps = (after.sessions - before.sessions) * plan.steps;
  return {
    ...{ sessions: after.sessions - before.sessions, sessionsPerS: run.sessionsPerS },
    cpuMs: rounded(run.cpuSPer1000 / plan.steps, 3),
    bytes: rounded((after.bytes - before.bytes) / steps, 0),
  };
}

/** Tables with their indexes and what is stored aside. Nothing is deleted meanwhile, so sizes only grow. */
async function storedIn(database: Database): Promise<{ readonly bytes: number; readonly sessions: number }> {
  const [row] = await database.query<{ bytes: number; sessions: number }>(
    {
      name: 'bench_stored',
      text: `
select (select count(*) from session) as sessions, (
  select coalesce(sum(pg_total_relation_size(oid)), 0)::bigint from pg_class
  where relkind in ('r', 'p') and relname ~ '^(session|session_event|effect|artifact|approval)$'
) as bytes`,
    },
    [],
  );
  return { bytes: Number(row?.bytes), sessions: Number(row?.sessions) };
}
