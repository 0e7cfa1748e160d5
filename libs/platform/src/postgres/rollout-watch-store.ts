/** Rollouts that have begun, in one row each; what is counted comes from the audit's daily figures. */
import type { CountsByVersion, GuardBreach } from '@toolfleet/kernel';
import { dayOf } from '@toolfleet/kernel';
import type { Database, Statement } from './pool.js';
import type { RolloutWatch, RolloutWatchStore, WatchedRollout } from './ports/rollout-watch-store.js';
import { textArray } from './stored-text.js';

/** One statement, so that what was counted before and what is counted now are of the same days and the same moment. */
const lookStatement: Statement = {
  name: 'rollout_look',
  text: `
with known as materialized (
  select * from rollout_watch where rollout = $1 and digest = $2
), counted as (
  select version, jsonb_build_object('calls', sum(calls), 'failures', sum(failures), 'runs', sum(runs),
    'latencyMs', sum(latency_ms)) as counts
  from tool_usage where tool = $3 and day >= coalesce((select since_day from known), $4::date) group by version
), present as materialized (
  select coalesce(jsonb_object_agg(version, counts), '{}'::jsonb) as counts from counted
), begun as (
  insert into rollout_watch (rollout, digest, tool, since_ms, since_day, counted)
  select $1, $2, $3, $5, $4::date, counts from present where not exists (select from known)
  on conflict do nothing returning *
)
select w.since_ms, w.counted, w.taken_back_at_ms, w.because, present.counts
from (select * from known union all select * from begun) w, present`,
};

const takeBackStatement: Statement = {
  name: 'rollout_take_back',
  text: `update rollout_watch set taken_back_at_ms = $3, because = $4
  where rollout = $1 and digest = $2 and taken_back_at_ms is null returning rollout`,
};

const forgetStatement: Statement = {
  name: 'rollout_forget',
  text: `delete from rollout_watch where since_ms < $2 and rollout <> all($1::text[])`,
};

interface WatchRow {
  readonly since_ms: number;
  readonly counted: CountsByVersion;
  readonly counts: CountsByVersion;
  readonly taken_back_at_ms: number | null;
  readonly because: GuardBreach | null;
}

export class PostgresRolloutWatchStore implements RolloutWatchStore {
  constructor(private readonly database: Database) {}

  async look({ name, digest, tool }: WatchedRollout, nowMs: number): Promise<RolloutWatch | undefined> {
    const values = [name, digest, tool, dayOf(nowMs), nowMs];
    const [row] = await this.database.read<WatchRow>(lookStatement, values);
    if (!row) return undefined;
    const { taken_back_at_ms: atMs, because } = row;
    const takenBack = atMs === null || because === null ? undefined : { atMs: Number(atMs), because };
    return { sinceMs: Number(row.since_ms), before: row.counted, now: row.counts, takenBack };
  }

  async takeBack({ name, digest }: WatchedRollout, because: GuardBreach, nowMs: number): Promise<boolean> {
    const rows = await this.database.read(takeBackStatement, [name, digest, nowMs, because]);
    return rows.length > 0;
  }

  async forget(present: readonly string[], beforeMs: number): Promise<void> {
    await this.database.read(forgetStatement, [textArray(present), beforeMs]);
  }
}
