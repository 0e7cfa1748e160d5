import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { isFault } from '@toolfleet/kernel';
import { databaseForTests, heapKeptBy } from '@toolfleet/testkit';
import { Database } from './pool.js';

const server = await databaseForTests();
const database = new Database({ url: server.url, applicationName: 'pool-spec', connectionsMax: 1 });
const echo = { name: 'pool_spec_echo', text: 'select $1::text as said' };
const kept = await heapKeptBy(() => database.query(echo, ['x'.repeat(1_000)]));

after(async () => {
  await database.close();
  await server.stop();
});

test('a statement leaves nothing to a whole collection', () => {
  // 60 to 100 here, 2,300 with pg's own timeout of queries.
  assert.ok(kept < 500, `${kept.toFixed(0)} bytes for each statement`);
});

test('a statement that fails takes its connection along, and the next one finds another', async () => {
  const failing = database.query({ name: '', text: 'select 1 / $1::int' }, [0]);
  await assert.rejects(failing, (error) => isFault(error) && error.reason === 'DATABASE_REFUSED');
  assert.deepEqual(await database.query({ name: '', text: 'select 1 as one' }, []), [{ one: 1 }]);
  assert.deepEqual(database.stats, { connections: 1, idle: 1, waiting: 0 });
});
