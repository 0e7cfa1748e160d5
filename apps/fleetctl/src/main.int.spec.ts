/** The program as a shell sees it: standard output, standard error, exit code. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { databaseForTests, kafkaForTests } from '@toolfleet/testkit';
import { runFleetctl } from './fleetctl.fixture.js';

const fleetctl = (...words: string[]) => runFleetctl(words);
const fleetctlWith = (env: Readonly<Record<string, string>>, ...words: string[]) => runFleetctl(words, { env });

test('help succeeds and goes to standard output', async () => {
  const { code, stdout, stderr } = await fleetctl('--help');
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /^Usage: fleetctl/);
});

test('wrong usage exits with 2 and says what is wrong', async () => {
  for (const words of [['nonsense'], ['up', '--port', 'eighty'], ['up', '--no-such-flag']]) {
    const { code, stdout, stderr } = await fleetctl(...words);
    assert.deepEqual([code, stdout], [2, ''], words.join(' '));
    assert.match(stderr, /^error: .+/);
  }
});

test('a failure is one line on standard error, and an object with --json', async () => {
  const plain = await fleetctl('up', '--catalog', '/nonexistent');
  assert.deepEqual([plain.code, plain.stdout], [4, '']);
  assert.match(plain.stderr, /^error .+ \([A-Z_]+\)\nhint  .+\n$/);
  const json = await fleetctl('up', '--catalog', '/nonexistent', '--json');
  assert.equal(json.code, 4);
  assert.equal((JSON.parse(json.stderr) as { error: { kind: string } }).error.kind, 'missing');
});

test('setup makes topics and tables once, and a second time finds them', async () => {
  const [kafka, database] = await Promise.all([kafkaForTests(), databaseForTests()]);
  try {
    const env = {
      TOOLFLEET_KAFKA_BROKERS: kafka.brokers.join(),
      TOOLFLEET_DATABASE_URL: database.url,
      TOOLFLEET_TOPIC_PREFIX: kafka.prefix,
      TOOLFLEET_PARTITIONS: '2',
    };
    const first = await fleetctlWith(env, 'setup', '--json');
    assert.deepEqual([first.code, first.stderr], [0, '']);
    const made = JSON.parse(first.stdout) as { topics: { created: string[] }; database: { applied: string[] } };
    assert.ok(made.topics.created.length > 10 && made.database.applied.length > 0);
    const second = await fleetctlWith(env, 'setup');
    assert.match(second.stdout, /^Topics: 0 created, \d+ were there\.\nMigrations: 0 applied\n$/);
  } finally {
    await Promise.all([kafka.stop(), database.stop()]);
  }
});

test('a setup without its settings names every one that is missing', async () => {
  const { code, stderr } = await fleetctlWith({ TOOLFLEET_KAFKA_BROKERS: '', TOOLFLEET_DATABASE_URL: '' }, 'setup');
  assert.equal(code, 2);
  assert.match(stderr, /TOOLFLEET_KAFKA_BROKERS is required\n {2}TOOLFLEET_DATABASE_URL is required/);
});
