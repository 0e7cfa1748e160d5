import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { freePort } from '../free-port.js';
import { startPostgres, type LocalPostgres } from './local-postgres.js';

const testsDirectory = fileURLToPath(new URL('../../../../.toolfleet/tests', import.meta.url));
let directory: string;
let postgres: LocalPostgres;

before(async () => {
  await mkdir(testsDirectory, { recursive: true });
  directory = await mkdtemp(join(testsDirectory, 'local-postgres-'));
  postgres = await startPostgres({ directory });
});

after(async () => {
  await postgres?.stop();
  await rm(directory, { recursive: true, force: true });
});

async function query(text: string, url = postgres.url): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows as unknown[];
  } finally {
    await client.end();
  }
}

test('local speed is not bought with durability', async () => {
  assert.deepEqual(await query('SHOW fsync'), [{ fsync: 'on' }]);
  assert.deepEqual(await query('SHOW synchronous_commit'), [{ synchronous_commit: 'on' }]);
  assert.deepEqual(await query('SHOW max_connections'), [{ max_connections: '200' }]);
});

test('a connection without the password is refused', async () => {
  const url = new URL(postgres.url);
  url.password = 'guess';
  await assert.rejects(query('SELECT 1', url.href), { code: '28P01' });
});

test('what was committed before a kill is there after the restart', async () => {
  await query('CREATE TABLE kept (n int)');
  await query('INSERT INTO kept VALUES (7)');
  await postgres.kill();
  await postgres.restart();
  assert.deepEqual(await query('SELECT n FROM kept'), [{ n: 7 }]);
});

test('a second start on the same directory has the same data and the same password', async () => {
  await query('CREATE TABLE IF NOT EXISTS kept_again AS SELECT 8 AS n');
  const { password } = new URL(postgres.url);
  await postgres.stop();
  postgres = await startPostgres({ directory });
  assert.equal(new URL(postgres.url).password, password);
  assert.deepEqual(await query('SELECT n FROM kept_again'), [{ n: 8 }]);
});

test('creating a database that exists gives its address', async () => {
  assert.equal(await postgres.createDatabase('orders'), await postgres.createDatabase('orders'));
});

test('a database name that would need quoting is refused', async () => {
  await assert.rejects(postgres.createDatabase('a"; DROP DATABASE b; --'), { reason: 'DATABASE_NAME_INVALID' });
});

test('a taken port is a fault that names the port', async () => {
  const port = await freePort();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const start = startPostgres({ directory: join(directory, 'other'), port });
  await assert.rejects(start, {
    reason: 'PORT_TAKEN',
    message: `Port ${port} for PostgreSQL is taken by another process.`,
  });
  await new Promise((resolve) => server.close(resolve));
});
