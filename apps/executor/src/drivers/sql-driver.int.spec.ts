/** Tools that are statements, on a small record shop in a real Postgres. */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Catalogue, DatabaseSpec, Fault, SqlBinding, ToolCall, ToolSpec } from '@toolfleet/kernel';
import { isFault } from '@toolfleet/kernel';
import { Breakers } from '@toolfleet/platform/breaker';
import { Database } from '@toolfleet/platform/postgres';
import { databaseForTests, eventually, type TestDatabase } from '@toolfleet/testkit';
import { callOf, catalogueOf, quiet, toolOf, upstreamOf } from '../executor.fixture.js';
import { Credentials } from '../credentials/credentials.js';
import { SqlDriver } from './sql-driver.js';
import { Upstreams } from './upstreams.js';

const breaker = { errorThresholdPercentage: 50, resetTimeoutMs: 5_000, volumeThreshold: 5 };
const music: DatabaseSpec = {
  ...{ name: 'music', connectionEnv: 'TOOLFLEET_CREDENTIAL_MUSIC', writes: true },
  ...{ poolMax: 2, statementTimeoutMs: 5_000, breaker },
};
const nowhere: DatabaseSpec = { ...music, name: 'nowhere', connectionEnv: 'TOOLFLEET_CREDENTIAL_NOWHERE' };

let server: TestDatabase;
let admin: Database;
let catalogue: Catalogue;
let breakers: Breakers;
let driver: SqlDriver;
let variables: Record<string, string>;

const execute = (text: string) => admin.query({ name: '', text }, []);

before(async () => {
  server = await databaseForTests();
  admin = new Database({ url: server.url, applicationName: 'sql-driver-spec' });
  await execute(
    'CREATE TABLE album (album_id int PRIMARY KEY, title text NOT NULL, tenant text NOT NULL, price numeric)',
  );
  await execute(
    `INSERT INTO album VALUES (1, 'Facelift', 'acme', 9.90), (2, 'Jagged', 'acme', 12), (3, 'Other', 'rival', 1)`,
  );
  await execute('CREATE SEQUENCE tries');
  // A sequence keeps its value over a rollback, so this fails every other time.
  await execute(`CREATE FUNCTION fail_first(state text) RETURNS int LANGUAGE plpgsql AS $$ BEGIN
    IF nextval('tries') % 2 = 1 THEN RAISE EXCEPTION 'once' USING ERRCODE = state; END IF; RETURN 7; END $$`);
});
after(async () => {
  await admin.close();
  await server.stop();
});
beforeEach(() => {
  variables = {
    TOOLFLEET_CREDENTIAL_MUSIC: server.url,
    TOOLFLEET_CREDENTIAL_NOWHERE: 'postgres://me:secret@127.0.0.1:1/x',
  };
  catalogue = catalogueOf(upstreamOf('http://127.0.0.1:1'));
  catalogue.put({ kind: 'Database', spec: music });
  catalogue.put({ kind: 'Database', spec: nowhere });
  breakers = new Breakers();
  const upstreams = new Upstreams({ breakers });
  driver = new SqlDriver({
    upstreams,
    catalogue,
    credentials: new Credentials({ variable: (name) => variables[name] }),
  });
});
afterEach(() => driver.close());

function sqlTool(statement: string, types: SqlBinding['types'] = {}, tool: Partial<ToolSpec> = {}): ToolSpec {
  const sql = { database: 'music', statement, types, rowsMax: 2 };
  return toolOf({ name: 'sql', driver: 'sql', http: undefined, sql, ...tool });
}
async function run(tool: ToolSpec, args: Record<string, unknown> = {}, call: Partial<ToolCall> = {}, signal = quiet) {
  const { body, ok, contentType } = await driver.run({ call: callOf(tool, call), tool, args, signal, epoch: 7n });
  assert.deepEqual([ok, contentType], [true, 'application/json']);
  return JSON.parse(Buffer.from(body).toString('utf8')) as { rows: unknown[]; rowCount: number; truncated: boolean };
}
async function faultOf(...asked: Parameters<typeof run>): Promise<Fault> {
  const fault = await run(...asked).catch((error: unknown) => error);
  assert.ok(isFault(fault), String(fault));
  return fault;
}

const find = sqlTool('SELECT album_id, title, price FROM album WHERE album_id >= :from ORDER BY 1', {
  from: 'integer',
});

