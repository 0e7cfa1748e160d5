/** `fleetctl breakers` as a shell sees it, on a real Kafka. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TopicNames } from '@toolfleet/contracts';
import { Placement } from '@toolfleet/kernel';
import { Outlet } from '@toolfleet/platform/bus';
import { BusProducer, ensureTopics } from '@toolfleet/platform/kafka';
import { kafkaForTests, type TestKafka } from '@toolfleet/testkit';
import type { BreakerView } from './breakers.js';
import { runFleetctl } from './fleetctl.fixture.js';

let kafka: TestKafka;
let outlet: Outlet;
let producer: BusProducer;

before(async () => {
  kafka = await kafkaForTests();
  const connection = { brokers: kafka.brokers, clientId: 'breakers-spec' };
  const names = new TopicNames(kafka.prefix);
  const config = { 'cleanup.policy': 'compact' };
  await ensureTopics(
    connection,
    (['catalog', 'breaker'] as const).map((name) => ({ name: names.of(name), partitions: 1, config })),
  );
  producer = new BusProducer({ connection });
  outlet = new Outlet(producer, names, new Placement(1, 1));
  const breaker = { errorThresholdPercentage: 50, resetTimeoutMs: 2_000, volumeThreshold: 10 };
  for (const name of ['bank', 'shop']) {
    const spec = { name, baseUrl: 'http://127.0.0.1', credential: { headers: {} }, breaker };
    // oxlint-disable-next-line no-await-in-loop
    await outlet.catalogEntry({ kind: 'Upstream', spec }, '1');
  }
});
after(async () => {
  await producer?.disconnect();
  await kafka?.stop();
});

const breakers = (...words: string[]) =>
  runFleetctl(['breakers', ...words], {
    env: { TOOLFLEET_KAFKA_BROKERS: kafka.brokers.join(), TOOLFLEET_TOPIC_PREFIX: kafka.prefix },
  });

async function views(): Promise<BreakerView[]> {
  const { code, stdout, stderr } = await breakers('list', '--json');
  assert.deepEqual([code, stderr], [0, '']);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as BreakerView);
}
const states = async () => (await views()).map(({ upstream, state }) => `${upstream} ${state}`);

test('a breaker is forced with owner, reason and expiry, listed so, and cleared', async () => {
  const atMs = Date.now();
  const told = { type: 'state', upstream: 'bank', state: 'open', instance: 'pod-1', atMs } as const;
  await outlet.breaker({ ...told, expiresAtMs: atMs + 60_000 });
  assert.deepEqual(await states(), ['bank open', 'shop closed']);
  const word = ['--actor', 'ann', '--reason', 'maintenance'];
  const forced = await breakers('open', 'shop', ...word, '--for', '10m', '--json');
  assert.deepEqual([forced.code, forced.stderr], [0, '']);
  const closed = await breakers('close', 'bank', ...word, '--for', '90s');
  assert.match(closed.stdout, /^bank is forced closed until .+ by ann\.\n$/);
  const [bank, shop] = await views();
  assert.deepEqual([bank?.state, bank?.seen?.state, shop?.state], ['forcedClosed', 'open', 'forcedOpen']);
  const { owner, reason, atMs: saidAtMs = 0, expiresAtMs = 0 } = shop?.override ?? {};
  assert.deepEqual([owner, reason, expiresAtMs - saidAtMs], ['ann', 'maintenance', 600_000]);
  assert.equal((await breakers('clear', 'shop', ...word)).code, 0);
  assert.deepEqual(await states(), ['bank forcedClosed', 'shop closed']);
});

test('a word without reason, expiry or a known upstream is refused, and so is one for more than a day', async () => {
  const word = ['--actor', 'ann', '--reason', 'r'];
  for (const words of [
    ['open', 'shop', '--actor', 'ann', '--for', '1m'],
    ['open', 'shop', ...word],
    ['open', 'shop', ...word, '--for', '25h'],
    ['open', 'shop', ...word, '--for', 'ever'],
  ]) {
    // oxlint-disable-next-line no-await-in-loop
    assert.equal((await breakers(...words)).code, 2, words.join(' '));
  }
  const unknown = await breakers('open', 'shpo', ...word, '--for', '1m');
  assert.equal(unknown.code, 4);
  assert.match(unknown.stderr, /Known: bank, shop/);
});
