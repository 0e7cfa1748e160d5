/** What a schema cannot see of tools that are statements: that each can be prepared, and fits its database and arguments. */
import type { DatabaseSpec, SqlBinding, ToolSpec } from '@toolfleet/kernel';
import { faultOf } from '@toolfleet/kernel';
import type { PreparedStatement } from '@toolfleet/kernel/sql';
import { callPlaceholders, jsonTypesOf, preparedStatementOf } from '@toolfleet/kernel/sql';
import type { Report } from './read-manifests.js';

/** A read-only transaction refuses what hides behind them; others could end it, or need no transaction. */
const keywords = {
  read: ['SELECT', 'WITH', 'VALUES', 'TABLE', 'SHOW'],
  write: ['INSERT', 'UPDATE', 'DELETE', 'MERGE', 'WITH', 'SELECT', 'CALL'],
} as const;

const placeholderName = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;

export function checkSql(spec: ToolSpec, sql: SqlBinding, databases: readonly DatabaseSpec[], report: Report): void {
  const database = databases.find(({ name }) => name === sql.database);
  if (!database) report(['spec', 'sql', 'database'], `there is no Database ${JSON.stringify(sql.database)}`);
  else if (spec.effect === 'write' && !database.writes) {
    report(['spec', 'sql', 'database'], `Database/${sql.database} takes no writes: it says so by writes: true`);
  }
  const properties = (spec.parameters['properties'] ?? {}) as Record<string, { readonly type?: unknown } | undefined>;
  for (const [name, type] of Object.entries(sql.types)) {
    const at = ['spec', 'sql', 'types', name];
    if ((callPlaceholders as readonly string[]).includes(name)) report(at, 'is filled in by the fleet');
    else if (!placeholderName.test(name)) report(at, 'cannot be a placeholder: it has other signs than A-Z, 0-9 and _');
    else if (!Object.hasOwn(properties, name)) report(at, `there is no parameter ${name}`);
    else if (!fits(properties[name]?.type, jsonTypesOf[type]))
      report(at, `${type} takes the types ${jsonTypesOf[type].join(', ')}`);
  }
  const prepared = preparedOf(sql, report);
  if (!prepared) return;
  if (!(keywords[spec.effect] as readonly string[]).includes(prepared.firstKeyword)) {
    const allowed = keywords[spec.effect].join(', ');
    report(['spec', 'sql', 'statement'], `a ${spec.effect} begins with ${allowed}, not with ${prepared.firstKeyword}`);
  }
  for (const name of Object.keys(properties)) {
    if (prepared.names.includes(name)) continue;
    report(['spec', 'parameters', 'properties', name], `is not in the statement: write :${name} there`);
  }
}

function preparedOf(sql: SqlBinding, report: Report): PreparedStatement | undefined {
  try {
    return preparedStatementOf(sql);
  } catch (error) {
    report(['spec', 'sql', 'statement'], faultOf(error).message);
    return undefined;
  }
}

/** A schema may leave the type open; each value is checked again when it comes. */
function fits(type: unknown, taken: readonly string[]): boolean {
  if (type === undefined) return true;
  return [type].flat().every((one) => one === 'null' || taken.includes(String(one)));
}
