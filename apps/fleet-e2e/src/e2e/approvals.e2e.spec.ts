/** Calls that wait for people, with each service in a process of its own, and decisions by the public topics. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ApprovalNotice } from '@toolfleet/contracts';
import { decodeApprovalNotice } from '@toolfleet/contracts';
import { eventually } from '@toolfleet/testkit';
import { FleetUnderTest } from '../fleet-under-test.js';

const within = { withinMs: 60_000 };
const wipe = { name: 'wipe_notes', arguments: {} };
const get = { name: 'get_note', arguments: { id: 'here' } };
const conversations = {
  'wipe over restarts': [{ toolCalls: [wipe] }, { text: 'wiped' }],
  'wipe by topic': [{ toolCalls: [wipe] }, { text: 'wiped' }],
  'refuse by topic': [{ toolCalls: [wipe] }, { text: 'left alone' }],
  'look, then wipe twice': [
    { toolCalls: [{ name: 'put_note', arguments: { id: 'here', text: 'a note' } }] },
    { toolCalls: [get, wipe, wipe, get] },
    { text: 'once is enough' },
  ],
};

let fleet: FleetUnderTest;
const notices: ApprovalNotice[] = [];

before(async () => {
  fleet = await FleetUnderTest.start({ conversations, layout: 'split' });
  await fleet.listen('approval.requests', ({ value }) => notices.push(decodeApprovalNotice(value)));
});
after(() => fleet?.close());

/** As an inbox learns of it. */
const asked = (sessionId: string, place = '1:0') =>
  eventually(() => notices.find(({ approval }) => approval?.callId === `${sessionId}:${place}`)?.approval, within);
const decide = async (callId: string, approve: boolean, { user = 'boss', comment = '' } = {}) => {
  const headers = { authorization: await fleet.authorization('acme', { user }) };
  await fleet.send('approval.decisions', JSON.stringify({ callId, approve, comment }), { headers });
};
const refusalOf = (callId: string) =>
  eventually(() => notices.find(({ refusedDecision }) => refusedDecision?.callId === callId)?.refusal?.reason, within);

test('a question outlasts the death of every service, and one approval runs the call once', async () => {
  const wiped = fleet.notes.wiped();
  const sessionId = await fleet.start('wipe over restarts');
  const approval = await asked(sessionId);
  for (const name of ['policy', 'orchestrator', 'executor-write', 'router', 'gateway']) await fleet.fleet.kill(name);
  await fleet.fleet.untilReady({ withinMs: 60_000 });
  assert.equal(fleet.outcomes.has(sessionId), false, 'it still waits');
  await decide(approval.callId, true);
  const { answer, calls } = await fleet.outcomeOf(sessionId);
  assert.deepEqual([answer, calls.map(({ outcome }) => outcome)], ['wiped', ['ok']]);
  assert.equal(fleet.notes.wiped(), wiped + 1);
});

test('a decision of the public topic counts like any other, and what is not taken is told with its reason', async () => {
  const wiped = fleet.notes.wiped();
  const sessionId = await fleet.start('wipe by topic');
  const { callId, text } = await asked(sessionId);
  assert.match(text, /^wipe_notes: write of high risk, for u1 of acme by the agent tester\n/);
  await decide(callId, true, { user: 'U1' });
  assert.equal(await refusalOf(callId), 'APPROVER_IS_REQUESTER');
  assert.equal(fleet.notes.wiped(), wiped);
  await decide(callId, true);
  assert.equal((await fleet.outcomeOf(sessionId)).answer, 'wiped');
  assert.equal(fleet.notes.wiped(), wiped + 1);
  const settled = await eventually(() => notices.find((one) => one.approval?.state === 'approved'), within);
  assert.deepEqual(settled.approval?.approvedBy, ['boss']);
});

test('the model reads who refused a call and why, and a record that nobody can read is a dead letter', async () => {
  const sessionId = await fleet.start('refuse by topic');
  const { callId } = await asked(sessionId);
  await fleet.send('approval.decisions', 'no decision at all');
  await decide(callId, false, { comment: 'Not on a Friday.' });
  const [observation] = await fleet.observationsOf(sessionId);
  assert.deepEqual(
    [observation?.outcome, observation?.refusal?.reason, observation?.refusal?.details],
    ['denied', 'APPROVAL_REFUSED', { rule: 'wiping-needs-a-person', decidedBy: 'boss', comment: 'Not on a Friday.' }],
  );
  await eventually(() => fleet.deadLetters.length === 1, within);
});

test('what a turn asks for beside a call that waits keeps its place: reads before it run, what follows waits', async () => {
  const wiped = fleet.notes.wiped();
  const sessionId = await fleet.start('look, then wipe twice');
  const { callId } = await asked(sessionId, '2:1');
  const settled = () => fleet.transcript(sessionId).filter((line) => line.endsWith('toolCallSettled ok')).length;
  await eventually(() => settled() === 2, within);
  assert.equal(
    notices.some(({ approval }) => approval?.callId === `${sessionId}:2:2`),
    false,
  );
  await decide(callId, true);
  await decide((await asked(sessionId, '2:2')).callId, false);
  const { calls } = await fleet.outcomeOf(sessionId);
  assert.deepEqual(
    calls.map(({ outcome }) => outcome),
    ['ok', 'ok', 'ok', 'denied', 'ok'],
  );
  assert.equal(fleet.notes.wiped(), wiped + 1);
});