describe('a tool that is a statement', () => {
  it('answers with its rows, how many, and whether there are more', async () => {
    assert.deepEqual(await run(find, { from: 2 }), {
      rows: [
        { album_id: 2, title: 'Jagged', price: '12' },
        { album_id: 3, title: 'Other', price: '1' },
      ],
      rowCount: 2,
      truncated: false,
    });
    assert.equal((await run(find, { from: 0 })).truncated, true);
  });

  it('takes an argument that is left out as null', async () => {
    const tool = sqlTool('SELECT count(*) n FROM album WHERE :title IS NULL OR title = :title', { title: 'text' });
    assert.deepEqual((await run(tool)).rows, [{ n: '3' }]);
    assert.deepEqual((await run(tool, { title: 'Jagged' })).rows, [{ n: '1' }]);
  });

  it('refuses a value of another type without asking the database, and harms no other tool', async () => {
    for (const from of ['many', 1.5, true, ['1'], '1; DROP TABLE album']) {
      const { kind, reason, message, details } = await faultOf(find, { from });
      assert.deepEqual([kind, reason, details['sent']], ['invalid', 'SQL_PARAMETER_INVALID', 'no']);
      assert.equal(message, 'The argument from must be a whole number.');
    }
    assert.equal(breakers.of('music').state, 'closed');
    assert.equal((await run(find, { from: 3 })).rowCount, 1);
  });

  it('gives values of every type, lists and hostile texts as they are', async () => {
    const types = { t: 'text', i: 'integer[]', l: 'text[]', j: 'json', d: 'date', n: 'numeric', b: 'boolean' } as const;
    const tool = sqlTool('SELECT :t t, :i i, :l l, :j j, :d d, :n n, :b b', types);
    for (const t of ["' OR 1=1 --", '$1', '\\"', '{}', 'NULL', '', '😀\u202e', ' ']) {
      const args = { t, i: [1, 2], l: [t, 'x'], j: { [t]: t }, d: '2026-11-27', n: 1.5, b: true };
      assert.deepEqual((await run(tool, args)).rows, [{ ...args, n: '1.5' }]);
    }
  });

  it('knows who asks from the call and not from the model', async () => {
    const mine = sqlTool('SELECT title FROM album WHERE tenant = :toolfleet_tenant AND :toolfleet_user <> :any', {
      any: 'text',
    });
    const args = { any: 'nobody', toolfleet_tenant: 'rival' };
    assert.deepEqual((await run(mine, args)).rows, [{ title: 'Facelift' }, { title: 'Jagged' }]);
    const rival = await run(mine, args, { tenant: 'rival' });
    assert.deepEqual(rival.rows, [{ title: 'Other' }]);
  });

  it('reads only, also where its statement hides a change', async () => {
    const hidden = sqlTool('WITH gone AS (DELETE FROM album RETURNING *) SELECT * FROM gone');
    const { kind, reason } = await faultOf(hidden);
    assert.deepEqual([kind, reason], ['denied', 'SQL_READ_ONLY']);
    assert.equal((await run(find, { from: 1 })).rowCount, 2);
  });

  it('that writes is committed once, and a repeated key finds its first row', async () => {
    await execute('CREATE TABLE sale (key text PRIMARY KEY, album int)');
    const sell = sqlTool(
      `INSERT INTO sale VALUES (:toolfleet_idempotency_key, :album) ON CONFLICT DO NOTHING`,
      { album: 'integer' },
      { effect: 'write' },
    );
    const call = { idempotencyKey: 'k1' };
    assert.equal((await run(sell, { album: 1 }, call)).rowCount, 1);
    assert.equal((await run(sell, { album: 1 }, call)).rowCount, 0);
    assert.equal((await execute('SELECT 1 FROM sale')).length, 1);
  });

  it('that writes tells its transaction which call it is, and no transaction after it', async () => {
    const named = ['tenant', 'call', 'idempotency_key', 'epoch'].map(
      (name) => `current_setting('toolfleet.${name}', true) AS ${name}`,
    );
    const statement = `SELECT ${named.join(', ')}, :toolfleet_epoch::bigint AS given`;
    const call = { idempotencyKey: 'k9', callId: 's:1:0' };
    const { rows } = await run(sqlTool(statement, {}, { effect: 'write' }), {}, call);
    assert.deepEqual(rows, [{ tenant: 'acme', call: 's:1:0', idempotency_key: 'k9', epoch: '7', given: '7' }]);
    const { rows: after } = await run(sqlTool(`SELECT ${named[1]}`), {}, call);
    assert.ok(['', null].includes((after as { call: string | null }[])[0]!.call));
  });

  it('that writes the version it expects is stale when there is another, and changes nothing', async () => {
    await execute('CREATE TABLE part (id int PRIMARY KEY, version int, name text)');
    await execute(`INSERT INTO part VALUES (1, 3, 'old')`);
    const rename = sqlTool(
      'UPDATE part SET name = :name, version = version + 1 WHERE id = 1 AND version = :version',
      { name: 'text', version: 'integer' },
      { effect: 'write', versionCheck: { argument: 'version' } },
    );
    const renamed = (version: number) =>
      driver.run({ call: callOf(rename), tool: rename, args: { name: `v${version}`, version }, signal: quiet });
    assert.deepEqual([(await renamed(2)).stale, (await renamed(2)).ok], [{}, false]);
    assert.deepEqual([(await renamed(3)).ok, (await renamed(3)).stale], [true, {}]);
    assert.deepEqual(await execute('SELECT name, version FROM part'), [{ name: 'v3', version: 4 }]);
  });

  it('of a dry run is made ready and not executed', async () => {
    const sell = sqlTool('DELETE FROM album WHERE album_id = :album', { album: 'integer' }, { effect: 'write' });
    const plan = await driver.plan({ call: callOf(sell), tool: sell, args: { album: 1 }, signal: quiet });
    assert.deepEqual([plan.destination, plan.method], ['music', 'EXECUTE']);
    assert.match(plan.path, /^DELETE FROM album WHERE album_id = \(\$1::integer\)$/);
    const wrong = driver.plan({ call: callOf(sell), tool: sell, args: { album: 'x' }, signal: quiet });
    await assert.rejects(wrong, (error: Fault) => error.reason === 'SQL_PARAMETER_INVALID');
    assert.equal((await execute('SELECT 1 FROM album WHERE album_id = 1')).length, 1);
  });

  it('is run once more where others changed the same rows, and not a second time', async () => {
    const tool = sqlTool('SELECT fail_first(:state) n', { state: 'text' }, { effect: 'write' });
    for (const state of ['40001', '40P01']) assert.deepEqual((await run(tool, { state })).rows, [{ n: 7 }]);
    assert.equal((await faultOf(tool, { state: '23505' })).reason, 'SQL_CONSTRAINT_VIOLATED');
    assert.deepEqual((await run(tool, { state: '23505' })).rows, [{ n: 7 }]);
    const always = sqlTool('SELECT fail_first(:state), fail_first(:state)', { state: 'text' }, { effect: 'write' });
    assert.deepEqual([(await faultOf(always, { state: '40001' })).reason], ['SQL_CONTENDED']);
  });

  it('ends when its call is taken back', async () => {
    const cancelled = new AbortController();
    const sleeping = faultOf(sqlTool('SELECT pg_sleep(9)'), {}, {}, cancelled.signal);
    const active = `SELECT 1 FROM pg_stat_activity WHERE application_name = 'toolfleet-executor' AND state = 'active'
      AND query LIKE '%pg_sleep%'`;
    await eventually(async () => (await execute(active)).length === 1, { withinMs: 3_000 });
    const startedAtMs = Date.now();
    cancelled.abort();
    await sleeping;
    assert.ok(Date.now() - startedAtMs < 100);
    await eventually(async () => (await execute(active)).length === 0, { withinMs: 3_000 });
  });
});

