/** Writes to somebody else's database, the time of its calls, and a server that goes away. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { eventually } from '@toolfleet/testkit';
import type { Fault } from '@toolfleet/kernel';
import type { ForeignDatabase } from './foreign-database.js';
import {
  admin,
  callOf,
  database,
  faultOf,
  open,
  rowsOf,
  running,
  says,
  server,
  soon,
} from './foreign-database.fixture.js';

describe('a write', () => {
  const write = { effect: 'write' } as const;
  const count = async () => (await admin.query('SELECT count(*)::int n FROM invoice')).rows[0].n as number;
  beforeEach(() => admin.query('TRUNCATE invoice').then(() => undefined));

  it('is committed and tells what it changed', async () => {
    const answer = await database.run(
      callOf(`INSERT INTO invoice SELECT n, 'c', 1 FROM generate_series(1, 12) n RETURNING invoice_id`, {
        ...write,
        rowsMax: 5,
      }),
    );
    assert.deepEqual([answer.rows.length, answer.rowCount, answer.truncated], [5, 12, true]);
    assert.equal(await count(), 12);
    assert.deepEqual(await database.run(callOf('DELETE FROM invoice', write)), {
      rows: [],
      rowCount: 12,
      truncated: false,
    });
  });

  it('that a constraint forbids changes nothing and names it', async () => {
    const insert = (values: string) => faultOf(`INSERT INTO invoice VALUES (7, 'c', 1), ${values}`, write);
    const about = ({ reason, details }: Fault) => [reason, details['sqlState'], details['constraint']];
    const violated = 'SQL_CONSTRAINT_VIOLATED';
    assert.deepEqual(about(await insert(`(7, 'c', 1)`)), [violated, '23505', 'invoice_pkey']);
    assert.deepEqual(about(await insert(`(8, 'c', -1)`)), [violated, '23514', 'invoice_total_check']);
    const orphan = await faultOf(`INSERT INTO invoice VALUES (8, 'c', 1, 99)`, write);
    assert.deepEqual(about(orphan), [violated, '23503', 'invoice_artist_fkey']);
    assert.deepEqual(about(await insert('(8, NULL, 1)')), [violated, '23502', undefined]);
    assert.equal(await count(), 0);
  });

  it('whose answer would be too long is not committed', async () => {
    const text = `INSERT INTO invoice SELECT n, repeat('x', 100000), 1 FROM generate_series(1, 90) n RETURNING *`;
    assert.equal(says(await faultOf(text, { ...write, bytesMax: 50_000 })), 'invalid SQL_ANSWER_TOO_LARGE no');
    assert.equal(await count(), 0);
  });

  it('that a deferred rule refuses at its commit did not happen', async () => {
    await admin.query('ALTER TABLE invoice ADD CONSTRAINT later UNIQUE (customer) DEFERRABLE INITIALLY DEFERRED');
    const fault = await faultOf(`INSERT INTO invoice VALUES (1, 'a', 1), (2, 'a', 1)`, write);
    assert.deepEqual([says(fault), fault.details['constraint']], ['invalid SQL_CONSTRAINT_VIOLATED no', 'later']);
    await admin.query('ALTER TABLE invoice DROP CONSTRAINT later');
    assert.equal(await count(), 0);
  });

  it('leaves nothing on its connection', async () => {
    const one = open(1);
    await one.run(callOf(`SELECT set_config('search_path', 'nowhere', false), pg_advisory_lock(78)`, write));
    const then = await one.run(
      callOf(`SELECT current_setting('search_path') <> 'nowhere' path,
      (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()) locks`),
    );
    assert.deepEqual(then.rows, ['{"path":true,"locks":0}']);
    await one.close();
  });

  it('that meets another in a deadlock, or fails to be serial, did not happen and says that it may be tried again', async () => {
    const raise = (state: string) => faultOf(`SELECT raise_state('${state}')`, write);
    await admin.query(`CREATE FUNCTION raise_state(state text) RETURNS void LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'the password of bob is 1234' USING ERRCODE = state; END $$`);
    const kinds: Record<string, string> = {
      '40001': 'overloaded SQL_CONTENDED no',
      '40P01': 'overloaded SQL_CONTENDED no',
      '55P03': 'overloaded SQL_DATABASE_BUSY no',
      '53100': 'overloaded SQL_DATABASE_BUSY no',
      '57014': 'expired SQL_TIMED_OUT no',
      '57P03': 'unreachable SQL_DATABASE_UNREACHABLE no',
      '42P01': 'broken SQL_STATEMENT_BROKEN no',
      P0001: 'invalid SQL_RULE_VIOLATED no',
    };
    for (const [state, kind] of Object.entries(kinds)) {
      const fault = await raise(state);
      assert.equal(says(fault), kind, state);
      assert.doesNotMatch(JSON.stringify([fault.message, fault.details, fault.hint]), /1234/);
    }
  });
});

describe('the time of a call', () => {
  it('ends its statement on the server, whose word comes first', async () => {
    assert.equal(says(await faultOf('SELECT pg_sleep(9)', { statementTimeoutMs: 100 })), 'expired SQL_TIMED_OUT no');
    const short = { deadlineAtMs: Date.now() + 300 };
    assert.equal(says(await faultOf('SELECT pg_sleep(9)', short)), 'expired SQL_TIMED_OUT no');
    await eventually(() => database.stats.idle > 0 && database.stats.idle === database.stats.connections, soon);
  });

  it('that is taken back ends it here within 100 ms, and there too', async () => {
    const cancelled = new AbortController();
    const fault = faultOf('SELECT pg_sleep(9)', { signal: cancelled.signal });
    await eventually(async () => (await running()) === 1, soon);
    const startedAtMs = Date.now();
    cancelled.abort();
    assert.equal((await fault).reason, 'CANCELLED');
    assert.ok(Date.now() - startedAtMs < 100);
    await eventually(async () => (await running()) === 0, soon);
    assert.deepEqual(await rowsOf('SELECT 1 a'), [{ a: 1 }]);
  });

  it('is not spent waiting for a connection for ever', async () => {
    const one = open(1);
    const slow = one.run(callOf('SELECT pg_sleep(1.5)'));
    await eventually(async () => (await running()) === 1, soon);
    const short = faultOf('SELECT 1', { deadlineAtMs: Date.now() + 200 }, one);
    assert.equal(says(await faultOf('SELECT 1', {}, one)), 'overloaded SQL_POOL_EXHAUSTED no');
    assert.equal(says(await short), 'expired DEADLINE_PASSED no');
    await slow;
    assert.equal((await one.run(callOf('SELECT 1'))).rows.length, 1);
    await one.close();
  });
});

describe('a server that goes away', () => {
  let proxy: Server;
  const sockets = new Set<Socket>();
  /** What the server says is lost from the message on that contains this. */
  let lostFrom = 'nothing';
  let silent = false;
  /** How often the client spoke after the server had. */
  let turns = 0;
  let behind: ForeignDatabase;

  beforeEach(async () => {
    const { hostname, port } = new URL(server.url);
    proxy = createServer((client) => {
      const upstream = connect(Number(port), hostname);
      let lost = false;
      let heard = false;
      for (const [socket, peer] of [[client, upstream] as const, [upstream, client] as const]) {
        sockets.add(socket);
        socket.on('error', () => peer.destroy());
        socket.on('close', () => peer.destroy());
      }
      client.on('data', (bytes) => {
        turns += heard ? 1 : 0;
        heard = false;
        upstream.write(bytes);
      });
      upstream.on('data', () => (heard = true));
      client.on('data', (bytes) => void (lost ||= bytes.includes(lostFrom)));
      upstream.on('data', (bytes) => (lost ? silent || client.destroy() : client.write(bytes)));
    });
    await once(proxy.listen(0, '127.0.0.1'), 'listening');
    const url = new URL(server.url);
    url.port = String((proxy.address() as AddressInfo).port);
    behind = open(2, url.href);
    silent = false;
    await admin.query('TRUNCATE invoice');
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
    await behind.close();
  });
  const insert = () => faultOf(`INSERT INTO invoice VALUES (1, 'c', 1)`, { effect: 'write' }, behind);
  const count = async () => (await admin.query('SELECT count(*)::int n FROM invoice')).rows[0].n as number;

  it('is asked once for a read and twice for a write, so that little can go wrong in between', async () => {
    await behind.run(callOf('SELECT 1'));
    turns = 0;
    await behind.run(callOf('SELECT count(*) FROM artist'));
    assert.equal(turns, 1);
    await behind.run(callOf(`INSERT INTO invoice VALUES (2, 'c', 1)`, { effect: 'write' }));
    // The third leaves nothing behind on the connection, when the caller has its answer.
    await eventually(() => turns === 4, soon);
  });

  it('after the commit was sent leaves open whether the write happened', async () => {
    lostFrom = 'COMMIT';
    assert.equal(says(await insert()), 'unreachable SQL_DATABASE_UNREACHABLE maybe');
    await eventually(async () => (await count()) === 1, soon);
  });

  it('before the commit was sent has not written', async () => {
    lostFrom = 'INSERT INTO';
    assert.equal(says(await insert()), 'unreachable SQL_DATABASE_UNREACHABLE no');
    assert.equal(await count(), 0);
  });

  it('silently is waited for as long as the call has, or a second for a commit', async () => {
    silent = true;
    lostFrom = 'SELECT 7';
    const late = await faultOf('SELECT 7', { deadlineAtMs: Date.now() + 300 }, behind);
    assert.equal(says(late), 'expired DEADLINE_PASSED maybe');
    lostFrom = 'COMMIT';
    const startedAtMs = Date.now();
    const call = callOf(`INSERT INTO invoice VALUES (1, 'c', 1)`, { effect: 'write', deadlineAtMs: Date.now() + 300 });
    const fault = await behind.run(call).catch((error: Fault) => error);
    assert.equal(says(fault as Fault), 'expired DEADLINE_PASSED maybe');
    assert.ok(Date.now() - startedAtMs < 2_500);
  });

  it('or does not let us be who the tool is, is not the fault of whoever calls', async () => {
    for (const role of ['nobody_here', 'pg_monitor"; --'])
      assert.equal(says(await faultOf('SELECT 1', { role })), 'broken DATABASE_ROLE_REFUSED no');
    assert.deepEqual(await rowsOf('SELECT 1 a'), [{ a: 1 }]);
  });

  it('or was never there is unreachable, and one that does not know us is our mistake', async () => {
    const nobody = open(1, 'postgres://me:secret@127.0.0.1:1/x');
    const fault = await faultOf('SELECT 1', {}, nobody);
    assert.equal(says(fault), 'unreachable SQL_DATABASE_UNREACHABLE no');
    assert.doesNotMatch(JSON.stringify([fault.message, fault.details]), /127|secret/);
    const url = new URL(server.url);
    url.password = 'wrong';
    const stranger = open(1, url.href);
    assert.equal(says(await faultOf('SELECT 1', {}, stranger)), 'broken DATABASE_LOGIN_REFUSED no');
    const nonsense = open(1, 'postgres://x:y@z:99999999/q');
    assert.equal((await faultOf('SELECT 1', {}, nonsense)).details['sent'], 'no');
    await Promise.all([nobody.close(), stranger.close(), nonsense.close()]);
  });
});
