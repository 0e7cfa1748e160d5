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

test('a claim that nothing observed is told in the model’s words, with what is done about it', () => {
  const quote = 'I called cancel_order\u001B[2J.';
  const flags = [
    { kind: 'CLAIM_KIND_CLAIM_WITHOUT_OBSERVATION', tool: 'cancel_order', quote },
    { kind: 'CLAIM_KIND_UNKNOWN_REFERENCE', quote: 'Order #W9.' },
    { kind: 'CLAIM_KIND_RESULT_IN_TEXT', quote: '<tool_call>' },
    { kind: 'CLAIM_KIND_OF_A_NEWER_RELEASE', quote: '?' },
  ];
  const line = describeEvent({ seq: '7', atMs: '0', claimsFlagged: { flags, askedAgain: true } }, false);
  assert.match(line, /7 flagged claims a call of cancel_order that was never made: "I called cancel_order \[2J\."; /);
  assert.match(line, /names an id that nothing told: "Order #W9\."; writes a call or result of a tool as text: /);
  assert.match(line, /claims what was not observed: "\?"; asked again$/);
});

test('a session shows what its answer claims without an observation', () => {
  const flags = [{ kind: 'CLAIM_KIND_CLAIM_WITHOUT_OBSERVATION', tool: 'cancel_order', quote: 'I called it.' }];
  const text = describeSession({ ...active, answer: 'I called it.', flags }, false);
  assert.match(
    text,
    /\n {2}flagged: claims a call of cancel_order that was never made: "I called it\."\nI called it\.$/,
  );
});
