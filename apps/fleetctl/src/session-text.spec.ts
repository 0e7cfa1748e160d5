import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeEvent, describeSession, sessionTable } from './session-text.js';

const session = { tenant: 'acme', sessionId: 's1', status: 'SESSION_STATUS_WAITING', agent: 'shop', createdAtMs: '0' };
const waiting = { ...session, queuePosition: 3, priority: 'SESSION_PRIORITY_HIGH' };
const active = { ...session, sessionId: 's2', status: 'SESSION_STATUS_ACTIVE' };

test('a waiting session shows its place in the line, and the wait once it is known', () => {
  assert.match(describeSession(waiting, false), /\n {2}waits: #3, priority high$/);
  const known = { ...waiting, estimatedWaitMs: '11400' };
  assert.match(describeSession(known, false), /\n {2}waits: #3, about 12 s, priority high$/);
  assert.match(
    sessionTable([{ ...waiting, estimatedWaitMs: '600000' }, active], false),
    /waits\n.*#3, about 10 min\ns2 /,
  );
});

test('a list without waiting sessions has no column for them', () => {
  assert.ok(!sessionTable([active], false).includes('waits'));
  assert.ok(!describeSession(active, false).includes('waits'));
});

test('what a call did after its session gave it up is told as late', () => {
  const observation = { callId: 's1:2:0', outcome: 'OUTCOME_OK' };
  assert.match(describeEvent({ seq: '7', atMs: '0', toolCallEndedLate: { observation } }, false), /7 late 2:0 ok$/);
});
