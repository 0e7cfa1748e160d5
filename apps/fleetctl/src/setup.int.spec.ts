import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ensureTopics, withAdmin } from '@toolfleet/platform/kafka';
import { kafkaForTests, type TestKafka } from '@toolfleet/testkit';
import { setUpTopics } from './setup.js';

let kafka: TestKafka;

before(async () => {
  kafka = await kafkaForTests();
});

after(() => kafka.stop());

test('setting up topics creates all of the table once, and a second time changes nothing', async () => {
  const settings = { topicPrefix: `${kafka.prefix}-a`, partitions: 2, toolClasses: ['read', 'slow'] };
  const first = await setUpTopics(kafka.brokers, settings);
  assert.deepEqual(first.kept, []);
  assert.ok(first.created.includes(`${settings.topicPrefix}.session.inbox.v1`));
  assert.ok(first.created.includes(`${settings.topicPrefix}.toolcall.slow.v1`));
  assert.deepEqual((await setUpTopics(kafka.brokers, settings)).created, []);
  const found = await withAdmin({ brokers: kafka.brokers, clientId: 'spec' }, (admin) => admin.topics());
  assert.deepEqual(
    found.filter((name) => name.startsWith(settings.topicPrefix)).toSorted(),
    first.created.toSorted((a, b) => (a < b ? -1 : 1)),
  );
});

test('a topic of requests that belongs to a tenant is made as the public one is', async () => {
  const topicPrefix = `${kafka.prefix}-c`;
  const tenantRequestTopics = new Map([[`${topicPrefix}.of-acme`, 'acme']]);
  const { created } = await setUpTopics(kafka.brokers, {
    ...{ topicPrefix, partitions: 2, toolClasses: ['read'] },
    tenantRequestTopics,
  });
  assert.ok(created.includes(`${topicPrefix}.of-acme`));
});

test('a topic of requests that is there already keeps the time of the broker from then on, and its own settings', async () => {
  const topicPrefix = `${kafka.prefix}-d`;
  const topic = `${topicPrefix}.session.requests.v1`;
  const connection = { brokers: kafka.brokers, clientId: 'spec' };
  await ensureTopics(connection, [{ name: topic, partitions: 2, config: { 'retention.ms': '86400001' } }]);
  await setUpTopics(kafka.brokers, { topicPrefix, partitions: 2, toolClasses: ['read'] });
  await withAdmin(connection, async (admin) => {
    const asItIs = { 'message.timestamp.type': 'LogAppendTime', 'retention.ms': '86400001' };
    assert.equal(await admin.ensureConfig(topic, asItIs), false);
  });
});

test('another number of partitions than the settings say is refused, with the number that is there', async () => {
  const settings = { topicPrefix: `${kafka.prefix}-b`, partitions: 2, toolClasses: ['read'] };
  await setUpTopics(kafka.brokers, settings);
  await assert.rejects(setUpTopics(kafka.brokers, { ...settings, partitions: 3 }), {
    reason: 'PARTITIONS_DIFFER',
    hint: /TOOLFLEET_PARTITIONS=2/,
  });
});
