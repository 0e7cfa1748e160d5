/** Effects through every service: one key from request to tool, ends that are found out, and runs that change nothing. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { decodeAuditRecords } from '@toolfleet/contracts';
import { runFleetctl } from '@toolfleet/fleetctl/testing';
import type { AuditRecord } from '@toolfleet/kernel';
import { callIdOf, hexDigestOf, idempotencyKeyOf, sessionIdOf, textForModel } from '@toolfleet/kernel';
import { unaryCall } from '@toolfleet/platform/grpc/testing';
import { eventually } from '@toolfleet/testkit';
import { FleetUnderTest } from '../fleet-under-test.js';

const call = (name: string, args: object = {}) => ({ name, arguments: args });
/** A write, and a read of what it would have written. */
const rehearsal = (id: string) => [
  { toolCalls: [call('put_note', { id, text: 'never' }), call('get_note', { id })] },
  { text: 'It would be written.' },
];
const conversations = {
  'write a note': [{ toolCalls: [call('put_note', { id: 'kept', text: 'one' })] }, { text: 'ok' }],
  rehearse: [
    { toolCalls: [call('put_note', { id: 'dry', text: 'never' }), call('get_note', { id: 'dry' })] },
    { text: 'It would be written.' },
  ],
  'rehearse over HTTP': rehearsal('http'),
  'rehearse over gRPC': rehearsal('grpc'),
  'rehearse from a shell': rehearsal('shell'),
  'lose and find': [{ toolCalls: [call('lose_and_find_note', { id: 'found', text: 'two' })] }, { text: 'ok' }],
  lose: [{ toolCalls: [call('lose_note', { id: 'lost', text: 'three' })] }, { text: 'not sure' }],
};

const within = { withinMs: 60_000 };
let fleet: FleetUnderTest;
const audited: AuditRecord[] = [];
before(async () => {
  fleet = await FleetUnderTest.start({ conversations });
  await fleet.listen('audit', ({ value }) => void audited.push(...decodeAuditRecords(value)));
});
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

/** Each starts a dry run of its conversation, as whoever comes that way does. */
const ways = {
  'over HTTP': async (input: string, requestId: string) => {
    const headers = { 'content-type': 'application/json', authorization: await fleet.authorization('acme') };
    const body = JSON.stringify({ ...asked, input, requestId, dryRun: true });
    const response = await fetch(`${fleet.fleet.gatewayUrl}/v1/sessions`, { method: 'POST', headers, body });
    assert.equal(response.status, 201);
  },
  'over gRPC': async (input: string, requestId: string) => {
    const request = { request: { ...asked, input, requestId, dryRun: true } };
    const service = 'toolfleet.session.v1.SessionService';
    await unaryCall(fleet.fleet.grpcAddress, service, 'StartSession', request, await fleet.authorization('acme'));
  },
  'from a shell': async (input: string, requestId: string) => {
    const env = { TOOLFLEET_TOKEN: (await fleet.authorization('acme')).replace('Bearer ', '') };
    const facts = ['--tenant', 'acme', '--user', 'u1', '--agent', 'tester', '--url', fleet.fleet.gatewayUrl];
    const words = ['session', 'start', input, ...facts, '--request-id', requestId, '--dry-run', '--watch', '--json'];
    const { code, stdout } = await runFleetctl(words, { env });
    assert.equal(code, 0);
    assert.match(stdout, /"wouldHaveDone":/);
  },
};
const asked = { tenant: 'acme', user: 'u1', agent: 'tester' };

for (const [way, start] of Object.entries(ways)) {
  test(`a dry run that is asked for ${way} does everything but the effect, and lists what would have been done`, async () => {
    const requestId = `dry ${way}`;
    const input = `rehearse ${way}`;
    await start(input, requestId);
    const sessionId = sessionIdOf('acme', requestId);
    const outcome = await fleet.outcomeOf(sessionId);
    const [write, read] = outcome.calls;
    const id = /"id":"(\w+)"/.exec(JSON.stringify(conversations[input as keyof typeof conversations]))![1]!;
    assert.deepEqual([outcome.status, write?.outcome, read?.wouldHaveDone], ['completed', 'ok', undefined]);
    const wouldHaveDone = { destination: 'notes', method: 'PUT', path: `/notes/${id}` };
    assert.deepEqual(write?.wouldHaveDone, {
      argumentsDigest: hexDigestOf(`{"id":"${id}","text":"never"}`),
      ...wouldHaveDone,
    });
    const key = idempotencyKeyOf('acme', callIdOf(sessionId, 1, 0));
    assert.deepEqual([fleet.notes.notes.has(id), fleet.notes.executions.has(key)], [false, false]);
    const actions = await eventually(() => {
      const own = audited.filter((record) => record.sessionId === sessionId && record.callId !== '');
      return own.length === 2 ? own.map(({ action, decision }) => `${action} ${decision}`) : undefined;
    }, within);
    // The write was judged like any other; only its read was executed.
    assert.deepEqual(actions.toSorted(), ['CALL_EXECUTED allowed', 'CALL_REHEARSED allowed']);
  });
}

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
  // Its event travels on another topic.
  await eventually(() => fleet.transcript(sessionId).some((line) => line.endsWith('toolCallEndedLate')), within);
});
