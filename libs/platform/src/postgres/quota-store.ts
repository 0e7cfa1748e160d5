/**
 * The book of quotas in Postgres. What is asked while a statement is under way goes into the next one, so a round trip and a
 * commit serve as many calls as there are. Rows are locked in the order of their ids, so that two replicas never wait for
 * each other.
 */
import type { QuotaAsk, QuotaGrant } from '@toolfleet/kernel';
import { conflict, slicesKept } from '@toolfleet/kernel';
import { Batcher, type BatcherOptions } from '../batcher.js';
import { Pace } from '../pace.js';
import type { Database, Row, Statement } from './pool.js';
import type { QuotaLook, QuotaStore } from './ports/quota-store.js';
import { checkId, checkInteger, checkLimit, numberArray, textArray } from './stored-text.js';

/** The clock is read after the locks, where there are any. */
const nowColumn = '(extract(epoch from clock_timestamp()) * 1000)::bigint as now_ms';

/**
 * From the rows in `asked`. `spent`: the row as of now, slices that have passed shifted out, what came back and what is owed
 * booked. A row of a clock that was ahead keeps its slice, unless it is off by more than a window. Materialized, because an
 * inlined sum over slices is computed again wherever it is named.
 */
const weighing = `dated as (
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
)`;

/** When what is needed is there, and when all that is in `after` has passed. */
const timesOf = (after: string) => `
  coalesce((select (at + min(i)) * slice_ms - now_ms
    from (select i, sum(x) over (order by i) as freed from unnest(spent) with ordinality as u (x, i)) f
    where need > free and freed >= need - free), 0)::bigint as retry_after_ms,
  coalesce((select (at + max(i)) * slice_ms - now_ms
    from unnest(${after}) with ordinality as u (x, i) where x > 0), 0)::bigint as resets_in_ms`;

/** Of several groups; one of which a quota is not in the book yet is passed over. */
export const leaseStatement: Statement = {
  name: 'quota_lease',
  text: `
with held as materialized (
  select id, slice, granted from quota_window where id = any($1::text[]) order by id for update
), asked as (
  select a.*, h.slice, h.granted, ${nowColumn}
  from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
    $9::integer[], $10::integer[])
    as a (id, quota_limit, slice_ms, need, want, charge, back_slice, back, group_at, group_size)
  join held h using (id)
), ${weighing}, judged as (
  select *, case when bool_and(free >= need) over (partition by group_at) then greatest(0, least(want, free)) else 0 end
      as amount, count(*) over (partition by group_at) = group_size as known
  from weighed
), written as (
  update quota_window q set slice = j.at, granted = j.spent[1:${slicesKept - 1}] || (j.spent[${slicesKept}] + j.amount),
    expires_at_ms = (j.at + ${slicesKept}) * j.slice_ms
  from judged j where q.id = j.id and j.known
  returning q.id, q.granted as after
)
select id, amount as granted, at as slice, greatest(0, free - amount) as remaining, ${timesOf('after')}
from judged join written using (id)`,
};

