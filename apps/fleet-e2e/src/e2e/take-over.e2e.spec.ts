/** Processes that hand records over within themselves and to each other, and what is left of that when one of them dies. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { FleetUnderTest } from '../fleet-under-test.js';

const sessionsPerKill = 20;

const get = { name: 'get_note', arguments: { id: 'shared' } };
const put = { name: 'put_note', arguments: { id: 'shared', text: 'kept' } };
const conversations = {
  'put, then read twice': [
    { toolCalls: [put], delayMs: 50 },
    { toolCalls: [get, get], delayMs: 50 },
    { text: 'done', delayMs: 50 },
  ],
};

for (const { layout, processes } of [
  { layout: 'default', processes: ['executors', 'services'] },
  { layout: 2, processes: ['services-2', 'services-1'] },
] as const) {
  describe(`of the processes ${processes.join(' and ')}`, () => {
    let fleet: FleetUnderTest;

    before(async () => {
      fleet = await FleetUnderTest.start({ layout, conversations });
    });
    after(() => fleet?.close());

    test('whichever dies over sessions, each of them ends well, and each write happened once', async () => {
      const sessions: string[] = [];
      for (const name of processes) {
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
  });
}
