/** Sessions as they are stored, for operators who ask about versions. Each question is bounded; none is on a session's way. */
import { decodeSessionEvent } from '@toolfleet/contracts';
import type { StartingSession } from '@toolfleet/kernel';
import { limits } from '@toolfleet/kernel';
import type { Database, Statement } from './pool.js';
import type { SessionSample, VersionHolder } from './ports/session-sample.js';
import { newest } from './session-sql.js';
import { textArray } from './stored-text.js';

/** By the index of each tenant's newest sessions. */
export const newestStatement: Statement = {
  name: 'session_sample_newest',
  text: `select s.tenant, s.session_id from unnest($1::text[]) as t(tenant) cross join lateral (
    select tenant, session_id, created_at_ms from session where ${newest.tenant} = t.tenant
    order by ${newest.order} limit $2) s
  order by s.created_at_ms desc, s.session_id desc limit $2`,
};

/** A page of those that run, with the events that say what they were given. */
const runningStatement: Statement = {
  name: 'session_sample_running',
  text: `
with running as materialized (
  select tenant, session_id, agent from session
  where active and (tenant, session_id) > ($1, $2) order by tenant, session_id limit $3
)
select r.tenant, r.session_id, r.agent, array(
  select e.payload from session_event e
  where e.tenant = r.tenant and e.session_id = r.session_id and e.type in ('started', 'toolsOffered')
  order by e.seq
) as payloads from running r order by r.tenant, r.session_id`,
};

interface RunningRow {
  readonly tenant: string;
  readonly session_id: string;
  readonly agent: string;
  readonly payloads: readonly Uint8Array[];
}

const pageRows = 200;

export class PostgresSessionSample implements SessionSample {
  constructor(private readonly database: Database) {}

  async newest(tenants: readonly string[], limit: number): Promise<StartingSession[]> {
    const rows = await this.database.read<{ tenant: string; session_id: string }>(newestStatement, [
      textArray(tenants),
      limit,
    ]);
    return rows.map(({ tenant, session_id: sessionId }) => ({ tenant, sessionId }));
  }

  async holders(tool: string, version: string): Promise<{ holders: VersionHolder[]; truncated: boolean }> {
    const counts = new Map<string, { tenant: string; agent: string; sessions: number }>();
    let last = { tenant: '', session_id: '' };
    for (let looked = 0; looked < limits.holdersLookedAtMax; looked += pageRows) {
      // oxlint-disable-next-line no-await-in-loop -- a page begins where the one before ends
      const rows = await this.database.read<RunningRow>(runningStatement, [last.tenant, last.session_id, pageRows]);
      for (const { tenant, agent, payloads } of rows) {
        if (!payloads.some((payload) => gives(payload, tool, version))) continue;
        const key = `${tenant}\n${agent}`;
        counts.set(key, { tenant, agent, sessions: (counts.get(key)?.sessions ?? 0) + 1 });
      }
      if (rows.length < pageRows) return { holders: mostFirst(counts.values()), truncated: false };
      last = rows.at(-1)!;
    }
    return { holders: mostFirst(counts.values()), truncated: true };
  }
}

function gives(payload: Uint8Array, tool: string, version: string): boolean {
  const event = decodeSessionEvent(payload);
  if (event.type !== 'started' && event.type !== 'toolsOffered') return false;
  const at = event.tools.indexOf(tool);
  return at >= 0 && event.toolVersions?.[at] === version;
}

const mostFirst = (counts: Iterable<VersionHolder>): VersionHolder[] =>
  [...counts].toSorted(
    (a, b) => b.sessions - a.sessions || (`${a.tenant} ${a.agent}` < `${b.tenant} ${b.agent}` ? -1 : 1),
  );
