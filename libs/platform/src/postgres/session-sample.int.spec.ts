import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { encodeSessionEvent } from '@toolfleet/contracts';
import type { SessionEvent } from '@toolfleet/kernel';
import { databaseForTests, type TestDatabase } from '@toolfleet/testkit';
import { Client } from 'pg';
import { migrate } from './migrate.js';
import { Database } from './pool.js';
import { PostgresSessionSample } from './session-sample.js';

let server: TestDatabase;
let database: Database;
let sample: PostgresSessionSample;
let client: Client;

before(async () => {
  server = await databaseForTests();
  await migrate(server.url);
  client = new Client({ connectionString: server.url });
  await client.connect();
  database = new Database({ url: server.url, applicationName: 'spec' });
  sample = new PostgresSessionSample(database);
});
after(async () => {
  await database?.close();
  await client?.end();
  await server?.stop();
});

const limits = { stepsMax: 1, wallTimeMs: 1, tokensMax: 1, escalate: false };

async function store(
  tenant: string,
  id: string,
  active: boolean,
  ...shown: readonly (readonly string[])[]
): Promise<void> {
  const at = Number(id.replace(/\D/g, ''));
  await client.query(
    `insert into session values ($1, $2, 0, 1, 1, $3, null, $4, 0, 'active', 'desk', 'u', 'r', '{}')`,
    [tenant, id, active, at],
  );
  const request = { tenant, user: 'u', requestId: 'r', agent: 'desk', input: 'Hi', roles: [], labels: {} };
  for (const [index, versions] of shown.entries()) {
    const ofTools = { tools: versions.map((_, tool) => (tool === 0 ? 'search' : 'other')), toolVersions: versions };
    const fact = { seq: index + 1, atMs: 1 };
    const event: SessionEvent =
      index === 0
        ? { ...fact, type: 'started', sessionId: id, request, limits, modelRoute: 'm', deadlineAtMs: 1, ...ofTools }
        : { ...fact, type: 'toolsOffered', ...ofTools };
    // oxlint-disable-next-line no-await-in-loop
    await client.query('insert into session_event values ($1, $2, $3, $4, 1, $5)', [
      ...[tenant, id, index + 1, event.type],
      Buffer.from(encodeSessionEvent(event)),
    ]);
  }
}

test('who has a version are the sessions that run and were given it, at their start or by a search', async () => {
  await store('acme', 's1', true, ['2']);
  await store('acme', 's2', true, ['1']);
  await store('acme', 's3', true, [], ['2', '1']);
  await store('acme', 's4', false, ['2']);
  await store('globex', 's5', true, ['1', '2']);
  await store('globex', 's6', true, ['2']);
  assert.deepEqual(await sample.holders('search', '2'), {
    holders: [
      { tenant: 'acme', agent: 'desk', sessions: 2 },
      { tenant: 'globex', agent: 'desk', sessions: 1 },
    ],
    truncated: false,
  });
  assert.deepEqual(await sample.holders('search', '3'), { holders: [], truncated: false });
});

test('a sample is the newest sessions of the tenants that are named', async () => {
  const of = async (tenants: readonly string[], limit: number) =>
    (await sample.newest(tenants, limit)).map(({ sessionId }) => sessionId);
  assert.deepEqual(await of(['acme', 'globex'], 3), ['s6', 's5', 's4']);
  assert.deepEqual(await of(['acme', 'nobody'], 2), ['s4', 's3']);
  assert.deepEqual(await of([], 2), []);
});
