/** Two processes of all roles, which hand records over within themselves, and what is left of that when one of them dies. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { FleetUnderTest } from '../fleet-under-test.js';

const sessionsPerKill = 20;

let fleet: FleetUnderTest;

before(async () => {
  const get = { name: 'get_note', arguments: { id: 'shared' } };
  const put = { name: 'put_note', arguments: { id: 'shared', text: 'kept' } };
  fleet = await FleetUnderTest.start({
    layout: 2,
    conversations: {
      'put, then read twice': [
        { toolCalls: [put], delayMs: 50 },
        { toolCalls: [get, get], delayMs: 50 },
        { text: 'done', delayMs: 50 },
      ],
    },
  });
});
after(() => fleet?.close());

test('whichever process dies over sessions, each of them ends well, and each write happened once', async () => {
  const sessions: string[] = [];
  for (const name of ['services-2', 'services-1']) {
    await fleet.fleet.untilReady({ withinMs: 30_000 });
    for (let index = 0; index < sessionsPerKill; index++) sessions.push(await fleet.start('put, then read twice'));
    await fleet.fleet.kill(name);
  }
  const outcomes = await Promise.all(sessions.map((sessionId) => fleet.outcomeOf(sessionId)));
  assert.deepEqual(
    outcomes.map(({ status, calls }) => `${status} ${calls.map(({ outcome }) => outcome).join(' ')}`),
    sessions.map(() => 'completed ok ok ok'),
  );
  assert.equal(fleet.notes.executions.size, sessions.length);
  assert.deepEqual(fleet.deadLetters, []);
});
