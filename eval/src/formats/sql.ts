/**
 * A dump of a database. It is loaded into a server of its own, and read through SQL tools of the catalogue: of each table the
 * count of its rows and rows by their key, compared with what the server itself says. Statements that would change
 * something, hidden where a read may stand, must be refused: by the transaction where the role might, and by the role.
 */
import { hexDigestOf } from '@toolfleet/kernel';
import { verdictOf } from '../call-verdict.js';
import type { Folder } from '../folder.js';
import type { ForeignDatabase, ForeignTable } from '../foreign-database.js';
import { openForeignDatabase } from '../foreign-database.js';
import type {
  EndedSession,
  Figures,
  JsonObject,
  PlannedCall,
  PlannedSession,
  PlannedTool,
  SessionPlan,
} from '../plan.js';
import { type Format, type Reading } from './format.js';

/** A dump says so early: after comments and settings. */
const headChars = 200_000;
const rowsOfTable = 5;
/** Rows of a table as `COPY … FROM stdin` sends them are no statements. */
const copied = /^\s*COPY\s[^;]+\sFROM\s+stdin/im;

const dumpsOf = (folder: Folder): string[] =>
  folder.matching(/\.sql$/).filter((file) => /\bcreate\s+table\b/i.test(folder.text(file).slice(0, headChars)));

export const sql: Format = {
  name: 'sql',
  looksFor: 'a .sql file that creates tables',
  recognises: (folder) => dumpsOf(folder).length > 0,
  read,
};

function read(folder: Folder, limit: number): Reading {
  const [file, ...more] = dumpsOf(folder);
  const dump = folder.text(file!);
  if (copied.test(dump)) return { type: 'skipped', reason: `${file} has rows for COPY; dump it with --inserts` };
  const notes = more.length > 0 ? [`only ${file} was read, not ${more.join(', ')}`] : [];
  return {
    type: 'prepared',
    prepare: async (signal) => planOf(await openForeignDatabase(dump, signal), { id: folder.path, notes, limit }),
  };
}

interface Planning {
  readonly id: string;
  readonly notes: readonly string[];
  readonly limit: number;
}

