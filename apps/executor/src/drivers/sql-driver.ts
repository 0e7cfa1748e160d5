/**
 * Tools that are statements of their manifests. A model gives values and never SQL; who asks (tenant, user, session) is
 * filled in here. Reads run in read-only transactions that are rolled back, writes in one that is committed once. Each
 * database of the catalogue has its pool, from its first call until the catalogue drops or changes it.
 */
import type { CallPlan, Catalogue, DatabaseSpec, Fault, SqlBinding, ToolSpec } from '@toolfleet/kernel';
import { isFault, limits, missing } from '@toolfleet/kernel';
import type { CallPlaceholder, PreparedStatement } from '@toolfleet/kernel/sql';
import { preparedStatementOf, sqlParameterOf } from '@toolfleet/kernel/sql';
import type { ForeignAnswer } from '@toolfleet/platform/postgres';
import { ForeignDatabase } from '@toolfleet/platform/postgres';
import { Credentials } from '../credentials/credentials.js';
import type { Driver, ToolAnswer, ToolRun } from './driver.js';
import type { Upstreams } from './upstreams.js';
import { atUpstream, upstreamCallOf } from './upstreams.js';

export interface SqlDriverOptions {
  readonly upstreams: Upstreams;
  readonly catalogue: Catalogue;
  /** Absent: variables only. */
  readonly credentials?: Credentials | undefined;
}

interface OpenDatabase {
  /** Of all that a pool is made from. */
  readonly key: string;
  readonly database: ForeignDatabase;
}

export class SqlDriver implements Driver {
  readonly #open = new Map<string, OpenDatabase>();
  /** A manifest that changes is another object. */
  readonly #prepared = new WeakMap<SqlBinding, PreparedStatement>();
  readonly #credentials: Credentials;

  constructor(private readonly options: SqlDriverOptions) {
    this.#credentials = options.credentials ?? new Credentials();
  }

  async plan(run: ToolRun): Promise<CallPlan> {
    const { spec, sql } = this.#boundTo(run.tool);
    const { text } = this.#statementOf(sql, run);
    await this.#credentials.secretOf({ file: spec.connectionFile, env: spec.connectionEnv });
    return { destination: spec.name, method: 'EXECUTE', path: text };
  }

  async run(run: ToolRun): Promise<ToolAnswer> {
    const { tool, call } = run;
    const { spec, sql } = this.#boundTo(tool);
    const statement = this.#statementOf(sql, run);
    const { effect } = tool;
    const { role, statementTimeoutMs } = spec;
    const { deadlineAtMs } = call;
    const url = this.#credentials.secretOf({ file: spec.connectionFile, env: spec.connectionEnv });
    const database = this.#databaseOf(spec, url instanceof Promise ? await url : url, run);
    const bounds = { rowsMax: sql.rowsMax, bytesMax: rowsBytesMax, statementTimeoutMs, deadlineAtMs };
    const marks = effect === 'write' ? marksOf(run) : undefined;
    const work = (signal: AbortSignal) => database.run({ statement, effect, role, marks, ...bounds, signal });
    const upstream = this.options.upstreams.of(spec);
    const options = upstreamCallOf(run);
    const again = (error: unknown) => {
      const worthwhile = isContended(error) && !run.signal.aborted && Date.now() < deadlineAtMs;
      if (!worthwhile || !upstream.takeRetry()) throw error;
      return upstream.run(work, { ...options, isRetry: true });
    };
    return toolAnswerOf(await atUpstream(() => upstream.run(work, options).catch(again)), tool);
  }

  takeRetry(tool: ToolSpec): boolean {
    return this.options.upstreams.takeRetry(this.#specOf(tool));
  }

  /** What the catalogue no longer has is closed once its calls have ended. */
  keepOnly(names: ReadonlySet<string>): void {
    for (const [name, { database }] of this.#open) {
      if (names.has(name)) continue;
      this.#open.delete(name);
      void database.close();
    }
  }

  async close(): Promise<void> {
    const all = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(all.map(({ database }) => database.close()));
  }

  #boundTo(tool: ToolSpec): { readonly spec: DatabaseSpec; readonly sql: SqlBinding } {
    const spec = this.#specOf(tool);
    if (!tool.sql || !spec) throw missing('UPSTREAM_UNKNOWN', `The tool ${tool.name} has no database.`);
    return { spec, sql: tool.sql };
  }

  #specOf({ sql }: ToolSpec): DatabaseSpec | undefined {
    return sql && this.options.catalogue.get('Database', sql.database);
  }

  #statementOf(sql: SqlBinding, run: ToolRun) {
    const { args } = run;
    let prepared = this.#prepared.get(sql);
    if (!prepared) this.#prepared.set(sql, (prepared = preparedStatementOf(sql)));
    const values = prepared.names.map((name) => {
      const type = Object.hasOwn(sql.types, name) ? sql.types[name] : undefined;
      if (type === undefined) return sqlParameterOf(name, 'text', ofCall[name as CallPlaceholder](run));
      return sqlParameterOf(name, type, Object.hasOwn(args, name) ? args[name] : undefined);
    });
    return { text: prepared.text, values };
  }

  /** Another connection string is another pool: calls of the one before end on it. */
  #databaseOf({ name, poolMax }: DatabaseSpec, url: string, { secrets }: ToolRun): ForeignDatabase {
    for (const secret of [url, passwordOf(url)]) secrets?.add(secret);
    const key = JSON.stringify([url, poolMax]);
    const known = this.#open.get(name);
    if (known?.key === key) return known.database;
    void known?.database.close();
    const database = new ForeignDatabase({ url, applicationName: 'toolfleet-executor', connectionsMax: poolMax });
    this.#open.set(name, { key, database });
    return database;
  }
}

const ofCall: Readonly<Record<CallPlaceholder, (run: ToolRun) => string>> = {
  toolfleet_tenant: ({ call }) => call.tenant,
  toolfleet_user: ({ call }) => call.user,
  toolfleet_session: ({ call }) => call.sessionId,
  toolfleet_idempotency_key: ({ call }) => call.idempotencyKey,
  toolfleet_epoch: ({ epoch }) => String(epoch ?? 0),
};

/** Settings of a write's transaction: its triggers and their log read them by `current_setting('toolfleet.…', true)`. */
const marksOf = ({ call, epoch }: ToolRun): Readonly<Record<string, string>> => ({
  'toolfleet.tenant': call.tenant,
  'toolfleet.call': call.callId,
  'toolfleet.idempotency_key': call.idempotencyKey,
  'toolfleet.epoch': String(epoch ?? 0),
});

/** What stands around the rows. */
const frameBytes = 100;
const rowsBytesMax = limits.toolAnswerBytesMax - frameBytes;

/** A write that names the version it expects and finds no row was meant for one that has changed. */
function toolAnswerOf({ rows, rowCount, truncated }: ForeignAnswer, { effect, versionCheck }: ToolSpec): ToolAnswer {
  const text = `{"rows":[${rows.join(',')}],"rowCount":${rowCount},"truncated":${truncated}}`;
  const answer = { body: Buffer.from(text), contentType: 'application/json' };
  const isStale = effect === 'write' && versionCheck !== undefined && rowCount === 0;
  return isStale ? { ok: false, ...answer, reason: 'TOOL_REFUSED', stale: {} } : { ok: true, ...answer };
}

function passwordOf(url: string): string {
  const { password = '' } = URL.parse(url) ?? {};
  return new URLSearchParams(`=${password.replaceAll('+', '%2B')}`).get('') ?? '';
}

const isContended = (error: unknown): error is Fault => isFault(error) && error.reason === 'SQL_CONTENDED';
