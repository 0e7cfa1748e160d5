import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { decodeSessionAdmission, encodeSessionAdmission } from '@toolfleet/contracts';
import type { SessionPriority } from '@toolfleet/kernel';
import { sessionIdOf } from '@toolfleet/kernel';
import { unaryCall } from '@toolfleet/platform/grpc/testing';
import type { RoleRig } from '@toolfleet/platform/nest/testing';
import { startRoleRig } from '@toolfleet/platform/nest/testing';
import { PostgresWaitingRoom } from '@toolfleet/platform/postgres';
import { eventually } from '@toolfleet/testkit';
import { publishAcme } from './gateway.fixture.js';
import { gatewayRole } from './gateway.role.js';

const within = { withinMs: 15_000 };
let rig: RoleRig;
let url: string;
let authorization: string;

before(async () => {
  const settings = { TOOLFLEET_POLICY_ADDRESS: '127.0.0.1:1' };
  rig = await startRoleRig({ roles: [gatewayRole], environment: process.env, settings });
  const { outlet, catalogue } = rig.running.context;
  await publishAcme(outlet);
  await eventually(() => catalogue.catalogue.get('Tenant', 'acme'), within);
  url = await rig.running.app.getUrl();
  authorization = await rig.issuer.authorization('acme');
});

after(() => rig?.stop());

const request = (requestId: string, change: object = {}) => {
  return { tenant: 'acme', user: 'u1', requestId, agent: 'retail', input: 'Where is my order?', ...change };
};

type Turn = { readonly queuePosition?: unknown; readonly estimatedWaitMs?: unknown; readonly priority?: unknown };
const turnOf = ({ queuePosition, estimatedWaitMs, priority }: Turn) => [queuePosition, estimatedWaitMs, priority];

async function http(path: string, body?: object): Promise<{ readonly session: Turn; readonly existing?: boolean }> {
  const headers = { 'content-type': 'application/json', authorization };
  const init = body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers };
  return (await (await fetch(`${url}${path}`, init)).json()) as { session: Turn };
}

const grpc = <Answer>(method: string, message: object) =>
  unaryCall<Answer>(rig.grpcAddress, 'toolfleet.session.v1.SessionService', method, message, authorization);

test('a waiting session shows its place in the line, and the wait once the pace is known, over HTTP and gRPC', async () => {
  const room = new PostgresWaitingRoom(rig.running.context.database);
  const enter = async (requestId: string, rank: number, priority?: SessionPriority) => {
    const sessionId = sessionIdOf('acme', requestId);
    const requested = { ...request(requestId), roles: [], labels: {}, priority };
    const payload = encodeSessionAdmission({ tenant: 'acme', sessionId, requested });
    await room.enter({ tenant: 'acme', sessionId, priority: rank, enteredAtMs: 5, expiresAtMs: 9e12, payload });
  };
  await enter('normal', 0);
  await enter('first', 1, 'high');
  const path = `/v1/sessions/${sessionIdOf('acme', 'normal')}?tenant=acme`;
  assert.deepEqual(turnOf((await http(path)).session), [2, undefined, 'SESSION_PRIORITY_NORMAL']);
  await room.setIntervals(new Map([['acme', 1_500]]), 1);
  assert.deepEqual(turnOf((await http(path)).session), [2, '3000', 'SESSION_PRIORITY_NORMAL']);
  const again = await http('/v1/sessions', request('normal'));
  assert.deepEqual([again.existing, ...turnOf(again.session)], [true, 2, '3000', 'SESSION_PRIORITY_NORMAL']);
  const status = 'SESSION_STATUS_WAITING';
  const { sessions } = await grpc<{ sessions: Turn[] }>('ListSessions', { tenant: 'acme', status });
  assert.deepEqual(sessions.map(turnOf), [
    [1, 1_500, 'SESSION_PRIORITY_HIGH'],
    [2, 3_000, 'SESSION_PRIORITY_NORMAL'],
  ]);
});

test('a priority reaches admission by every way in', async () => {
  const priority = 'SESSION_PRIORITY_HIGH';
  await http('/v1/sessions', request('by-http', { priority }));
  await grpc('StartSession', { request: request('by-grpc', { priority }) });
  const { names, producer } = rig.running.context;
  const value = Buffer.from(JSON.stringify(request('by-topic', { priority })));
  await producer.send({ topic: names.of('session.requests'), key: '', value, headers: { authorization } });
  const asked = async () =>
    (await rig.records('session.admission')).map((record) => decodeSessionAdmission(record.value).requested);
  await eventually(async () => (await asked()).length === 3, within);
  assert.deepEqual(
    (await asked()).map((one) => one?.priority),
    ['high', 'high', 'high'],
  );
});