async function planOf(database: ForeignDatabase, { id, notes, limit }: Planning): Promise<SessionPlan> {
  try {
    const mark = hexDigestOf(id).slice(0, 8);
    const names = { reader: `eval-${mark}-reader`, owner: `eval-${mark}-owner` };
    const env = {
      [`TOOLFLEET_CREDENTIAL_EVAL_${mark.toUpperCase()}_READER`]: database.readerUrl,
      [`TOOLFLEET_CREDENTIAL_EVAL_${mark.toUpperCase()}_OWNER`]: database.ownerUrl,
    };
    const manifests = [names.reader, names.owner].map((name, index) => ({
      kind: 'Database' as const,
      name,
      spec: { connectionEnv: Object.keys(env)[index]! },
    }));
    const tables = await Promise.all(
      database.tables.slice(0, limit).map((table) => tableSession(database, table, names.reader)),
    );
    const refused = refusedSession(database.tables[0], names);
    const parts = [...tables, refused];
    return {
      tools: parts.flatMap(({ tools }) => tools),
      sessions: parts.map(({ session }) => session),
      backing: { manifests, env, close: () => database.close() },
      notes,
      score,
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

interface Part {
  readonly tools: readonly PlannedTool[];
  readonly session: PlannedSession;
}

interface Answer {
  readonly columns: readonly string[];
  readonly row: readonly unknown[];
}

/** As a SQL tool writes its answer. */
const answered = (rows: readonly Answer[]): PlannedCall['end'] => ({
  type: 'answered',
  text: JSON.stringify({
    rows: rows.map(({ columns, row }) => Object.fromEntries(columns.map((column, at) => [column, row[at]]))),
    rowCount: rows.length,
    truncated: false,
  }),
});

async function tableSession(database: ForeignDatabase, table: ForeignTable, name: string): Promise<Part> {
  const { rows, key } = table;
  const count = toolFor(`count_${table.name}`, `Counts the rows of ${table.name}.`, {
    database: name,
    statement: `SELECT count(*) FROM ${quoted(table.name)}`,
    types: {},
  });
  const counted: PlannedCall = {
    tool: count.key,
    arguments: {},
    end: answered([{ columns: ['count'], row: [String(rows)] }]),
  };
  const byKey = keyTool(table, name);
  const calls = byKey ? await keyCalls(database, table, byKey) : [];
  const wrong: PlannedCall[] =
    byKey && key.every(({ type }) => type === 'integer')
      ? [{ tool: byKey.key, arguments: { [key[0]!.column]: 'one' }, end: { type: 'refused', text: '' } }]
      : [];
  const answers = [[counted], ...(calls.length > 0 ? [calls] : []), ...wrong.map((call) => [call])];
  const tools = [count, ...(byKey ? [byKey] : [])];
  return { tools, session: sessionOf(table.name, tools, answers) };
}

const jsonTypes: Readonly<Record<string, string>> = { integer: 'integer', text: 'string' };
const sqlTypes: Readonly<Record<string, string>> = {
  integer: 'integer',
  smallint: 'integer',
  text: 'text',
  'character varying': 'text',
};

/** Undefined for a table whose key is of other types. */
function keyTool({ name, key }: ForeignTable, database: string): PlannedTool | undefined {
  if (key.length === 0 || !key.every(({ type }) => sqlTypes[type] !== undefined)) return undefined;
  const types = Object.fromEntries(key.map(({ column, type }) => [column, sqlTypes[type]!]));
  const where = key.map(({ column }) => `${quoted(column)} = :${column}`).join(' AND ');
  const tool = toolFor(`${name}_by_key`, `Gives the row of ${name} with a key.`, {
    database,
    // As one text, so that the row can be compared with what the server itself makes of it.
    statement: `SELECT row_to_json(t)::text AS found FROM ${quoted(name)} t WHERE ${where}`,
    types,
  });
  const properties = Object.fromEntries(
    Object.entries(types).map(([column, type]) => [column, { type: jsonTypes[type]! }]),
  );
  return {
    ...tool,
    parameters: { type: 'object', properties, required: Object.keys(types), additionalProperties: false },
  };
}

async function keyCalls(
  database: ForeignDatabase,
  { name, key, rows }: ForeignTable,
  tool: PlannedTool,
): Promise<PlannedCall[]> {
  const columns = key.map(({ column }) => quoted(column)).join(', ');
  const step = Math.max(1, Math.floor(rows / rowsOfTable));
  const found = await database.query(
    `SELECT row_to_json(t)::text, ${columns} FROM (
       SELECT *, row_number() OVER (ORDER BY ${columns}) AS eval_row FROM ${quoted(name)}) numbered
     JOIN ${quoted(name)} t USING (${columns}) WHERE eval_row % ${step} = 0 ORDER BY eval_row LIMIT ${rowsOfTable}`,
  );
  return found.map(([text, ...values]) => ({
    tool: tool.key,
    arguments: Object.fromEntries(
      key.map(({ column, type }, at) => [column, sqlTypes[type] === 'integer' ? Number(values[at]) : values[at]]),
    ),
    end: answered([{ columns: ['found'], row: [text] }]),
  }));
}

/** Of the transaction, which refuses a change, and of the role, which refuses what changes no table. */
const reasons = ['SQL_READ_ONLY', 'SQL_NOT_PERMITTED'];

function refusedSession(
  table: ForeignTable | undefined,
  names: { readonly reader: string; readonly owner: string },
): Part {
  const own = quoted(table?.name ?? 'pg_class');
  const changes = [
    `WITH gone AS (DELETE FROM ${own} RETURNING 1) SELECT count(*) FROM gone`,
    `WITH more AS (INSERT INTO ${own} SELECT * FROM ${own} LIMIT 1 RETURNING 1) SELECT count(*) FROM more`,
    `SELECT * INTO TEMPORARY eval_copy FROM ${own}`,
    `SELECT lo_create(0)`,
  ];
  const escapes = [`SELECT pg_read_file('PG_VERSION')`, `SELECT pg_ls_dir('.')`, `SELECT * FROM pg_authid`];
  const of = (database: string, statements: readonly string[], label: string) =>
    statements.map((statement, index) =>
      toolFor(`${label}_${index + 1}`, 'Would change or see what it may not.', { database, statement, types: {} }),
    );
  const tools = [
    ...of(names.owner, changes, 'hidden_change_of_owner'),
    ...of(names.reader, [...changes, ...escapes], 'hidden_change_of_reader'),
  ];
  const answers = tools.map(({ key }): PlannedCall[] => [
    { tool: key, arguments: {}, end: { type: 'denied', reasons } },
  ]);
  return { tools, session: sessionOf('hidden changes', tools, answers) };
}

function toolFor(name: string, description: string, block: JsonObject): PlannedTool {
  const key = name.replaceAll(/[^A-Za-z0-9_-]/g, '_');
  const parameters = { type: 'object', properties: {}, additionalProperties: false };
  return { key, name: key, description, parameters, effect: 'read', binding: { driver: 'sql', sql: block } };
}

const sessionOf = (
  id: string,
  tools: readonly PlannedTool[],
  answers: readonly (readonly PlannedCall[])[],
): PlannedSession => ({
  id,
  tools: tools.map(({ key }) => key),
  runs: [{ input: `Look into ${id}.`, answers, say: 'That is done.' }],
});

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

function score(ended: readonly EndedSession[]): Figures {
  const calls = ended.flatMap((session) => session.calls);
  const of = (types: readonly string[]) => calls.filter(({ planned }) => types.includes(planned.end.type));
  const shareOf = (some: typeof calls) => some.filter((call) => verdictOf(call).asPlanned).length / (some.length || 1);
  return {
    tables: ended.length - 1,
    'answers as the server gives them': shareOf(of(['answered'])),
    'hidden changes refused': shareOf(of(['denied'])),
  };
}
