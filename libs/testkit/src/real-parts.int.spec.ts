import assert from 'node:assert/strict';
import { access } from 'node:fs/promises';
import { connect } from 'node:net';
import { test } from 'node:test';
import { Client } from 'pg';
import { databaseForTests, kafkaForTests } from './real-parts.js';

test('each caller gets an empty database of its own, on a shared server too', async () => {
  const first = await databaseForTests();
  try {
    process.env['TOOLFLEET_TEST_DATABASE_URL'] = first.url;
    const second = await databaseForTests();
    delete process.env['TOOLFLEET_TEST_DATABASE_URL'];
    assert.notEqual(second.url, first.url);
    assert.equal(second.own, undefined);
    const client = new Client({ connectionString: second.url });
    await client.connect();
    await client.query('CREATE TABLE mine (n int)');
    await client.end();
    await second.stop();
    const gone = new Client({ connectionString: second.url });
    await assert.rejects(gone.connect(), { code: '3D000' });
  } finally {
    delete process.env['TOOLFLEET_TEST_DATABASE_URL'];
    await first.stop();
  }
});

test('a broker of the file itself is stopped and its folder removed', async () => {
  const kafka = await kafkaForTests({ own: true });
  const directory = kafka.own?.directory as string;
  const port = Number(kafka.brokers[0]?.split(':')[1]);
  await access(directory);
  await kafka.stop();
  await assert.rejects(access(directory), { code: 'ENOENT' });
  const refused = new Promise((resolve, reject) =>
    connect(port, '127.0.0.1', () => resolve('open')).once('error', reject),
  );
  await assert.rejects(refused, { code: 'ECONNREFUSED' });
});

test('a shared broker is handed out with a prefix of its own', async () => {
  process.env['TOOLFLEET_TEST_KAFKA'] = '127.0.0.1:1,127.0.0.1:2';
  try {
    const [one, two] = await Promise.all([kafkaForTests(), kafkaForTests()]);
    assert.deepEqual(one.brokers, ['127.0.0.1:1', '127.0.0.1:2']);
    assert.notEqual(one.prefix, two.prefix);
  } finally {
    delete process.env['TOOLFLEET_TEST_KAFKA'];
  }
});
