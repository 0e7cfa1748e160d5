/** Bytes that are no message, on every topic: each is set aside with its reason, and the partition goes on. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '@toolfleet/testkit';
import { FleetUnderTest } from '../fleet-under-test.js';

const topics = [
  'session.requests',
  'session.admission',
  'session.routing',
  'session.inbox',
  'toolcall.read',
  'toolcall.write',
  'toolcall.review',
  'toolcall.find',
] as const;

const garbage = [Buffer.from('{"tenant": "acme", "user'), Buffer.from([0xff, 0xff, 0xff, 0xff, 0x01]), Buffer.alloc(0)];

let fleet: FleetUnderTest;

before(async () => {
  const conversations = {
    hello: [{ toolCalls: [{ name: 'put_note', arguments: { id: 'h', text: 'i' } }] }, { text: 'hi' }],
  };
  fleet = await FleetUnderTest.start({ conversations });
});
after(() => fleet?.close());

test('a record that cannot be read goes to the dead letters with its reason, bytes and place', async () => {
  for (const topic of topics) {
    for (let partition = 0; partition < 8; partition++) {
      await Promise.all(garbage.map((bytes) => fleet.send(topic, bytes, { partition })));
    }
  }
  const expected = topics.length * 8 * garbage.length;
  await eventually(() => fleet.deadLetters.length >= expected, { withinMs: 30_000 });
  for (const { headers, value } of fleet.deadLetters) {
    assert.ok(
      garbage.some((bytes) => bytes.equals(value)),
      `${headers['__dlq.errors.topic']}: ${value.toString('hex')}`,
    );
    assert.equal(headers['fleet-error-kind'], 'invalid');
    assert.match(headers['fleet-error-reason'] ?? '', /^[A-Z_]+$/);
    assert.match(headers['__dlq.errors.topic'] ?? '', new RegExp(`^${fleet.names.prefix}\\.`));
    assert.match(headers['__dlq.errors.offset'] ?? '', /^\d+$/);
  }
});

test('every partition goes on after them', async () => {
  const ids = await Promise.all(
    Array.from({ length: 24 }, (_, at) => fleet.start('hello', { requestId: `after-${at}` })),
  );
  for (const id of ids) assert.equal((await fleet.outcomeOf(id)).status, 'completed');
});
