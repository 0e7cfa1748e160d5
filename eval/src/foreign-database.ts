/** Somebody else's database, made from a dump, with a role that may read and nothing more. */
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPostgres } from '@toolfleet/local';
import { invalid } from '@toolfleet/kernel';
import { Client } from 'pg';

export interface ForeignTable {
  readonly name: string;
  readonly rows: number;
  /** Columns of the primary key and their Postgres types; none without one. */
  readonly key: readonly { readonly column: string; readonly type: string }[];
}

export interface ForeignDatabase {
  /** As the owner of everything in it. */
  readonly ownerUrl: string;
  /** As a role that may only SELECT. */
  readonly readerUrl: string;
  readonly tables: readonly ForeignTable[];
  /** As text, the way that Postgres writes it; null stays null. */
  query(text: string): Promise<readonly (readonly (string | null)[])[]>;
  close(): Promise<void>;
}

const stateDirectory = fileURLToPath(new URL('../../.toolfleet', import.meta.url));
const tablesMax = 200;
const loadTimeoutMs = 120_000;
const reader = 'eval_reader';
/** Commands of the shell psql, and those that would make the database that is there already. */
const notForServer = /^[ \t]*(?:\\.*|(?:CREATE|DROP)[ \t]+DATABASE\b[^;\n]*;[ \t]*)$/gim;

/** Throws `invalid` DUMP_UNREADABLE where the server does not take the dump. */
export async function openForeignDatabase(dump: string, signal: AbortSignal): Promise<ForeignDatabase> {
  await mkdir(stateDirectory, { recursive: true });
  const directory = await mkdtemp(join(stateDirectory, 'eval-sql-'));
  const server = await startPostgres({ directory, signal }).catch(async (error: unknown) => {
    await rm(directory, { recursive: true, force: true });
    throw error;
  });
  const close = async (): Promise<void> => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  };
  const owner = new Client({ connectionString: server.url, statement_timeout: loadTimeoutMs });
  try {
    await owner.connect();
    await owner.query(dump.replaceAll(notForServer, '')).catch((cause: unknown) => {
      throw invalid('DUMP_UNREADABLE', 'The server does not take the dump.', { cause });
    });
    const readerUrl = await makeReader(owner, server.url);
    const tables = await tablesOf(owner);
    const query = async (text: string) => {
      const types = { getTypeParser: () => (value: string) => value };
      const { rows } = await owner.query<(string | null)[]>({ text, rowMode: 'array', types });
      return rows;
    };
    const closeAll = async (): Promise<void> => {
      await owner.end();
      await close();
    };
    return { ownerUrl: server.url, readerUrl, tables, query, close: closeAll };
  } catch (error) {
    await owner.end().catch(() => undefined);
    await close();
    throw error;
  }
}

async function makeReader(owner: Client, ownerUrl: string): Promise<string> {
  const password = randomBytes(16).toString('hex');
  await owner.query(`CREATE ROLE ${reader} LOGIN PASSWORD '${password}' NOSUPERUSER NOCREATEDB NOCREATEROLE;
    GRANT USAGE ON SCHEMA public TO ${reader};
    GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${reader}`);
  const url = new URL(ownerUrl);
  url.username = reader;
  url.password = password;
  return url.href;
}

async function tablesOf(owner: Client): Promise<ForeignTable[]> {
  const { rows } = await owner.query<{ name: string; column: string | null; type: string | null }>(`
    SELECT c.relname AS name, a.attname AS column, format_type(a.atttypid, NULL) AS type
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey)
    WHERE c.relkind = 'r' AND n.nspname = 'public' ORDER BY 1, a.attnum`);
  const tables: ForeignTable[] = [];
  for (const [name, columns] of [...Map.groupBy(rows, (row) => row.name)].slice(0, tablesMax)) {
    const key = columns.flatMap(({ column, type }) => (column && type ? [{ column, type }] : []));
    // oxlint-disable-next-line no-await-in-loop -- one connection
    const counted = await owner.query<{ count: string }>(`SELECT count(*) FROM ${owner.escapeIdentifier(name)}`);
    tables.push({ name, rows: Number(counted.rows[0]!.count), key });
  }
  return tables;
}
