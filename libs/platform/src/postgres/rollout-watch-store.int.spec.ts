import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { databaseForTests, type TestDatabase } from '@toolfleet/testkit';
import { Client } from 'pg';
import { migrate } from './migrate.js';
import { Database } from './pool.js';
import { PostgresRolloutWatchStore } from './rollout-watch-store.js';

let server: TestDatabase;
let database: Database;
let store: PostgresRolloutWatchStore;
const noon = Date.UTC(2026, 10, 27, 12);
const dayMs = 86_400_000;
const rollout = { name: 'search-2', digest: 'd1', tool: 'search' };

before(async () => {
  server = await databaseForTests();
  await migrate(server.url);
  database = new Database({ url: server.url, applicationName: 'spec' });
  store = new PostgresRolloutWatchStore(database);
});
after(async () => {
  await database?.close();
  await server?.stop();
});

/** As the audit adds it up. */
async function count(tenant: string, version: string, day: string, ...figures: readonly number[]): Promise<void> {
  const [calls, failures, runs, latencyMs] = figures;
  const client = new Client({ connectionString: server.url });
  await client.connect();
  const row = `insert into tool_usage as t (tenant, tool, version, agent, day, calls, writes, failures, last_at_ms, runs, latency_ms)
    values ($1, 'search', $2, 'a', $3::date, $4, 0, $5, 0, $6, $7) on conflict (tenant, tool, version, agent, day) do update
    set calls = t.calls + $4, failures = t.failures + $5, runs = t.runs + $6, latency_ms = t.latency_ms + $7`;
  const values = [tenant, version, day, calls, failures, runs, latencyMs];
  await client.query(row, values).finally(() => client.end());
}
const of = (calls: number, failures: number, runs: number, latencyMs: number) => ({ calls, failures, runs, latencyMs });

test('a rollout is begun by whoever looks first, with what was counted of its day before', async () => {
  await count('acme', '2', '2026-11-26', 900, 900, 900, 900);
  await count('acme', '2', '2026-11-27', 10, 5, 10, 100);
  const first = { 2: of(10, 5, 10, 100) };
  assert.deepEqual(await store.look(rollout, noon), { sinceMs: noon, before: first, now: first, takenBack: undefined });
  await count('globex', '2', '2026-11-27', 1, 0, 1, 7);
  await count('acme', '2', '2026-11-28', 2, 1, 2, 20);
  await count('acme', '1', '2026-11-28', 3, 0, 3, 30);
  const now = { 1: of(3, 0, 3, 30), 2: of(13, 6, 13, 127) };
  assert.deepEqual(await store.look(rollout, noon + dayMs), {
    sinceMs: noon,
    before: first,
    now,
    takenBack: undefined,
  });
  const looks = await Promise.all(Array.from({ length: 8 }, () => store.look({ ...rollout, name: 'race' }, noon)));
  assert.ok(looks.some((look) => look !== undefined));
  assert.ok((await store.look({ ...rollout, name: 'race' }, noon + 1))?.sinceMs === noon);
});

test('a verdict is given once and for good, for its manifest alone', async () => {
  await store.look(rollout, noon);
  const says = await Promise.all(
    ['errors', 'latency'].map((why) => store.takeBack(rollout, why as 'errors', noon + 5)),
  );
  assert.deepEqual(says.toSorted(), [false, true]);
  assert.equal((await store.look(rollout, noon + 10))?.takenBack?.atMs, noon + 5);
  assert.equal((await store.look({ ...rollout, digest: 'd2' }, noon + 10))?.takenBack, undefined);
});

test('what began long ago is forgotten, but for what is still there', async () => {
  await store.look({ ...rollout, name: 'old' }, noon);
  await store.forget(['search-2'], noon + 1);
  assert.equal((await store.look(rollout, noon + 10))?.sinceMs, noon);
  assert.equal((await store.look({ ...rollout, name: 'old' }, noon + 10))?.sinceMs, noon + 10);
});
