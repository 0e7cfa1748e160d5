/** What people do to a running session, over HTTP: approve, refuse, cancel, go on with it, watch it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '@toolfleet/testkit';
import { FleetUnderTest } from '../fleet-under-test.js';

const wipe = { toolCalls: [{ name: 'wipe_notes', arguments: {} }] };
const conversations = {
  'wipe after approval': [wipe, { text: 'wiped' }],
  'wipe after refusal': [wipe, { text: 'left alone' }],
  'hang until cancelled': [{ toolCalls: [{ name: 'hanging_read', arguments: {} }] }, { text: 'never said' }],
  // The replay model goes by the first user message of a conversation and counts the answers since.
  'first question': [
    { text: 'first answer' },
    { toolCalls: [{ name: 'put_note', arguments: { id: 's', text: 'two' } }] },
    { text: 'second answer' },
  ],
};

interface Approval {
  readonly callId: string;
  readonly sessionId: string;
  readonly tool: string;
}

let fleet: FleetUnderTest;

before(async () => {
  fleet = await FleetUnderTest.start({ conversations });
});
after(() => fleet?.close());

async function http<T>(
  method: string,
  path: string,
  body?: object,
  user = 'back-end',
): Promise<{ status: number; body: T }> {
  const authorization = await fleet.authorization('acme', { user });
  const response = await fetch(`${fleet.fleet.gatewayUrl}${path}`, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as T };
}

const approvalOf = (sessionId: string): Promise<Approval> =>
  eventually(
    async () => {
      const { body } = await http<{ approvals?: Approval[] }>('GET', '/v1/approvals?tenant=acme');
      return body.approvals?.find((approval) => approval.sessionId === sessionId);
    },
    { withinMs: 15_000 },
  );

const decide = (approval: Approval, approve: boolean, decidedBy: string) =>
  http('POST', `/v1/approvals/${encodeURIComponent(approval.callId)}/decision`, { tenant: 'acme', approve }, decidedBy);

test('a call under review runs once somebody else than its user approves it', async () => {
  const wiped = fleet.notes.wiped();
  const sessionId = await fleet.start('wipe after approval');
  const approval = await approvalOf(sessionId);
  assert.equal(approval.tool, 'wipe_notes');
  assert.equal((await decide(approval, true, 'u1')).status, 403);
  assert.equal(fleet.notes.wiped(), wiped);
  assert.equal((await decide(approval, true, 'boss')).status, 200);
  const outcome = await fleet.outcomeOf(sessionId);
  assert.deepEqual(
    outcome.calls.map(({ outcome: end }) => end),
    ['ok'],
  );
  assert.equal(fleet.notes.wiped(), wiped + 1);
});

test('a refused call is denied to the model, and nothing ran', async () => {
  const wiped = fleet.notes.wiped();
  const sessionId = await fleet.start('wipe after refusal');
  assert.equal((await decide(await approvalOf(sessionId), false, 'boss')).status, 200);
  const outcome = await fleet.outcomeOf(sessionId);
  assert.equal(outcome.answer, 'left alone');
  assert.deepEqual(
    outcome.calls.map(({ outcome: end }) => end),
    ['denied'],
  );
  assert.equal(fleet.notes.wiped(), wiped);
});

test('a cancel ends the session and hangs up on its running tool', async () => {
  const sessionId = await fleet.start('hang until cancelled');
  await eventually(() => fleet.notes.hanging() > 0, { withinMs: 15_000 });
  const { status } = await http('POST', `/v1/sessions/${sessionId}/cancel`, { tenant: 'acme', reason: 'enough' });
  assert.equal(status, 202);
  assert.equal((await fleet.outcomeOf(sessionId)).status, 'cancelled');
  await eventually(() => fleet.notes.hanging() === 0, { withinMs: 1_000 });
});

test('a client that hangs up on its watch takes the session and its running tool along, when it said so', async () => {
  const sessionId = await fleet.start('hang until cancelled');
  await eventually(() => fleet.notes.hanging() > 0, { withinMs: 15_000 });
  const watch = new AbortController();
  const path = `/v1/sessions/${sessionId}/events?tenant=acme&cancelOnDisconnect=true`;
  const headers = { authorization: await fleet.authorization('acme') };
  const response = await fetch(`${fleet.fleet.gatewayUrl}${path}`, { headers, signal: watch.signal });
  await response.body!.getReader().read();
  watch.abort();
  await eventually(() => fleet.notes.hanging() === 0, { withinMs: 15_000 });
  assert.equal((await fleet.outcomeOf(sessionId)).status, 'cancelled');
});

test('a message to a finished session starts its next run', async () => {
  const first = await fleet.run('first question');
  assert.equal(first.answer, 'first answer');
  const path = `/v1/sessions/${first.sessionId}/messages?tenant=acme`;
  assert.equal((await http('POST', path, { messageId: 'm1', text: 'second question' })).status, 202);
  const second = await fleet.outcomeOf(first.sessionId, 2);
  assert.equal(second.answer, 'second answer');
  assert.equal(fleet.notes.notes.get('s'), 'two');
});

test('a session can be started, read and listed over HTTP, and an unknown one is not found', async () => {
  const request = {
    tenant: 'acme',
    user: 'u1',
    requestId: `http-${Date.now()}`,
    agent: 'tester',
    input: 'first question',
  };
  const started = await http<{ session: { sessionId: string } }>('POST', '/v1/sessions', request);
  assert.ok(started.status < 300, JSON.stringify(started.body));
  const { sessionId } = started.body.session;
  const read = await http<{ session: { sessionId: string } }>('GET', `/v1/sessions/${sessionId}?tenant=acme`);
  assert.equal(read.body.session.sessionId, sessionId);
  await fleet.outcomeOf(sessionId);
  const listed = await http<{ sessions: { sessionId: string }[] }>('GET', '/v1/sessions?tenant=acme');
  assert.ok(listed.body.sessions.some((session) => session.sessionId === sessionId));
  assert.equal((await http('GET', '/v1/sessions/00000000-0000-5000-8000-000000000000?tenant=acme')).status, 404);
});

test('a watcher is sent every event once, in order, and the end of the stream after the end of the session', async () => {
  const outcome = await fleet.run('first question');
  const url = `${fleet.fleet.gatewayUrl}/v1/sessions/${outcome.sessionId}/events?tenant=acme`;
  const headers = { authorization: await fleet.authorization('acme') };
  const text = await (await fetch(url, { headers, signal: AbortSignal.timeout(20_000) })).text();
  const ids = [...text.matchAll(/^id: ?(\d+)$/gm)].map(([, id]) => Number(id));
  assert.deepEqual(ids, [1, 2, 3]);
});
