import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DatabaseSpec, ToolSpec } from '@toolfleet/kernel';
import { circuitDefaults } from '@toolfleet/kernel';
import { loadCatalogue, textOfProblem } from './load-catalogue.js';

const good = `
apiVersion: toolfleet.dev/v1
kind: Database
metadata: { name: music }
spec: { connectionEnv: TOOLFLEET_CREDENTIAL_MUSIC, role: music_reader }
---
apiVersion: toolfleet.dev/v1
kind: Tool
metadata: { name: list_albums }
spec:
  description: Albums of an artist.
  class: read
  effect: read
  driver: sql
  parameters:
    type: object
    required: [artist]
    properties: { artist: { type: integer }, title: { type: [string, 'null'] } }
  sql:
    database: music
    statement: "SELECT * FROM album WHERE artist_id = :artist AND (:title IS NULL OR title LIKE :title)"
    types: { artist: integer, title: text }
`;

function resultOf(text: string) {
  const result = loadCatalogue([{ path: 'music.yaml', text }], {
    ...{ toolClasses: ['read', 'write'], variable: () => undefined, variablesAllowed: [], ofOperators: () => false },
  });
  return result.ok ? { manifests: result.catalogue.manifests } : { problems: result.problems.map(textOfProblem) };
}
const problemsOf = (from: string, to: string): string[] => {
  assert.ok(good.includes(from), from);
  return resultOf(good.replace(from, to)).problems ?? [];
};

test('a database and its statements are taken, with bounds where they state none', () => {
  const { manifests = [], problems } = resultOf(good);
  assert.equal(problems, undefined);
  const database = manifests.find(({ kind }) => kind === 'Database')!.spec as DatabaseSpec;
  assert.deepEqual(database, {
    name: 'music',
    connectionEnv: 'TOOLFLEET_CREDENTIAL_MUSIC',
    role: 'music_reader',
    writes: false,
    poolMax: 8,
    statementTimeoutMs: 5_000,
    breaker: { errorThresholdPercentage: 50, resetTimeoutMs: circuitDefaults.resetTimeoutMs, volumeThreshold: 10 },
  });
  const tool = manifests.find(({ kind }) => kind === 'Tool')!.spec as ToolSpec;
  assert.deepEqual([tool.driver, tool.sql?.rowsMax], ['sql', 1_000]);
});

test('a statement is one, begins as its effect demands, and names only arguments with a type', () => {
  const statement = '"SELECT * FROM album WHERE artist_id = :artist AND (:title IS NULL OR title LIKE :title)"';
  const about = (text: string) => problemsOf(statement, JSON.stringify(text)).join('\n');
  const args = ':artist, :title';
  assert.match(
    about(`SELECT ${args}; DROP TABLE x`),
    /music\.yaml:\d+ Tool\/list_albums spec\.sql\.statement: .*more than one/,
  );
  assert.match(about(`DELETE FROM album WHERE ${args}`), /a read begins with SELECT, .*, not with DELETE/);
  for (const keyword of ['COMMIT', 'SET', 'COPY', 'DO', 'EXPLAIN', 'LISTEN', 'PREPARE', 'BEGIN'])
    assert.match(about(`${keyword} ${args}`), /a read begins with/);
  assert.match(about(`SELECT ${args}, :other`), /placeholder :other without a type/);
  assert.match(about('SELECT :artist'), /parameters\.properties\.title: is not in the statement/);
  assert.match(about(`SELECT 'x, ${args}`), /quote that does not end/);
  assert.equal(about(`/* all */ WITH a AS (SELECT ${args}) SELECT * FROM a, (VALUES (:toolfleet_tenant)) t;`), '');
});

test('the type of an argument is one of Postgres and agrees with its schema', () => {
  const types = (text: string) =>
    problemsOf('types: { artist: integer, title: text }', `types: { ${text} }`).join('\n');
  assert.match(types('artist: integer, title: varchar'), /types\.title/);
  assert.match(types('artist: boolean, title: text'), /types\.artist: boolean takes the types boolean/);
  assert.match(types('artist: integer, title: text, more: text'), /types\.more: there is no parameter more/);
  assert.match(types('artist: integer, title: text, a-b: text'), /types\.a-b: cannot be a placeholder/);
  assert.match(types('artist: integer, title: text, toolfleet_user: text'), /filled in by the fleet/);
});

test('a database holds no secret, and only variables meant for tools may be named', () => {
  for (const name of ['TOOLFLEET_RECEIPT_KEY', 'PGPASSWORD', 'postgres://a:b@c/d', 'TOOLFLEET_DATABASE_URL'])
    assert.match(problemsOf('TOOLFLEET_CREDENTIAL_MUSIC', name).join('\n'), /spec\.connectionEnv: is not the name/);
  assert.match(
    problemsOf('role: music_reader', 'role: "x; RESET ROLE"').join('\n'),
    /spec\.role: is not the name of a role/,
  );
});

test('a write needs a database that says it takes writes', () => {
  const write = good
    .replace('effect: read', 'effect: write')
    .replace('class: read', 'class: write')
    .replace(/"SELECT .*"/, '"DELETE FROM album WHERE artist_id = :artist AND title = :title"');
  assert.match(resultOf(write).problems!.join('\n'), /Database\/music takes no writes/);
  assert.equal(resultOf(write.replace('role: music_reader', 'writes: true')).problems, undefined);
});

test('names lead somewhere, and a database and an upstream share none', () => {
  assert.match(problemsOf('database: music', 'database: film').join('\n'), /there is no Database "film"/);
  const upstream = `---
apiVersion: toolfleet.dev/v1
kind: Upstream
metadata: { name: music }
spec: { baseUrl: 'http://127.0.0.1' }
`;
  assert.match(
    resultOf(good + upstream).problems!.join('\n'),
    /metadata\.name: is the name of another destination, Database/,
  );
  assert.match(problemsOf('driver: sql', 'driver: http').join('\n'), /spec\.sql: does not belong to the driver http/);
  assert.match(problemsOf('driver: sql', 'driver: http').join('\n'), /spec\.http: is required by the driver http/);
});
