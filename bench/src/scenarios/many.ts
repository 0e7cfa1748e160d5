/**
 * Much of something that no session uses: ten thousand tools, five thousand tenants, two hundred thousand sessions that
 * wait. The same load is measured without and with it, on two fleets in turn, so that the difference is what it costs.
 */
import { encodeSessionAdmission } from '@toolfleet/contracts';
import { limits, sessionIdOf } from '@toolfleet/kernel';
import { Database } from '@toolfleet/platform/postgres';
import { requestOf } from '../load.js';
import { samplesOf, scrapeAll, totalOf } from '../metrics.js';
import { plans } from '../plans.js';
import { rounded } from '../report.js';
import { atLeast, atMost, quotient, resultOf, type Figures, type ScenarioResult } from './aims.js';
import { appliedMsMax, tenantsApplied } from './applied.js';
import { agentOf, writeOtherTools, writeTenants, type ScenarioCatalog } from './catalog.js';
import { cpuOf, inTurn, meanOf, type Side } from './in-turn.js';
import { LiveMemory } from './live-memory.js';
import { servicesMb, servicesOf, untilHolds, warm } from './scenario.js';
import type { ScenarioContext, ScenarioFleet } from './scenario.js';

const concurrency = 64;
const sessionsRatioLeast = 0.9;
const memoryRatioMax = 1.1;

const toolsMax = 10_000;
const searchMsMax = 5;
const quickLeast = 0.99;
/** With the session itself, which is asked for until it is let in. */
const liveSMax = 1;
/** More than an agent is offered, so that tools are chosen by search without the ten thousand as well. */
const toolsBefore = 40;
const tenantsMax = 5_000;
const waitingTenants = 200;
const waitingOfTenant = 1_000;

const base = ['bench-1', 'bench-2', 'bench-3', 'bench-4'];
const catalog: ScenarioCatalog = {
  shops: ['calm'],
  agents: [
    { name: 'agent-wide', tools: ['*'], toolsOfferedMax: limits.toolsOfferedMax, model: 'prompt' },
    agentOf('calm', 'prompt'),
    { ...agentOf('calm', 'stuck'), name: 'agent-stuck' },
  ],
  tenants: base.map((name) => ({ name, agents: ['agent-wide', 'agent-calm'] })),
};

export function manyTools(context: ScenarioContext): Promise<ScenarioResult> {
  const target = { tenants: base, agent: 'agent-wide', shop: 'calm' };
  return withTwo(context, async ({ plain, fleet, memory }) => {
    for (const { catalogDirectory } of [plain, fleet]) {
      // oxlint-disable-next-line no-await-in-loop -- two files
      await writeOtherTools(catalogDirectory, 'other-tools', 'calm', toolsBefore);
    }
    let searchesBefore: Searches = { all: 0, quick: 0 };
    const compared = await compare(context, {
      memory,
      one: { fleet: plain, target },
      other: { fleet, target },
      begin: async () => void (searchesBefore = await searchesOf(fleet)),
      add: async () => {
        await writeOtherTools(fleet.catalogDirectory, 'other-tools', 'calm', toolsMax);
        // Its tenants come last on the topic, see the order of publication.
        return {
          tools: toolsMax,
          appliedS: await tenantsApplied(context, fleet, [{ name: 'bench-after-tools', agents: ['agent-wide'] }]),
        };
      },
    });
    const searches = await searchesOf(fleet);
    const quick = quotient(searches.quick - searchesBefore.quick, searches.all - searchesBefore.all);
    const liveS = await tenantsApplied(context, fleet, [{ name: 'bench-changed', agents: ['agent-wide'] }]);
    return resultOf(compared.name, { ...compared.figures, searches: searches.all - searchesBefore.all }, [
      ...compared.aims,
      atLeast(`searches of the windows within ${searchMsMax} ms`, quick, quickLeast),
      atMost('from a change of one file to a session by it', liveS, liveSMax, 's'),
    ]);
  });
}

interface Searches {
  readonly all: number;
  /** Within `searchMsMax`. */
  readonly quick: number;
}

async function searchesOf({ system }: ScenarioFleet): Promise<Searches> {
  const texts = await scrapeAll(system.processes());
  const buckets = samplesOf(texts, 'toolfleet_routing_search_seconds_bucket');
  const upTo = (le: string) => buckets.filter(({ labels }) => labels['le'] === le);
  const sum = (samples: typeof buckets) => samples.reduce((total, { value }) => total + value, 0);
  return { all: sum(upTo('+Inf')), quick: sum(upTo(String(searchMsMax / 1_000))) };
}

/** As many people in all on both sides, so that only their tenants differ. */
export function manyTenants(context: ScenarioContext): Promise<ScenarioResult> {
  const tenants = Array.from({ length: tenantsMax }, (_, index) => `bench-many-${index}`);
  const calm = { agent: 'agent-calm', shop: 'calm' };
  return withTwo(context, ({ plain, fleet, memory }) =>
    compare(context, {
      memory,
      one: { fleet: plain, target: { ...calm, tenants: base, people: tenantsMax / base.length } },
      other: { fleet, target: { ...calm, tenants, people: 1 } },
      add: async () => {
        const added = tenants.map((name) => ({ name, agents: ['agent-calm'] }));
        return { tenants: tenantsMax, appliedS: await tenantsApplied(context, fleet, added) };
      },
    }),
  );
}

