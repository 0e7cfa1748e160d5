import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { encodeSessionOutcome, TopicNames, type SessionOutcome } from '@toolfleet/contracts';
import { BusProducer, ensureTopics, readBroadcast } from '@toolfleet/platform/kafka';
import { eventually, kafkaForTests, type TestKafka } from '@toolfleet/testkit';
import type { DemoRequest } from './fleet.js';
import { KafkaBus } from './kafka-bus.js';

let kafka: TestKafka;
let bus: KafkaBus;
let names: TopicNames;
const logged: string[] = [];

before(async () => {
  kafka = await kafkaForTests();
  names = new TopicNames(kafka.prefix);
  const topics = [names.of('session.requests'), names.of('session.outcomes')];
  await ensureTopics(
    connection(),
    topics.map((name) => ({ name, partitions: 2 })),
  );
  bus = new KafkaBus({
    brokers: kafka.brokers,
    prefix: kafka.prefix,
    authorization: async (tenant) => `Bearer of ${tenant}`,
    log: (text) => logged.push(text),
  });
});

after(async () => {
  await bus.close();
  await kafka.stop();
});

const connection = () => ({ brokers: kafka.brokers, clientId: 'retail-spec', log: () => undefined });

test('a request is one JSON line on the public topic, with the token of its tenant', async () => {
  const seen: unknown[] = [];
  const topic = names.of('session.requests');
  const reader = readBroadcast({
    ...{ connection: connection(), topic },
    onRecord: ({ key, value, headers }) => seen.push([key, JSON.parse(value.toString()), headers['authorization']]),
  });
  await reader.caughtUp;
  const request: DemoRequest = { tenant: 'acme', user: 'u', requestId: 'r1', agent: 'retail', input: 'Task 1.' };
  await bus.publish(request);
  await eventually(() => seen.length > 0, { withinMs: 15_000 });
  await reader.close();
  assert.deepEqual(seen, [['r1', request, 'Bearer of acme']]);
});

test('outcomes published from now on are heard, and one that cannot be read stops nothing', async () => {
  const heard: SessionOutcome[] = [];
  await bus.listen((outcome) => heard.push(outcome));
  const outcome: SessionOutcome = {
    ...{ tenant: 'acme', sessionId: 's1', requestId: 'r1', user: 'u', agent: 'retail', status: 'completed' },
    ...{ answer: 'Done.', refusal: undefined, usage: { inputTokens: 1, outputTokens: 2 }, turns: 2 },
    calls: [{ callId: 's1:1:0', tool: 'get_order_details', effect: 'read', outcome: 'ok' }],
    ...{ startedAtMs: 1, finishedAtMs: 2, labels: {}, run: 1 },
  };
  const producer = new BusProducer({ connection: connection() });
  const topic = names.of('session.outcomes');
  await producer.send({ topic, partition: 0, key: 's0', value: Buffer.from([0xff, 0xff, 0xff]) });
  await producer.send({ topic, partition: 0, key: 's1', value: encodeSessionOutcome(outcome) });
  await eventually(() => heard.length > 0, { withinMs: 15_000 });
  await producer.disconnect();
  assert.deepEqual(heard, [outcome]);
  assert.ok(logged.some((text) => text.startsWith('an outcome cannot be read')));
});
