/** What is known of the use of tools: their age, which the router keeps, and the daily roll-up of the audit, which is read only. */
import type { ToolVersionUsage } from '@toolfleet/kernel';
import { missing } from '@toolfleet/kernel';
import type { Database, Statement } from './pool.js';
import type { RecordedUsage, ToolUsageStore, ToolVersionName } from './ports/tool-usage-store.js';
import { textArray } from './stored-text.js';

/** One statement, so that no reader sees a tool forgotten between two of them. */
const keepStatement: Statement = {
  name: 'tool_first_seen_keep',
  text: `
with here as (
  select * from unnest($1::text[], $2::text[]) as t (tool, version)
), forgotten as (
  delete from tool_first_seen old
  where not exists (select from here where here.tool = old.tool and here.version = old.version)
)
insert into tool_first_seen (tool, version, first_seen_at_ms)
select tool, version, $3 from here on conflict do nothing`,
};

const firstSeenStatement: Statement = {
  name: 'tool_first_seen',
  text: 'select tool, version, first_seen_at_ms from tool_first_seen',
};

const archiveStatement: Statement = {
  name: 'tool_archive',
  text: `
update tool_first_seen seen set archived_at_ms = $3
from unnest($1::text[], $2::text[]) as t (tool, version)
where seen.tool = t.tool and seen.version = t.version and seen.archived_at_ms is null`,
};

const archivedStatement: Statement = {
  name: 'tool_archived',
  text: 'select tool, version from tool_first_seen where archived_at_ms is not null',
};

const recordedStatement: Statement = {
  name: 'tool_usage_recorded',
  text: `select to_regclass('tool_usage') is not null as recorded`,
};

const knownStatement: Statement = {
  name: 'tool_usage_known',
  text: 'select min(day)::text as day from tool_usage',
};

const usageStatement: Statement = {
  name: 'tool_usage_since',
  text: `
select tool, version, sum(calls)::bigint as calls, sum(writes)::bigint as writes, sum(failures)::bigint as failures,
  max(day)::text as last_day
from tool_usage where day >= $1::date group by tool, version order by tool, version`,
};

interface UsageRow extends ToolVersionUsage {
  readonly last_day: string;
}

export class PostgresToolUsageStore implements ToolUsageStore {
  constructor(private readonly database: Database) {}

  async keepSeen(tools: readonly ToolVersionName[], nowMs: number): Promise<void> {
    const names = textArray(tools.map(({ tool }) => tool));
    const versions = textArray(tools.map(({ version }) => version));
    await this.database.read(keepStatement, [names, versions, nowMs]);
  }

  async firstSeen(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.database.read<ToolVersionName & { first_seen_at_ms: number }>(firstSeenStatement, []);
    return new Map(rows.map(({ tool, version, first_seen_at_ms }) => [`${tool}@${version}`, Number(first_seen_at_ms)]));
  }

  async archive(tools: readonly ToolVersionName[], nowMs: number): Promise<void> {
    const names = textArray(tools.map(({ tool }) => tool));
    const versions = textArray(tools.map(({ version }) => version));
    await this.database.read(archiveStatement, [names, versions, nowMs]);
  }

  async archived(): Promise<ReadonlySet<string>> {
    const rows = await this.database.read<ToolVersionName>(archivedStatement, []);
    return new Set(rows.map(({ tool, version }) => `${tool}@${version}`));
  }

  async usageSince(day: string): Promise<RecordedUsage> {
    const [there] = await this.database.read<{ recorded: boolean }>(recordedStatement, []);
    if (!there?.recorded) {
      throw missing('USAGE_NOT_RECORDED', 'The use of tools is not recorded in this database.', {
        hint: 'Run `fleetctl setup` of this release; what was called before is not known.',
      });
    }
    const [known] = await this.database.read<{ day: string | null }>(knownStatement, []);
    const rows = await this.database.read<UsageRow>(usageStatement, [day]);
    const tools = rows.map(({ tool, version, calls, writes, failures, last_day }) => {
      return {
        tool,
        version,
        calls: Number(calls),
        writes: Number(writes),
        failures: Number(failures),
        lastDay: last_day,
      };
    });
    return { knownSinceDay: known?.day ?? undefined, tools };
  }
}
