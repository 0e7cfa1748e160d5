/**
 * The data keys of people, wrapped. A person has one that is alive in each tenant; destroying it leaves a row that says when,
 * and neither the key nor whose it was.
 */
import type { Database, Row } from './pool.js';
import { checkId, checkLimit, piecesOf, textArray } from './stored-text.js';

export interface SubjectAt {
  readonly tenant: string;
  readonly pseudonym: string;
}

export interface WrappedSubjectKey extends SubjectAt {
  readonly keyId: string;
  readonly wrapped: Buffer;
}

const columns = 'k.tenant, k.pseudonym, k.key_id, k.wrapped';

const findStatement = {
  name: 'subject_key_find',
  text: `select ${columns} from unnest($1::text[], $2::text[]) as a(tenant, pseudonym) cross join lateral (
    select * from subject_key k where k.tenant = a.tenant and k.pseudonym = a.pseudonym limit 1) k`,
};

const addStatement = {
  name: 'subject_key_add',
  text: `insert into subject_key (tenant, key_id, pseudonym, wrapped, created_at_ms)
  select a.tenant, a.key_id, a.pseudonym, substring($4::bytea from a.start for a.size), $5
  from unnest($1::text[], $2::text[], $3::text[], $6::int[], $7::int[]) as a(tenant, key_id, pseudonym, start, size)
  order by a.tenant, a.pseudonym on conflict do nothing`,
};

const byIdStatement = {
  name: 'subject_key_by_id',
  text: `select ${columns} from unnest($2::text[]) as a(key_id) cross join lateral (
    select * from subject_key k where k.tenant = $1 and k.key_id = a.key_id limit 1) k where k.wrapped is not null`,
};

/** Also those that were made beside it, by a process that knew another secret of the fleet. */
const destroyStatement = {
  name: 'subject_key_destroy',
  text: `update subject_key set pseudonym = null, wrapped = null, destroyed_at_ms = $3
  where tenant = $1 and (pseudonym = $2 or (pseudonym > $2::text || '.' and pseudonym < $2::text || '/')) returning key_id`,
};

const pageStatement = {
  name: 'subject_key_page',
  text: `select ${columns} from subject_key k where (k.tenant, k.key_id) > ($1, $2) and k.wrapped is not null
  order by k.tenant, k.key_id limit $3`,
};

/** A key that was destroyed meanwhile stays so. A person who has one under that pseudonym already has this one beside it. */
const rewrapStatement = {
  name: 'subject_key_rewrap',
  text: `update subject_key k set wrapped = $4, pseudonym = case when exists (
    select from subject_key o where o.tenant = $1 and o.pseudonym = $5::text and o.key_id <> $2)
    then $5::text || '.' || k.key_id else $5::text end
  where k.tenant = $1 and k.key_id = $2 and k.wrapped = $3 returning key_id`,
};

export class SubjectKeyStore {
  constructor(private readonly database: Database) {}

  async find(subjects: readonly SubjectAt[]): Promise<WrappedSubjectKey[]> {
    if (subjects.length === 0) return [];
    for (const { tenant } of subjects) checkId('tenant', tenant);
    const values = [textArray(subjects.map(({ tenant }) => tenant)), textArray(subjects.map((one) => one.pseudonym))];
    return (await this.database.read(findStatement, values)).map(keyOf);
  }

  /** Of two that add a person's first key at once the first counts: look again. */
  async add(keys: readonly WrappedSubjectKey[], nowMs: number): Promise<void> {
    const wrapped = keys.map((key) => key.wrapped);
    const { starts, sizes } = piecesOf(wrapped);
    await this.database.query(addStatement, [
      textArray(keys.map(({ tenant }) => tenant)),
      textArray(keys.map(({ keyId }) => keyId)),
      textArray(keys.map(({ pseudonym }) => pseudonym)),
      Buffer.concat(wrapped),
      nowMs,
      starts,
      sizes,
    ]);
  }

  /** Those that live. */
  async byId(tenant: string, keyIds: readonly string[]): Promise<WrappedSubjectKey[]> {
    checkId('tenant', tenant);
    return (await this.database.read(byIdStatement, [tenant, textArray(keyIds)])).map(keyOf);
  }

  /** Those that live behind a place, in the order of tenants and ids; an empty place is before all of them. */
  async page(after: { readonly tenant: string; readonly keyId: string }, limit: number): Promise<WrappedSubjectKey[]> {
    checkLimit(limit);
    return (await this.database.read(pageStatement, [after.tenant, after.keyId, limit])).map(keyOf);
  }

  /** Whether it is as `now` says. */
  async rewrap(before: WrappedSubjectKey, now: WrappedSubjectKey): Promise<boolean> {
    const values = [before.tenant, before.keyId, before.wrapped, now.wrapped, now.pseudonym];
    return (await this.database.query(rewrapStatement, values)).length > 0;
  }

  /** How many there were: hardly ever more than one. */
  async destroy({ tenant, pseudonym }: SubjectAt, nowMs: number): Promise<number> {
    checkId('tenant', tenant);
    return (await this.database.query(destroyStatement, [tenant, pseudonym, nowMs])).length;
  }
}

const keyOf = (row: Row): WrappedSubjectKey => ({
  tenant: row['tenant'] as string,
  pseudonym: row['pseudonym'] as string,
  keyId: row['key_id'] as string,
  wrapped: row['wrapped'] as Buffer,
});
