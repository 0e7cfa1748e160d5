/** `fleetctl catalog unused`: tools that nobody calls, and their manifests archived for review. It changes no running fleet. */
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import type { UnusedTools } from '@toolfleet/kernel';
import { dayOf, firstDayOf, invalid, unusedTools, windowFault } from '@toolfleet/kernel';
import { environmentVariable, fleetSettings, loadConfig } from '@toolfleet/platform/config';
import { Database, PostgresToolUsageStore } from '@toolfleet/platform/postgres';
import type { ArchivedTool } from '../archive-manifests.js';
import { archiveIn } from '../archive-manifests.js';
import { readLiveCatalogue } from '../live-catalogue.js';
import { findRunningFleet } from '../local/index.js';
import { columns } from '../terminal-text.js';

interface UnusedFlags {
  readonly days: number;
  readonly archive?: string;
  readonly actor?: string;
  readonly reason?: string;
  readonly json?: boolean;
}

/** As long as anybody keeps the roll-up. */
const daysMax = 3_650;

export function registerCatalogUnused(catalog: Command): void {
  catalog
    .command('unused')
    .description('print tools that nobody called for so many days, and were there all of them')
    .option('--days <number>', 'so many', daysOf, 30)
    .option('--archive <dir>', 'archive their manifests in this directory, for review and an apply')
    .option('--actor <name>', 'who archives them (default: USER)', process.env['USER'])
    .option('--reason <text>', 'why; written above each manifest')
    .option('--json', 'one JSON object')
    .action(unused);
}

async function unused({ days, archive, actor, reason, json }: UnusedFlags): Promise<void> {
  if (archive !== undefined && (!actor || !reason)) {
    throw invalid('AUTHOR_MISSING', 'Whoever archives is named and says why.', { hint: 'Give --actor and --reason.' });
  }
  const nowMs = Date.now();
  const result = await unusedNow(nowMs, days);
  const note = `Archived ${dayOf(nowMs)} by ${actor}: ${reason} (no call for ${days} days).`.replaceAll(/\s+/g, ' ');
  const archived = archive === undefined ? [] : await archiveIn(archive, result.unused, note);
  const shown = { days, since: firstDayOf({ nowMs, days }), ...result, ...(archive !== undefined && { archived }) };
  process.stdout.write(`${json ? JSON.stringify(shown) : textOf(result, days, archive, archived)}\n`);
}

async function unusedNow(nowMs: number, days: number): Promise<UnusedTools> {
  const url = await databaseUrlHere();
  const tools = (await readLiveCatalogue()).flatMap(({ manifest }) =>
    manifest.kind === 'Tool' ? [manifest.spec] : [],
  );
  const database = new Database({ url, applicationName: 'fleetctl', connectionsMax: 1 });
  try {
    const store = new PostgresToolUsageStore(database);
    const firstSeenMs = await store.firstSeen();
    const { knownSinceDay, tools: usage } = await store.usageSince(firstDayOf({ nowMs, days }));
    const window = { nowMs, days, usage, knownSinceDay, firstSeenMs };
    const fault = windowFault(window);
    if (fault) throw fault;
    return unusedTools(tools, window);
  } finally {
    await database.close();
  }
}

const settingsOfDatabase = fleetSettings.pick({ databaseUrl: true });

/** That of the environment, or of the fleet that `fleetctl up` runs from this directory. */
async function databaseUrlHere(): Promise<string> {
  const isNamed = ['TOOLFLEET_DATABASE_URL', 'TOOLFLEET_DATABASE_URL_FILE'].some(environmentVariable);
  const local = isNamed ? undefined : (await findRunningFleet('.toolfleet'))?.addresses?.databaseUrl;
  return local ?? loadConfig(settingsOfDatabase).databaseUrl.reveal();
}

function textOf(
  { unused: tools, young }: UnusedTools,
  days: number,
  directory: string | undefined,
  archived: readonly ArchivedTool[],
): string {
  const rows = tools.map(({ name, version, owner, firstSeenMs }) => [name, version, owner || '-', dayOf(firstSeenMs)]);
  const files = new Set(archived.map(({ file }) => file)).size;
  return [
    tools.length === 0
      ? `Every tool was called within ${days} days, or is younger.`
      : columns([['TOOL', 'VERSION', 'OWNER', 'SINCE'], ...rows]),
    ...(young.length > 0 ? [`${young.length} more without a call are younger than that.`] : []),
    ...(directory === undefined
      ? []
      : [`${archived.length} archived in ${files} files of ${directory}: look at the difference, then apply it.`]),
  ].join('\n');
}

function daysOf(text: string): number {
  const days = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (days >= 1 && days <= daysMax) return days;
  throw new InvalidArgumentError(`It is a whole number from 1 to ${daysMax}.`);
}