describe('a database', () => {
  it('that is away opens its own breaker and no other', async () => {
    const tool = sqlTool(
      'SELECT 1',
      {},
      { sql: { database: 'nowhere', statement: 'SELECT 1', types: {}, rowsMax: 1 } },
    );
    for (let calls = 0; calls < 5; calls += 1) {
      // oxlint-disable-next-line no-await-in-loop -- the breaker counts one after the other
      const { kind, reason, message, details } = await faultOf(tool);
      assert.deepEqual([kind, reason, details['sent']], ['unreachable', 'SQL_DATABASE_UNREACHABLE', 'no']);
      assert.doesNotMatch(JSON.stringify([message, details]), /127\.0|secret/);
    }
    assert.equal((await faultOf(tool)).reason, 'BREAKER_OPEN');
    assert.deepEqual([breakers.of('nowhere').state, breakers.of('music').state], ['open', 'closed']);
    assert.equal((await run(find, { from: 3 })).rowCount, 1);
  });

  it('whose connections are all taken refuses what would wait for too long, as overload', async () => {
    const slow = sqlTool('SELECT pg_sleep(3.5)');
    const sleeping = [1, 2].map(() => run(slow));
    const { kind, reason } = await faultOf(find, { from: 1 }, { deadlineAtMs: Date.now() + 4_500 });
    assert.deepEqual([kind, reason], ['overloaded', 'SQL_POOL_EXHAUSTED']);
    await Promise.all(sleeping);
  });

  it('without its credential is our mistake, and names no value', async () => {
    variables = {};
    const { kind, reason, details } = await faultOf(find, { from: 1 });
    assert.deepEqual([kind, reason, details['sent']], ['broken', 'CREDENTIAL_MISSING', 'no']);
    catalogue.remove('Database', 'music');
    assert.equal((await faultOf(find, { from: 1 })).reason, 'UPSTREAM_UNKNOWN');
  });

  it('that the catalogue drops is left, and one that it changes is asked anew', async () => {
    const connections = `SELECT 1 FROM pg_stat_activity WHERE application_name = 'toolfleet-executor'
      AND datname = current_database()`;
    const none = () => eventually(async () => (await execute(connections)).length === 0, { withinMs: 3_000 });
    await run(find, { from: 1 });
    assert.equal((await execute(connections)).length, 1);
    driver.keepOnly(new Set(['nowhere']));
    await none();
    await run(find, { from: 1 });
    catalogue.put({ kind: 'Database', spec: { ...music, poolMax: 1 } });
    await run(find, { from: 1 });
    await eventually(async () => (await execute(connections)).length === 1, { withinMs: 3_000 });
  });
});
