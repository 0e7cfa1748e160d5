/** What the shop promises its callers beside the recorded results: copies, keys, limits, problems, faults on order. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { databaseForTests, type TestDatabase } from '@toolfleet/testkit';
import { request } from 'undici';
import { packageDirectory } from '../data.js';
import { ShopClient } from './client.js';
import type { Order } from './records.js';
import { startShop, type Shop } from './start.js';

let database: TestDatabase;
let shop: Shop;
let client: ShopClient;

const pending = '#W4776164';
const cancel = { order_id: pending, reason: 'ordered by mistake' };

before(async () => {
  database = await databaseForTests();
  shop = await startShop({ databaseUrl: database.url, faults: true });
  client = new ShopClient(shop.url);
});

after(async () => {
  await shop.close();
  await database.stop();
});

async function statusIn(copy: string): Promise<string> {
  const reply = await client.call('get_order_details', { order_id: pending }, { copy });
  return (JSON.parse(reply.text) as Order).status;
}

interface Answered {
  readonly status: number;
  readonly json: { readonly error?: string; readonly message?: string };
}

async function post(path: string, body: string, headers: Record<string, string> = {}): Promise<Answered> {
  const response = await request(`${shop.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  return { status: response.statusCode, json: (await response.body.json()) as Answered['json'] };
}

test('a write in one copy is seen in no other', async () => {
  await client.call('cancel_pending_order', cancel, { copy: 'mine' });
  assert.equal(await statusIn('mine'), 'cancelled');
  assert.equal(await statusIn('yours'), 'pending');
  assert.deepEqual(await client.changes('yours'), []);
});

test('a customer who moved is found by the new zip code in that copy alone', async () => {
  const address = { address1: '1 New St', address2: '', city: 'Austin', state: 'TX', country: 'USA', zip: '99999' };
  const call = { copy: 'moved' };
  await client.call('modify_user_address', { user_id: 'noah_brown_6181', ...address }, call);
  const name = { first_name: 'noah', last_name: 'BROWN' };
  const byNewZip = { ...name, zip: '99999' };
  assert.equal((await client.call('find_user_id_by_name_zip', byNewZip, call)).text, 'noah_brown_6181');
  assert.equal((await client.call('find_user_id_by_name_zip', { ...name, zip: '80279' }, call)).status, 404);
  assert.equal((await client.call('find_user_id_by_name_zip', byNewZip, { copy: 'other' })).status, 404);
});

test('repeats of one key at the same moment run once and all get the same answer', async () => {
  const call = { copy: 'at-once', idempotencyKey: 'k1' };
  const replies = await Promise.all(
    Array.from({ length: 20 }, () => client.call('cancel_pending_order', cancel, call)),
  );
  assert.equal(new Set(replies.map((reply) => `${reply.status} ${reply.text}`)).size, 1);
  assert.equal(replies[0]?.status, 200);
  assert.equal(replies.filter((reply) => reply.replayed).length, 19);
  assert.deepEqual(await client.effects('at-once'), { executions: 1, duplicates: 0, replays: 19 });
});

test('writes to one order at the same moment run one after another', async () => {
  const calls = Array.from({ length: 10 }, (_, index) =>
    client.call('cancel_pending_order', cancel, { copy: 'race', idempotencyKey: `k${index}` }),
  );
  const statuses = (await Promise.all(calls)).map((reply) => reply.status);
  assert.deepEqual(statuses.toSorted(), [200, ...Array.from({ length: 9 }, () => 409)]);
});

test('a write that runs again under another key, or none, counts as a duplicate', async () => {
  await client.call('transfer_to_human_agents', { summary: 'help' }, { copy: 'twice', idempotencyKey: 'a' });
  await client.call('transfer_to_human_agents', { summary: 'help' }, { copy: 'twice', idempotencyKey: 'b' });
  await client.call('transfer_to_human_agents', { summary: 'help' }, { copy: 'twice' });
  assert.deepEqual(await client.effects('twice'), { executions: 3, duplicates: 2, replays: 0 });
});

test('a refusal is stored for its key like any answer', async () => {
  const call = { copy: 'refused', idempotencyKey: 'k' };
  const wrong = { ...cancel, reason: 'too expensive' };
  const first = await client.call('cancel_pending_order', wrong, call);
  const second = await client.call('cancel_pending_order', wrong, call);
  assert.equal(first.status, 400);
  assert.deepEqual({ ...second, replayed: false }, first);
  assert.ok(second.replayed);
  assert.deepEqual(await client.changes('refused'), []);
});

test('a key used with another request is refused', async () => {
  const call = { copy: 'reused', idempotencyKey: 'k' };
  await client.call('cancel_pending_order', cancel, call);
  const reply = await client.call('cancel_pending_order', { ...cancel, reason: 'no longer needed' }, call);
  assert.equal(reply.status, 422);
  assert.equal((JSON.parse(reply.text) as Answered['json']).error, 'IDEMPOTENCY_KEY_REUSED');
});

test('bad requests are told what is wrong with them', async () => {
  const copy = { 'x-shop-copy': 'bad' };
  const path = `/orders/${encodeURIComponent(pending)}/cancellation`;
  const reasons = [
    [await post(path, '{"reason":"no longer needed"}'), 400, 'COPY_REQUIRED'],
    [await post(path, '{"reason":', copy), 400, 'BODY_INVALID'],
    [await post(path, '[]', copy), 400, 'BODY_INVALID'],
    [await post(path, '{}', copy), 400, 'ARGUMENT_MISSING'],
    [await post(path, '{"reason":1}', copy), 400, 'ARGUMENT_INVALID'],
    [await post(path, '{"reason":"a\\u0000b"}', copy), 400, 'ARGUMENT_INVALID'],
    [await post(path, '{"reason":"no longer needed","force":"1"}', copy), 400, 'ARGUMENT_UNKNOWN'],
    [await post(path, '{"reason":"no longer needed","order_id":"#W1"}', copy), 400, 'ARGUMENT_INVALID'],
    [await post(path, JSON.stringify({ reason: 'x'.repeat(100_000) }), copy), 413, 'BODY_TOO_LARGE'],
    [await post(path, '{"reason":"no longer needed"}', { 'x-shop-copy': 'a b' }), 400, 'HEADER_INVALID'],
    [await post('/orders/1', '{}', copy), 405, 'METHOD_NOT_ALLOWED'],
    [await post('/nowhere', '{}', copy), 404, 'PATH_NOT_FOUND'],
  ] as const;
  for (const [answered, status, error] of reasons) {
    assert.deepEqual([answered.status, answered.json.error], [status, error], JSON.stringify(answered));
  }
  assert.deepEqual(await client.changes('bad'), []);
});

test('a write whose answer is lost is found done by its repeat', async () => {
  await post('/faults', '{"operation":"cancel_pending_order","effect":"lose"}');
  const call = { copy: 'lost', idempotencyKey: 'k' };
  await assert.rejects(client.call('cancel_pending_order', cancel, call));
  const again = await client.call('cancel_pending_order', cancel, call);
  assert.equal(again.status, 200);
  assert.ok(again.replayed);
  assert.equal((await client.effects('lost')).executions, 1);
});

test('each fault spoils as many requests as it was made for', async () => {
  const read = () => client.call('get_order_details', { order_id: pending }, { copy: 'faulty' });
  await post('/faults', '{"operation":"get_order_details","effect":"error","times":2}');
  assert.deepEqual([(await read()).status, (await read()).status, (await read()).status], [500, 500, 200]);
  await post('/faults', '{"effect":"huge"}');
  assert.equal((await read()).text.length, 10 * 1024 * 1024);
  await post('/faults', '{"effect":"hang","ms":50}');
  await assert.rejects(read());
  await post('/faults', '{"effect":"latency","ms":60}');
  const startedMs = performance.now();
  assert.equal((await read()).status, 200);
  assert.ok(performance.now() - startedMs >= 55);
  assert.equal((await post('/faults', '{"effect":"explode"}')).status, 400);
});

test('faults cannot be injected into a shop that was not started for it', async () => {
  const plain = await startShop({ databaseUrl: database.url });
  try {
    const response = await request(`${plain.url}/faults`, { method: 'POST', body: '{"effect":"error"}' });
    await response.body.dump();
    assert.equal(response.statusCode, 404);
  } finally {
    await plain.close();
  }
});

test('the OpenAPI document that is served is the committed one, and the shop says that it is well', async () => {
  const served = await request(`${shop.url}/openapi.json`);
  const committed = await readFile(new URL('openapi.json', packageDirectory), 'utf8');
  assert.deepEqual(await served.body.json(), JSON.parse(committed));
  const health = await request(`${shop.url}/healthz`);
  assert.deepEqual(await health.body.json(), { status: 'ok' });
});
