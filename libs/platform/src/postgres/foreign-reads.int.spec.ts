/** What a read of somebody else's database gives, and what it is refused. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isFault, type Fault } from '@toolfleet/kernel';
import { admin, callOf, database, faultOf, open, role, rowsOf, says, server } from './foreign-database.fixture.js';

describe('values', () => {
  it('keep their type, and what a double cannot hold is a string', async () => {
    const rows = await rowsOf(`SELECT 1::int2 a, 2::int4 b, 9007199254740993::int8 c, 0.10::numeric d, 1e20::float8 e,
      'NaN'::float8 f, true g, null::int h, '\\x00ff'::bytea j, 'ü"\\' k`);
    assert.deepEqual(rows, [
      {
        ...{ a: 1, b: 2, c: '9007199254740993', d: '0.10', e: 1e20, f: 'NaN', g: true, h: null },
        ...{ j: 'AP8=', k: 'ü"\\' },
      },
    ]);
  });

  it('that are JSON stay the text that they are', async () => {
    const { rows } = await database.run(callOf(`SELECT '{"x": [12345678901234567890]}'::jsonb a`));
    assert.deepEqual(rows, ['{"a":{"x": [12345678901234567890]}}']);
  });

  it('that are times are ISO 8601, whatever the role is set to', async () => {
    await admin.query(`ALTER DATABASE "${new URL(server.url).pathname.slice(1)}" SET DateStyle TO 'SQL, DMY'`);
    const rows = await rowsOf(`SELECT date '2026-11-27' a, timestamp '2026-11-27 09:30:00.25' b,
      timestamptz '2026-11-27 09:30:00.123456Z' AT TIME ZONE 'UTC' c, interval '1 day 2 hours' d`);
    assert.deepEqual(rows, [
      { a: '2026-11-27', b: '2026-11-27T09:30:00.25', c: '2026-11-27T09:30:00.123456', d: 'P1DT2H' },
    ]);
    const [{ t }] = (await rowsOf(`SELECT timestamptz '2026-11-27 09:30:00Z' t`)) as [{ t: string }];
    assert.match(t, /^2026-11-27T\d\d:30:00(Z|[+-]\d\d:\d\d)$/);
    assert.equal(Date.parse(t), Date.parse('2026-11-27T09:30:00Z'));
  });

  it('that are lists are lists', async () => {
    const rows = await rowsOf(`SELECT '{{1,2},{3,4}}'::int[] a, '{x,NULL,"a,\\"b"}'::text[] b, '{0.10}'::numeric[] c,
      '{t}'::bool[] d, '{}'::int[] e, '{9007199254740993}'::int8[] f`);
    assert.deepEqual(rows, [
      {
        a: [
          [1, 2],
          [3, 4],
        ],
        b: ['x', null, 'a,"b'],
        c: ['0.10'],
        d: [true],
        e: [],
        f: ['9007199254740993'],
      },
    ]);
  });

  it('of two columns of one name are both there', async () => {
    assert.deepEqual(await rowsOf('SELECT 1 a, 2 a, 3 "__proto__"'), [JSON.parse('{"a":1,"a_2":2,"__proto__":3}')]);
  });
});

describe('a read', () => {
  const hidden = [
    `INSERT INTO artist VALUES (9, 'x')`,
    `UPDATE artist SET name = 'x'`,
    'DELETE FROM artist',
    'WITH gone AS (DELETE FROM artist RETURNING *) SELECT * FROM gone',
    `WITH made AS (INSERT INTO artist VALUES (9, 'x') RETURNING *) SELECT * FROM made`,
    'MERGE INTO artist a USING invoice i ON a.artist_id = i.artist WHEN MATCHED THEN DELETE',
    'SELECT * INTO copy FROM artist',
    'CREATE TABLE x (a int)',
    'DROP TABLE invoice',
    'TRUNCATE artist',
    'ALTER TABLE artist ADD x int',
    'GRANT ALL ON artist TO PUBLIC',
    `COPY artist FROM '/etc/hostname'`,
    'SELECT sneaky()',
    "SELECT nextval('ticket')",
    "SELECT setval('ticket', 7)",
    'SELECT * FROM artist FOR UPDATE',
    'VACUUM artist',
    'REFRESH MATERIALIZED VIEW x',
    'CALL pg_catalog.pg_nothing()',
    "SELECT set_config('transaction_read_only', 'off', true), sneaky()",
    "WITH off AS (SELECT set_config('transaction_read_only', 'off', false)) SELECT sneaky() FROM off",
  ];
  for (const text of hidden) {
    it(`is refused ${text} even where its role may do everything, and changes nothing`, async () => {
      const { kind } = await faultOf(text);
      assert.ok(kind === 'denied' || kind === 'broken', kind);
      assert.equal((await admin.query('SELECT count(*)::int n FROM artist')).rows[0].n, 3);
      assert.equal((await rowsOf('SELECT last_value, is_called FROM ticket')).length, 1);
    });
  }

  it('is told what it may not do: to change, or what its role has no right to', async () => {
    assert.equal(says(await faultOf('DELETE FROM artist')), 'denied SQL_READ_ONLY no');
    assert.equal(says(await faultOf('SELECT sneaky()')), 'denied SQL_READ_ONLY no');
    const mayNot = [
      `SELECT pg_read_file('/etc/hostname')`,
      `SELECT lo_import('/etc/hostname')`,
      `COPY artist TO PROGRAM 'true'`,
      `COPY artist TO '/tmp/x'`,
      'SELECT * FROM pg_authid',
    ];
    for (const text of mayNot) assert.equal(says(await faultOf(text, { role })), 'denied SQL_NOT_PERMITTED no', text);
    const ended = await database.run(
      callOf(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE false`, { role }),
    );
    assert.deepEqual(ended.rows, []);
    assert.equal((await database.run(callOf('SELECT count(*)::int n FROM artist', { role }))).rows[0], '{"n":3}');
  });

  it('ends neither its transaction nor its time by a statement of its own', async () => {
    for (const text of ['COMMIT', 'ROLLBACK', 'END']) {
      await database.run(callOf(text)).catch(() => undefined);
      assert.equal(says(await faultOf('DELETE FROM artist')), 'denied SQL_READ_ONLY no', text);
    }
  });

  it('leaves nothing on its connection', async () => {
    const one = open(1);
    const first = await one.run(
      callOf(`SELECT set_config('search_path', 'nowhere', false), pg_advisory_lock(77),
      set_config('role', '${role}', false), pg_backend_pid() pid`),
    );
    const { pid } = JSON.parse(first.rows[0]!) as { pid: number };
    const then = await one.run(
      callOf(`SELECT pg_backend_pid() pid, current_setting('search_path') <> 'nowhere' path,
      current_user = session_user self, current_setting('statement_timeout') timeout,
      (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()) locks`),
    );
    const { timeout, ...rest } = JSON.parse(then.rows[0]!) as { timeout: string };
    assert.deepEqual(rest, { pid, path: true, self: true, locks: 0 });
    assert.match(timeout, /^\d+(ms|s)$/);
    await one.close();
  });

  it('has an end to its rows and says so', async () => {
    const series = (count: number) => callOf(`SELECT generate_series(1, ${count}) n`, { rowsMax: 10 });
    const shapeOf = async (count: number) => {
      const { rows, rowCount, truncated } = await database.run(series(count));
      return [rows.length, rowCount, truncated];
    };
    assert.deepEqual(await shapeOf(9), [9, 9, false]);
    assert.deepEqual(await shapeOf(10), [10, 10, false]);
    assert.deepEqual(await shapeOf(11), [10, 10, true]);
    const startedAtMs = Date.now();
    assert.deepEqual(await shapeOf(1_000_000_000), [10, 10, true]);
    assert.ok(Date.now() - startedAtMs < 2_000, 'the server works on only what is read');
  });

  it('has an end to its bytes, and one long row does not enter the memory', async () => {
    const wide = callOf(`SELECT n, repeat('x', 1000) t FROM generate_series(1, 90) n`, { bytesMax: 50_000 });
    const { rows, truncated } = await database.run(wide);
    assert.deepEqual([rows.length, truncated], [49, true]);
    const before = process.memoryUsage().rss;
    const huge = await database.run(callOf(`SELECT repeat('x', 100000000) t`, { bytesMax: 50_000 }));
    assert.deepEqual(huge, { rows: [], rowCount: 0, truncated: true });
    assert.ok(process.memoryUsage().rss - before < 50_000_000);
    assert.deepEqual(await rowsOf('SELECT 1 a'), [{ a: 1 }]);
  });
});

describe('a value', () => {
  it('that is text of SQL is a value', async () => {
    for (const text of [
      "'; DROP TABLE artist; --",
      '$1',
      '\\',
      "\\' OR 1=1",
      '${x}',
      ':a',
      '%',
      '\u202e😀',
      'x'.repeat(60_000),
    ])
      assert.deepEqual(await rowsOf('SELECT ($1::text) v', text), [{ v: text }]);
  });

  it('that does not fit is told without the words of the server', async () => {
    const own = await database.run(callOf('SELECT ($1::integer) v', {}, 'secret')).catch((error: Fault) => error);
    assert.ok(isFault(own));
    assert.equal(says(own), 'invalid SQL_DATA_INVALID no');
    assert.deepEqual(
      [own.message, own.details],
      ['A value is not of the expected type.', { sent: 'no', sqlState: '22P02' }],
    );
    assert.equal((await faultOf('SELECT name::int FROM artist')).message.includes('AC/DC'), false);
    assert.equal((await faultOf('SELECT 1/0')).message, 'The values make it divide by zero.');
  });
});