export const lookStatement: Statement = {
  name: 'quota_look',
  text: `
with asked as (
  select a.*, 0::bigint as charge, null::bigint as back_slice, 0::bigint as back, coalesce(q.slice, 0) as slice,
    coalesce(q.granted, array_fill(0::bigint, array[${slicesKept}])) as granted, ${nowColumn}
  from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[]) with ordinality
    as a (id, quota_limit, slice_ms, need, position)
  left join quota_window q using (id)
), ${weighing}
select id, 0::bigint as granted, at as slice, greatest(0, free) as remaining, ${timesOf('spent')}
from weighed order by position`,
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

/** At four quotas a call the calls of 200 sessions. */
const quotasOfStatementMax = 800;
/** Quotas that wait for a statement; beyond it callers are told to come back. */
const quotasWaitingMax = 10_000;

/** With its place in the batch. */
type Group = readonly [at: number, asks: readonly QuotaAsk[]];
type Settled = PromiseSettledResult<QuotaGrant[]>;

export class PostgresQuotaStore implements QuotaStore {
  readonly #database: Database;
  readonly #steps: Batcher<readonly QuotaAsk[], QuotaGrant[]>;
  readonly #looks: Batcher<readonly QuotaLook[], QuotaGrant[]>;

  constructor(database: Database) {
    this.#database = database;
    this.#steps = batchesOf((groups) => this.#leaseAll(groups));
    this.#looks = batchesOf((groups) => this.#lookAll(groups));
  }

  async lease(asks: readonly QuotaAsk[]): Promise<QuotaGrant[]> {
    for (const { want, charge, back, ...look } of asks) {
      checkLook(look);
      checkNumbers({ want, charge, slice: back?.slice ?? 0, amount: back?.amount ?? 0 });
    }
    return this.#steps.add(asks);
  }

  async look(asked: readonly QuotaLook[]): Promise<QuotaGrant[]> {
    for (const look of asked) checkLook(look);
    return this.#looks.add(asked);
  }

  async #lookAll(groups: readonly (readonly QuotaLook[])[]): Promise<QuotaGrant[][]> {
    const asked = groups.flat();
    const rows = await this.#database.query(lookStatement, lookColumns(asked));
    const grants = rows.map(grantOf);
    let at = 0;
    return groups.map(({ length }) => grants.slice(at, (at += length)));
  }

  /** A quota is written once by a statement: groups that share one follow each other. */
  async #leaseAll(groups: readonly (readonly QuotaAsk[])[]): Promise<Settled[]> {
    const results: Settled[] = [];
    for (let rest: readonly Group[] = [...groups.entries()]; rest.length > 0;) {
      const { apart, others } = sharingNothing(rest);
      // oxlint-disable-next-line no-await-in-loop
      const settled = await this.#leaseApart(apart.map(([, asks]) => asks)).catch((reason: unknown) => {
        return apart.map((): Settled => ({ status: 'rejected', reason }));
      });
      for (const [index, [at]] of apart.entries()) results[at] = settled[index]!;
      rest = others;
    }
    return results;
  }

  async #leaseApart(groups: readonly (readonly QuotaAsk[])[]): Promise<Settled[]> {
    const grants = new Map<string, QuotaGrant>();
    const unknown = () => groups.filter((asks) => asks.some(({ id }) => !grants.has(id)));
    const book = async (asked: readonly (readonly QuotaAsk[])[]) => {
      for (const row of await this.#database.query(leaseStatement, leaseColumns(asked))) {
        const grant = grantOf(row);
        grants.set(grant.id, grant);
      }
    };
    await book(groups);
    const unmet = unknown();
    if (unmet.length > 0) {
      await this.#database.query(openStatement, [textArray(unmet.flat().map(({ id }) => id))]);
      await book(unmet);
    }
    return groups.map((asks): Settled => {
      const gone = asks.find(({ id }) => !grants.has(id));
      return gone
        ? { status: 'rejected', reason: quotaGone(gone) }
        : { status: 'fulfilled', value: asks.map(({ id }) => grants.get(id)!) };
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

function batchesOf<T>(flush: BatcherOptions<readonly T[], QuotaGrant[]>['flush']) {
  const pace = new Pace();
  return new Batcher<readonly T[], QuotaGrant[]>({
    turn: () => pace.turn(),
    ...{ itemsMax: quotasOfStatementMax, weightMax: quotasOfStatementMax, waitingMax: quotasWaitingMax },
    weightOf: ({ length }) => length,
    flush,
  });
}

function sharingNothing(groups: readonly Group[]): { readonly apart: Group[]; readonly others: Group[] } {
  const ids = new Set<string>();
  const apart: Group[] = [];
  const others: Group[] = [];
  for (const group of groups) {
    const [, asks] = group;
    const shares = asks.some(({ id }) => ids.has(id));
    // Also of one that has to wait: two that share a quota keep their order.
    for (const { id } of asks) ids.add(id);
    (shares ? others : apart).push(group);
  }
  return { apart, others };
}

const lookColumns = (asked: readonly QuotaLook[]): string[] => [
  textArray(asked.map(({ id }) => id)),
  numberArray(asked.map(({ limit }) => limit)),
  numberArray(asked.map(({ sliceMs }) => sliceMs)),
  numberArray(asked.map(({ need }) => need)),
];

function leaseColumns(groups: readonly (readonly QuotaAsk[])[]): string[] {
  const asks = groups.flat();
  return [
    ...lookColumns(asks),
    numberArray(asks.map(({ want }) => want)),
    numberArray(asks.map(({ charge }) => charge)),
    numberArray(asks.map(({ back }) => back?.slice ?? null)),
    numberArray(asks.map(({ back }) => back?.amount ?? 0)),
    numberArray(groups.flatMap((group, at) => group.map(() => at))),
    numberArray(groups.flatMap((group) => group.map(() => group.length))),
  ];
}

function checkLook({ id, ...numbers }: QuotaLook): void {
  checkId('id', id);
  checkNumbers(numbers);
}

function checkNumbers(numbers: Readonly<Record<string, number>>): void {
  for (const [field, value] of Object.entries(numbers)) checkInteger(field, value, 53);
}

const quotaGone = ({ id }: QuotaAsk) =>
  conflict('QUOTA_GONE', 'A quota was removed from the book meanwhile.', { details: { id } });

const grantOf = (row: Row): QuotaGrant => ({
  id: row['id'] as string,
  granted: row['granted'] as number,
  slice: row['slice'] as number,
  remaining: row['remaining'] as number,
  retryAfterMs: row['retry_after_ms'] as number,
  resetsInMs: row['resets_in_ms'] as number,
});
