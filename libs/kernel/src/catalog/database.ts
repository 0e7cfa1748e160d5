/** Databases of others that tools ask by statements of their manifests. */
import type { DestinationSpec } from './destination.js';

export interface DatabaseSpec extends DestinationSpec {
  /** Name of the executor's variable that holds the connection string; the string itself never enters the catalogue. */
  readonly connectionEnv?: string | undefined;
  /** In place of a variable: a file below the executor's directory of credentials. */
  readonly connectionFile?: string | undefined;
  /** What each transaction becomes with SET LOCAL ROLE. Absent: it stays who it connected as. */
  readonly role?: string | undefined;
  /** False: no tool that writes may name it. */
  readonly writes: boolean;
  /** Connections of one executor. */
  readonly poolMax: number;
  /** Of one statement, on the server; the call's own time bounds it, too. */
  readonly statementTimeoutMs: number;
}

/** Of Postgres. What a statement takes besides, it can cast one of these to. */
export const sqlTypes = [
  'text',
  'integer',
  'bigint',
  'numeric',
  'boolean',
  'date',
  'timestamptz',
  'uuid',
  'json',
  'text[]',
  'integer[]',
] as const;

export type SqlType = (typeof sqlTypes)[number];

export interface SqlBinding {
  readonly database: string;
  /** One statement. `:name` stands for the value of the argument of that name, `:toolfleet_...` for what the call knows. */
  readonly statement: string;
  /** The type of each argument that the statement names. */
  readonly types: Readonly<Record<string, SqlType>>;
  /** Rows of an answer; it says when there are more. */
  readonly rowsMax: number;
}
