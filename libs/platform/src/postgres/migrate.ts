/**
 * Brings a database to the schema of this program: numbered files, forward only, each in its own transaction and recorded
 * with the digest of its text. An advisory lock lets one process work while the others wait, so every process may call
 * this when it starts. A database that is ahead is left alone: during a rollout the older program still runs.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { broken } from '@toolfleet/kernel';
import { databaseFaultOf } from './database-fault.js';

export interface MigrateOptions {
  /** Change nothing, only say what would be applied. */
  readonly plan?: boolean;
  /** How long to wait for a database that does not answer yet, and for another process that migrates. */
  readonly waitMs?: number;
}

export interface MigrateReport {
  /** Names applied by this call; with `plan`, those that would be. */
  readonly applied: readonly string[];
  /** Names the database has and this program does not know: it belongs to a newer version. */
  readonly ahead: readonly string[];
}

interface Migration {
  readonly name: string;
  readonly text: string;
  readonly digest: string;
}

/** Beside `src` and `dist` alike, so the same path holds for both. */
const migrationsFolder = new URL('../../migrations/', import.meta.url);
/** Any constant does, as long as all versions of the program share it. */
const lockKey = 7_405_661_203;
const connectPauseMs = 200;

export async function migrate(databaseUrl: string, options: MigrateOptions = {}): Promise<MigrateReport> {
  const waitMs = options.waitMs ?? 30_000;
  const migrations = await readMigrations();
  const client = await connect(databaseUrl, Date.now() + waitMs);
  try {
    if (options.plan === true) {
      return planOf(migrations, await appliedIn(client));
    }
    await client.query(`set lock_timeout = ${Math.round(waitMs)}`);
    await client.query('select pg_advisory_lock($1)', [lockKey]);
    await client.query(
      'create table if not exists schema_migration (name text primary key, digest text not null, ' +
        'applied_at timestamptz not null default now())',
    );
    const report = planOf(migrations, await appliedIn(client));
    for (const migration of migrations.filter(({ name }) => report.applied.includes(name))) {
      // oxlint-disable-next-line no-await-in-loop -- one after another is the point
      await apply(client, migration);
    }
    return report;
  } catch (error) {
    throw databaseFaultOf(error);
  } finally {
    // Ends the session, and with it the advisory lock. A server that is gone has nothing left to end.
    await client.end().catch(() => undefined);
  }
}

async function readMigrations(): Promise<Migration[]> {
  const names = (await readdir(migrationsFolder)).filter((name) => name.endsWith('.sql')).toSorted();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(new URL(name, migrationsFolder), 'utf8');
      return { name, text, digest: createHash('sha256').update(text).digest('hex') };
    }),
  );
}

/** A database that is starting refuses connections for a moment; a wrong password does not get better. */
async function connect(databaseUrl: string, giveUpAtMs: number): Promise<Client> {
  for (;;) {
    const client = new Client({
      connectionString: databaseUrl,
      application_name: 'toolfleet-migrate',
      connectionTimeoutMillis: 3_000,
      keepAlive: true,
    });
    // A connection that breaks later fails the query in flight; this keeps it from ending the process as well.
    client.on('error', () => undefined);
    try {
      // oxlint-disable-next-line no-await-in-loop
      await client.connect();
      return client;
    } catch (error) {
      const fault = databaseFaultOf(error);
      if (fault.kind !== 'unreachable' || Date.now() + connectPauseMs >= giveUpAtMs) {
        throw fault;
      }
      // oxlint-disable-next-line no-await-in-loop
      await sleep(connectPauseMs);
    }
  }
}

async function appliedIn(client: Client): Promise<Map<string, string>> {
  const known = await client.query<{ known: boolean }>(`select to_regclass('schema_migration') is not null as known`);
  if (known.rows[0]?.known !== true) {
    return new Map();
  }
  const { rows } = await client.query<{ name: string; digest: string }>('select name, digest from schema_migration');
  return new Map(rows.map(({ name, digest }) => [name, digest]));
}

function planOf(migrations: readonly Migration[], applied: ReadonlyMap<string, string>): MigrateReport {
  const changed = migrations.find(({ name, digest }) => applied.has(name) && applied.get(name) !== digest);
  if (changed !== undefined) {
    throw broken('MIGRATION_CHANGED', 'A migration was edited after it had been applied; add a new one instead.', {
      details: { name: changed.name },
    });
  }
  const known = new Set(migrations.map(({ name }) => name));
  return {
    applied: [...known].filter((name) => !applied.has(name)),
    ahead: [...applied.keys()].filter((name) => !known.has(name)).toSorted(),
  };
}

async function apply(client: Client, migration: Migration): Promise<void> {
  try {
    await client.query('begin');
    await client.query(migration.text);
    await client.query('insert into schema_migration (name, digest) values ($1, $2)', [
      migration.name,
      migration.digest,
    ]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}