/**
 * The rows are written as the store writes them, before their tenants are in the catalogue, so that the fleet finds them as
 * after a take-over. One session of each tenant is let through and never gets its model's answer: the others go on waiting.
 */
export function manyWaiting(context: ScenarioContext): Promise<ScenarioResult> {
  const target = { tenants: base, agent: 'agent-calm', shop: 'calm' };
  const tenants = Array.from({ length: waitingTenants }, (_, index) => `bench-waiting-${index}`);
  return withTwo(context, async ({ plain, fleet, memory }) => {
    await context.stubs.behave('stuck', { kind: 'hang' });
    return compare(context, {
      memory,
      one: { fleet: plain, target },
      other: { fleet, target },
      add: async () => {
        await insertWaiting(fleet, tenants);
        const waiting = (waitingTenants - 1) * waitingOfTenant;
        await writeTenants(
          fleet.catalogDirectory,
          'waiting-tenants',
          tenants.map((name) => ({ name, agents: ['agent-stuck'], concurrentSessionsMax: 1 })),
        );
        const known = await untilHolds(async () => (await waitingSeen(fleet)) >= waiting, {
          ...{ withinMs: appliedMsMax, signal: context.signal },
        });
        return { waiting: await waitingSeen(fleet), appliedS: rounded(known / 1_000, 1) };
      },
    });
  });
}

interface Two {
  readonly plain: ScenarioFleet;
  readonly fleet: ScenarioFleet;
  /** Of the processes of `fleet`. */
  readonly memory: LiveMemory;
}

async function withTwo<T>(context: ScenarioContext, work: (two: Two) => Promise<T>): Promise<T> {
  const memory = await LiveMemory.open();
  const env = { NODE_OPTIONS: memory.nodeOptions };
  try {
    return await context.withFleet(catalog, (plain) =>
      context.withFleet(catalog, (fleet) => work({ plain, fleet, memory }), env),
    );
  } finally {
    await memory.close();
  }
}

interface Comparison {
  /** Without it. */
  readonly one: Side;
  readonly other: Side;
  readonly memory: LiveMemory;
  /** Adds what there is much of to the other; resolves when it has it. */
  readonly add: () => Promise<Figures>;
  /** Before the windows. */
  readonly begin?: () => Promise<void>;
}

async function compare(
  context: ScenarioContext,
  { one, other, memory, add, begin }: Comparison,
): Promise<ScenarioResult> {
  await warm(context, one.fleet, [one.target]);
  context.onProgress(`${context.name}: adding`);
  const added = await add();
  // What is met for the first time costs once, and the windows are to show what it costs from then on.
  await warm(context, other.fleet, [other.target]);
  await begin?.();
  const liveMb = (): Promise<number> => memory.readMb(Object.values(servicesOf(other.fleet)), context.signal);
  const keptBefore = await liveMb();
  const runs = await inTurn(context, { one, other }, concurrency);
  const keptAfter = await liveMb();
  const [without, all] = [meanOf(runs.one), meanOf(runs.other)];
  return resultOf(
    context.name,
    {
      ...added,
      ...{ without, with: all },
      ...{ cpuSPer1000Without: cpuOf(runs.one), cpuSPer1000With: cpuOf(runs.other) },
      keptMb: { before: rounded(keptBefore, 1), after: rounded(keptAfter, 1) },
      residentMb: rounded(servicesMb(other.fleet), 0),
    },
    [
      atLeast('sessions/s to without', quotient(all.sessionsPerS, without.sessionsPerS), sessionsRatioLeast),
      atMost('memory kept after the windows to before', quotient(keptAfter, keptBefore), memoryRatioMax),
    ],
  );
}

async function insertWaiting({ system }: ScenarioFleet, tenants: readonly string[]): Promise<void> {
  const database = new Database({ url: system.fleet.databaseUrl, applicationName: 'bench' });
  try {
    // oxlint-disable-next-line no-await-in-loop -- the machine has other things to do
    for (const tenant of tenants) await insertRoom(database, tenant, system.flights.nextCount.bind(system.flights));
  } finally {
    await database.close();
  }
}

async function insertRoom(database: Database, tenant: string, nextCount: () => number): Promise<void> {
  const nowMs = Date.now();
  const rows = Array.from({ length: waitingOfTenant }, () => {
    const choice = { tenant, agent: 'agent-stuck', plan: plans.short, shop: 'calm', count: nextCount() };
    const requested = requestOf(choice);
    const sessionId = sessionIdOf(tenant, requested.requestId);
    return { sessionId, payload: encodeSessionAdmission({ tenant, sessionId, requested }) };
  });
  const ids = rows.map(({ sessionId }) => sessionId);
  const payloads = rows.map(({ payload }) => Buffer.from(payload).toString('hex'));
  await database.query(
    {
      name: 'bench_waiting',
      text: `
insert into waiting_session (tenant, session_id, priority, entered_at_ms, expires_at_ms, payload)
select $1, session_id, 0, $2, $3, decode(payload, 'hex')
from unnest($4::text[], $5::text[]) as room (session_id, payload)`,
    },
    [tenant, nowMs, nowMs + limits.waitingMsMax, ids, payloads],
  );
}

const waitingSeen = ({ system }: ScenarioFleet): Promise<number> =>
  totalOf(system.processes(), 'toolfleet_sessions_waiting');
