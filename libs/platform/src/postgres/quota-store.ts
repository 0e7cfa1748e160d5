/**
 * The book of quotas in Postgres: one statement, so one round trip and one commit, for all quotas of a call. Rows are
 * locked in the order of their ids, so that two replicas never wait for each other.
 */
import type { QuotaAsk, QuotaGrant } from '@toolfleet/kernel';
import { conflict, slicesKept } from '@toolfleet/kernel';
import type { Database, Row, Statement } from './pool.js';
import type { QuotaStore } from './ports/quota-store.js';
import { checkId, checkInteger, checkLimit, numberArray, textArray } from './stored-text.js';

/**
 * `spent`: the row as of now, slices that have passed shifted out, what came back and what is owed booked. The clock is
 * read under the locks; a row of a clock that was ahead keeps its slice, unless it is off by more than a window.
 * Materialized, because an inlined sum over slices is computed again wherever it is named.
 */
export const leaseStatement: Statement = {
  name: 'quota_lease',
  text: `
with held as materialized (
  select id, slice, granted from quota_window where id = any($1::text[]) order by id for update
), asked as (
  select a.*, h.slice, h.granted, (extract(epoch from clock_timestamp()) * 1000)::bigint as now_ms
  from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[])
    as a (id, quota_limit, slice_ms, need, want, charge, back_slice, back)
  join held h using (id)
), dated as (
  select *, case when slice > now_ms / slice_ms + ${slicesKept} then now_ms / slice_ms
    else greatest(slice, now_ms / slice_ms) end as at
  from asked
), booked as materialized (
  select d.*, (
    select array_agg(
      greatest(0, x - case when i = ${slicesKept} - (at - back_slice) then back else 0 end)
        + case when i = ${slicesKept} then charge else 0 end order by i)
    from unnest(granted[steps + 1:${slicesKept}] || array_fill(0::bigint, array[steps])) with ordinality as u (x, i)
  ) as spent
  from (select *, least(${slicesKept}, greatest(0, at - slice))::integer as steps from dated) d
), weighed as materialized (
  select *, quota_limit - (select sum(x)::bigint from unnest(spent) as u (x)) as free from booked
), judged as (
  select *, case when bool_and(free >= need) over () then greatest(0, least(want, free)) else 0 end as amount
  from weighed
), written as (
  update quota_window q set slice = j.at, granted = j.spent[1:${slicesKept - 1}] || (j.spent[${slicesKept}] + j.amount),
    expires_at_ms = (j.at + ${slicesKept}) * j.slice_ms
  from judged j
  where q.id = j.id and (select count(*) from judged) = cardinality($1::text[])
  returning q.id, q.granted as after
)
select id, amount as granted, at as slice, greatest(0, free - amount) as remaining,
  coalesce((select (at + min(i)) * slice_ms - now_ms
    from (select i, sum(x) over (order by i) as freed from unnest(spent) with ordinality as u (x, i)) f
    where need > free and freed >= need - free), 0)::bigint as retry_after_ms,
  coalesce((select (at + max(i)) * slice_ms - now_ms
    from unnest(after) with ordinality as u (x, i) where x > 0), 0)::bigint as resets_in_ms
from judged join written using (id)`,
};

const openStatement: Statement = {
  name: 'quota_open',
  text: `insert into quota_window (id) select id from unnest($1::text[]) as a (id) order by id on conflict do nothing`,
};

/**
 * One page of the book from `$1` on, in the order of the key: an index on the time would be written to with every booking.
 * A row that is being booked is not waited for, and one that was booked in between is looked at again.
 */
export const forgetStatement: Statement = {
  name: 'quota_forget',
  text: `
with page as materialized (
  select id, expires_at_ms from quota_window where id > $1 order by id limit $2
), passed as materialized (
  select q.id from quota_window q
  where q.id = any(array(
      select id from page where expires_at_ms < (extract(epoch from clock_timestamp()) * 1000)::bigint))
    and q.expires_at_ms < (extract(epoch from clock_timestamp()) * 1000)::bigint
  for update skip locked
), gone as (
  delete from quota_window where id = any(array(select id from passed)) returning id
)
select (select max(id) from page) as last, (select count(*) from page)::integer as seen,
  (select count(*) from gone)::integer as forgotten`,
};

export class PostgresQuotaStore implements QuotaStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async lease(asks: readonly QuotaAsk[]): Promise<QuotaGrant[]> {
    for (const ask of asks) checkAsk(ask);
    const ids = textArray(asks.map(({ id }) => id));
    const column = (of: (ask: QuotaAsk) => number | null) => numberArray(asks.map(of));
    const values = [
      ids,
      column((ask) => ask.limit),
      column((ask) => ask.sliceMs),
      column((ask) => ask.need),
      column((ask) => ask.want),
      column((ask) => ask.charge),
      column((ask) => ask.back?.slice ?? null),
      column((ask) => ask.back?.amount ?? 0),
    ];
    let rows = await this.#database.query(leaseStatement, values);
    if (rows.length < asks.length) {
      // Nothing was booked: a quota is met for the first time.
      await this.#database.query(openStatement, [ids]);
      rows = await this.#database.query(leaseStatement, values);
    }
    const grants = new Map(rows.map((row) => [row['id'] as string, grantOf(row)]));
    return asks.map(({ id }) => {
      const grant = grants.get(id);
      if (!grant) throw conflict('QUOTA_GONE', 'A quota was removed from the book meanwhile.', { details: { id } });
      return grant;
    });
  }

  /** Deletes what has passed among the `limit` quotas after `after`; an empty text is before all of them. */
  async forgetPassed(after: string, limit: number): Promise<ForgottenPage> {
    checkLimit(limit);
    const [row] = await this.#database.query(forgetStatement, [after, limit]);
    const next = (row!['seen'] as number) < limit ? undefined : (row!['last'] as string);
    return { next, forgotten: row!['forgotten'] as number };
  }
}

interface ForgottenPage {
  /** Where the next page begins; undefined: the book ends here. */
  readonly next: string | undefined;
  readonly forgotten: number;
}

function checkAsk({ id, limit, sliceMs, need, want, charge, back }: QuotaAsk): void {
  checkId('id', id);
  const numbers = { limit, sliceMs, need, want, charge, slice: back?.slice ?? 0, amount: back?.amount ?? 0 };
  for (const [field, value] of Object.entries(numbers)) checkInteger(field, value, 53);
}

const grantOf = (row: Row): QuotaGrant => ({
  id: row['id'] as string,
  granted: row['granted'] as number,
  slice: row['slice'] as number,
  remaining: row['remaining'] as number,
  retryAfterMs: row['retry_after_ms'] as number,
  resetsInMs: row['resets_in_ms'] as number,
});
