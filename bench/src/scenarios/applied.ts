/** Changes to the catalogue of a fleet that runs, and the moment from which they hold. */
import { setTimeout as sleep } from 'node:timers/promises';
import { requestOf } from '../load.js';
import { plans } from '../plans.js';
import { rounded } from '../report.js';
import { writeTenants, type ScenarioTenant } from './catalog.js';
import { untilHolds, type ScenarioContext, type ScenarioFleet } from './scenario.js';

/** Ten thousand records and their checks take a minute at most; the rest is patience with a busy machine. */
export const appliedMsMax = 120_000;
/** A fleet that takes in thousands of records is slow to answer; who is not answered is asked for again. */
const answeredMsMax = 10_000;

/**
 * Seconds until a session of the last tenant is let in. The fleet has all that was written before by then: manifests are
 * published in the order of their kinds, tenants last. That tenant must be new and the shop `calm`.
 */
export async function tenantsApplied(
  { signal }: ScenarioContext,
  { catalogDirectory, system }: ScenarioFleet,
  tenants: readonly ScenarioTenant[],
): Promise<number> {
  await writeTenants(catalogDirectory, 'more-tenants', tenants);
  const { name = '', agents = [] } = tenants.at(-1) ?? {};
  const choice = { tenant: name, agent: agents[0] ?? '', plan: plans.short, shop: 'calm' };
  const { flights } = system;
  const isIn = async (): Promise<boolean> => {
    const end = flights.start(requestOf({ ...choice, count: flights.nextCount() }));
    const late = sleep(answeredMsMax, undefined, { signal });
    return (await Promise.race([end, late]))?.outcome.status === 'completed';
  };
  return rounded((await untilHolds(isIn, { withinMs: appliedMsMax, signal })) / 1_000, 1);
}
