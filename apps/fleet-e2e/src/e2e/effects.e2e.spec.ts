/** Effects through every service: one key from request to tool, ends that are found out, and runs that change nothing. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { callIdOf, hexDigestOf, idempotencyKeyOf, sessionIdOf, textForModel } from '@toolfleet/kernel';
import { eventually } from '@toolfleet/testkit';
import { FleetUnderTest } from '../fleet-under-test.js';

const call = (name: string, args: object = {}) => ({ name, arguments: args });
const conversations = {
  'write a note': [{ toolCalls: [call('put_note', { id: 'kept', text: 'one' })] }, { text: 'ok' }],
  rehearse: [
    { toolCalls: [call('put_note', { id: 'dry', text: 'never' }), call('get_note', { id: 'dry' })] },
    { text: 'It would be written.' },
  ],
  'lose and find': [{ toolCalls: [call('lose_and_find_note', { id: 'found', text: 'two' })] }, { text: 'ok' }],
  lose: [{ toolCalls: [call('lose_note', { id: 'lost', text: 'three' })] }, { text: 'not sure' }],
};

const within = { withinMs: 60_000 };
let fleet: FleetUnderTest;
before(async () => (fleet = await FleetUnderTest.start({ conversations })));
after(() => fleet?.close());

test('the id of a request is carried to the key that its tool gets', async () => {
  const requestId = 'order-4711';
  const { calls } = await fleet.run('write a note', { requestId });
  const callId = callIdOf(sessionIdOf('acme', requestId), 1, 0);
  assert.deepEqual([calls[0]?.callId, fleet.notes.executions.get(idempotencyKeyOf('acme', callId))], [callId, 1]);
});

test('a dry run does everything but the effect, and its outcome lists what would have been done', async () => {
  const outcome = await fleet.run('rehearse', { dryRun: true });
  const callId = callIdOf(outcome.sessionId, 1, 0);
  assert.equal(outcome.status, 'completed');
  const [dry, read] = outcome.calls;
  assert.deepEqual(dry?.wouldHaveDone, {
    argumentsDigest: hexDigestOf('{"id":"dry","text":"never"}'),
    ...{ destination: 'notes', method: 'PUT', path: '/notes/dry' },
  });
  // The read ran, and found nothing.
  assert.deepEqual([read?.outcome, read?.wouldHaveDone], ['failed', undefined]);
  assert.deepEqual(
    [fleet.notes.notes.has('dry'), fleet.notes.executions.has(idempotencyKeyOf('acme', callId))],
    [false, false],
  );
  const [told] = await fleet.observationsOf(outcome.sessionId);
  assert.match(textForModel(told!), /NOT sent/);
});

test('a write whose answer was lost is done when its declared read says so', async () => {
  const { calls, sessionId } = await fleet.run('lose and find');
  assert.equal(calls[0]?.outcome, 'ok');
  assert.equal(fleet.notes.executions.get(idempotencyKeyOf('acme', callIdOf(sessionId, 1, 0))), 1);
  assert.deepEqual(JSON.parse(textForModel((await fleet.observationsOf(sessionId))[0]!)), { id: 'found', text: 'two' });
});

test('a write that nobody knows the end of is listed, settled once by a person, and told to its session', async () => {
  const { calls, sessionId } = await fleet.run('lose');
  const callId = callIdOf(sessionId, 1, 0);
  assert.equal(calls[0]?.outcome, 'indeterminate');
  const told = textForModel((await fleet.observationsOf(sessionId))[0]!);
  assert.match(told, /check with a read before you try again/);
  const headers = {
    'content-type': 'application/json',
    authorization: await fleet.authorization('acme', { user: 'ops', scopes: ['effects:read', 'effects:settle'] }),
  };
  const url = `${fleet.fleet.gatewayUrl}/v1/effects`;
  const listed = (await (await fetch(url, { headers })).json()) as { effects: { callId: string; tool: string }[] };
  assert.deepEqual(
    listed.effects.map((effect) => [effect.callId, effect.tool]),
    [[callId, 'lose_note']],
  );
  const settle = async (body: object) => {
    const path = `${url}/${encodeURIComponent(callId)}/settlement`;
    const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
    return `${response.status} ${((await response.json()) as { reason?: string }).reason ?? ''}`;
  };
  assert.equal(await settle({ end: 'EFFECT_END_DONE' }), '400 REASON_MISSING');
  assert.equal(await settle({ end: 'EFFECT_END_DONE', actor: 'boss', reason: 'x' }), '403 USER_MISMATCH');
  assert.equal(await settle({ end: 'EFFECT_END_DONE', reason: 'The note is there.' }), '200 ');
  assert.equal(await settle({ end: 'EFFECT_END_FAILED', reason: 'No.' }), '404 EFFECT_UNKNOWN');
  const corrected = await eventually(() => {
    const outcome = fleet.outcomes.get(sessionId)?.at(-1);
    return outcome?.calls[0]?.outcome === 'ok' ? outcome : undefined;
  }, within);
  assert.equal(corrected.answer, 'not sure');
  assert.ok(fleet.transcript(sessionId).some((line) => line.endsWith('toolCallEndedLate')));
});
