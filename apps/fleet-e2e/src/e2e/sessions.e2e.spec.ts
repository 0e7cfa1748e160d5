/** Sessions through every service, on the real bus and database: what a team that publishes requests can rely on. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '@toolfleet/testkit';
import { FleetUnderTest } from '../fleet-under-test.js';

const call = (name: string, args: object = {}) => ({ name, arguments: args });
const conversations = {
  'two reads and a write': [
    { toolCalls: [call('get_note', { id: 'a' }), call('get_note', { id: 'b' })] },
    { toolCalls: [call('put_note', { id: 'c', text: 'three' })] },
    { text: 'Done: three.' },
  ],
  'writes in order': [
    { toolCalls: [call('put_note', { id: 'w', text: 'first' }), call('put_note', { id: 'w', text: 'second' })] },
    { text: 'ok' },
  ],
  'unknown tool': [{ toolCalls: [call('get_notes', { id: 'a' })] }, { text: 'sorry' }],
  'bad arguments': [{ toolCalls: [call('get_note', { id: 'NOT VALID' }), call('get_note', {})] }, { text: 'sorry' }],
  'broken json': [
    { toolCalls: [{ name: 'get_note', rawArguments: '{"id": "a"' }, call('put_note', { id: 'z', text: 'fine' })] },
    { text: 'sorry' },
  ],
  forbidden: [{ toolCalls: [call('sell_notes')] }, { text: 'not allowed' }],
  'needs a person': [{ toolCalls: [call('wipe_notes')] }, { text: 'wiped' }],
  'tool hangs': [{ toolCalls: [call('hanging_read')] }, { text: 'gave up on it' }],
  'tool fails': [{ toolCalls: [call('failing_read')] }, { text: 'it failed' }],
  'tool is huge': [{ toolCalls: [call('huge_read')] }, { text: 'too much' }],
  'tool is away': [
    { toolCalls: [call('unreachable_read')] },
    { toolCalls: [call('unreachable_read')] },
    { toolCalls: [call('unreachable_read')] },
    { text: 'away' },
  ],
  'never ends': Array.from({ length: 10 }, () => ({ toolCalls: [call('get_note', { id: 'a' })] })),
  'find more': [
    { toolCalls: [call('find_tools', { query: 'write a note' })] },
    { toolCalls: [call('put_note', { id: 'found', text: 'it' })] },
    { text: 'found' },
  ],
  'model is down': [{ status: 503 }],
  'model refuses': [{ status: 400 }],
  'long thought': [{ delayMs: 4000, text: 'thought' }],
} as const;

let fleet: FleetUnderTest;

before(async () => {
  fleet = await FleetUnderTest.start({
    conversations,
    env: { TOOLFLEET_ORCHESTRATOR_MODEL_ATTEMPTS_MAX: '2' },
  });
});
after(() => fleet?.close());

test('reads of one turn run together, the write alone, and the outcome says what was done', async () => {
  const outcome = await fleet.run('two reads and a write');
  assert.equal(outcome.status, 'completed');
  assert.equal(outcome.answer, 'Done: three.');
  assert.deepEqual(
    outcome.calls.map(({ tool, outcome: end }) => `${tool} ${end}`),
    ['get_note failed', 'get_note failed', 'put_note ok'],
  );
  assert.equal(fleet.notes.notes.get('c'), 'three');
  const transcript = await eventually(
    () => (fleet.transcript(outcome.sessionId).length === 8 ? fleet.transcript(outcome.sessionId) : undefined),
    { withinMs: 5_000 },
  );
  assert.deepEqual(transcript, [
    '1 started',
    '2 modelAnswered get_note+get_note',
    '3 toolCallSettled failed',
    '4 toolCallSettled failed',
    '5 modelAnswered put_note',
    '6 toolCallSettled ok',
    '7 modelAnswered final',
    '8 finished completed',
  ]);
});

test('writes of one turn run in the order of the model', async () => {
  await fleet.run('writes in order');
  assert.equal(fleet.notes.notes.get('w'), 'second');
});

test('a request that is published twice is one session with one run', async () => {
  const request = {
    tenant: 'acme',
    user: 'u1',
    requestId: `twice-${Date.now()}`,
    agent: 'tester',
    input: 'writes in order',
  };
  const executed = fleet.notes.executions.size;
  const [first, second] = await Promise.all([fleet.publish(request), fleet.publish(request)]);
  assert.equal(first, second);
  await fleet.outcomeOf(first);
  assert.equal(await fleet.publish(request), first);
  // A later session of the same tenant has passed every stage behind the repeated request.
  await fleet.run('forbidden');
  assert.equal(fleet.notes.executions.size, executed + 2);
  assert.ok(fleet.outcomes.get(first)?.every((outcome) => outcome.run === 1 && outcome.turns === 2));
});

test('an unknown tenant, agent or field is answered with a rejection that names it', async () => {
  const nobody = await fleet.run('x', { tenant: 'nobody' });
  assert.equal(nobody.status, 'rejected');
  assert.equal(nobody.refusal?.reason, 'TENANT_UNKNOWN');
  const agent = await fleet.run('x', { agent: 'testr' });
  assert.equal(agent.status, 'rejected');
  assert.equal(agent.refusal?.reason, 'AGENT_UNKNOWN');
  assert.deepEqual(agent.refusal?.alternatives, ['tester']);
});

test('an unknown tool is answered with near names, and the session goes on', async () => {
  const outcome = await fleet.run('unknown tool');
  assert.equal(outcome.status, 'completed');
  const [observation] = await fleet.observationsOf(outcome.sessionId);
  assert.equal(observation?.refusal?.reason, 'UNKNOWN_TOOL');
  assert.ok(observation?.refusal?.alternatives.includes('get_note'));
});

test('arguments that do not fit the schema are answered with what to correct', async () => {
  const outcome = await fleet.run('bad arguments');
  const observations = await fleet.observationsOf(outcome.sessionId);
  assert.deepEqual(
    observations.map(({ refusal }) => refusal?.reason),
    ['ARGUMENTS_INVALID', 'ARGUMENTS_INVALID'],
  );
  assert.match(observations[0]?.refusal?.hint ?? '', /id must match pattern/);
  assert.match(observations[1]?.refusal?.hint ?? '', /required property 'id'/);
});

test('broken JSON of one call leaves the other calls of the turn alone', async () => {
  const outcome = await fleet.run('broken json');
  assert.equal(outcome.status, 'completed');
  assert.deepEqual(
    outcome.calls.map(({ outcome: end }) => end),
    ['failed', 'ok'],
  );
  assert.equal(fleet.notes.notes.get('z'), 'fine');
});

test('a forbidden call is denied on the spot, with the reason of the rule', async () => {
  const outcome = await fleet.run('forbidden');
  const [observation] = await fleet.observationsOf(outcome.sessionId);
  assert.equal(observation?.outcome, 'denied');
  assert.equal(observation?.refusal?.message, 'Notes are not for sale.');
});

test('a tool that hangs ends at the deadline of its class and frees its connection', async () => {
  const outcome = await fleet.run('tool hangs');
  assert.equal(outcome.status, 'completed');
  assert.equal((await fleet.observationsOf(outcome.sessionId))[0]?.outcome, 'timedOut');
  await eventually(() => fleet.notes.hanging() === 0, { withinMs: 5_000 });
});

test('a tool that fails is unavailable, and its stack trace reaches nobody', async () => {
  const outcome = await fleet.run('tool fails');
  const [observation] = await fleet.observationsOf(outcome.sessionId);
  assert.equal(observation?.outcome, 'unavailable');
  assert.doesNotMatch(JSON.stringify(observation?.refusal), /secret|127\.0\.0\.1/);
});

test('ten megabytes are cut off with a hint to ask for less', async () => {
  const outcome = await fleet.run('tool is huge');
  const [observation] = await fleet.observationsOf(outcome.sessionId);
  assert.equal(observation?.outcome, 'failed');
  assert.equal(observation?.refusal?.reason, 'RESPONSE_TOO_LARGE');
});

test('an upstream that is away opens its breaker, and later calls are shed with a time to wait', async () => {
  const outcome = await fleet.run('tool is away');
  const ends = outcome.calls.map(({ outcome: end }) => end);
  assert.deepEqual(ends, ['unavailable', 'unavailable', 'shed']);
  const shed = (await fleet.observationsOf(outcome.sessionId)).at(-1);
  assert.ok((shed?.refusal?.retryAfterMs ?? 0) > 0);
});

test('a session that takes all its steps escalates, with what it did so far and nothing of its last turn', async () => {
  const outcome = await fleet.run('never ends', { agent: 'hurried' });
  assert.equal(outcome.status, 'escalated');
  assert.equal(outcome.refusal?.reason, 'STEPS_MAX');
  const isCancelled = outcome.calls.map(({ outcome: end }) => end === 'cancelled');
  assert.deepEqual(isCancelled, [false, false, true]);
});

test('a tool that was not offered is found by find_tools and can then be called', async () => {
  const outcome = await fleet.run('find more', { agent: 'hurried' });
  assert.deepEqual(
    outcome.calls.map(({ tool, outcome: end }) => `${tool} ${end}`),
    ['find_tools ok', 'put_note ok'],
  );
});

test('a model that is down, or refuses, ends the session with a structured refusal', async () => {
  const down = await fleet.run('model is down');
  assert.equal(down.status, 'failed');
  assert.equal(down.refusal?.kind, 'unreachable');
  const refusing = await fleet.run('model refuses');
  assert.equal(refusing.status, 'failed');
  assert.equal(refusing.refusal?.kind, 'invalid');
});
