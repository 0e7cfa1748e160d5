/**
 * A second tenant's token, tried on every endpoint and topic path: each is refused, and audited. The list is not kept here: it
 * is read off the OpenAPI document, the gRPC descriptors and the topic table, so a way in that is added and does not ask who
 * calls fails here.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { TopicName } from '@toolfleet/contracts';
import { auditService, decodeListedAudit, encodeListAudit, sharedTopics } from '@toolfleet/contracts';
import type { Scope } from '@toolfleet/kernel';
import { allScopes, callIdOf, scopes, sessionIdOf } from '@toolfleet/kernel';
import { GrpcClient } from '@toolfleet/platform/grpc';
import { firstOfStream, ownMethods, unaryCall } from '@toolfleet/platform/grpc/testing';
import { eventually } from '@toolfleet/testkit';
import { FleetUnderTest } from '../fleet-under-test.js';

/** Open on purpose; whatever is added here needs a reason. */
const openMethods: ReadonlySet<string> = new Set([
  // Public keys, for whoever verifies a log that was handed to them.
  'toolfleet.audit.v1.AuditService/GetAuditKeys',
]);

const within = { withinMs: 30_000 };
const victim = 'acme';
let fleet: FleetUnderTest;
/** Of somebody of globex who may do there all that can be done in one tenant. */
let stranger = '';
let sessionId = '';
let filling: Readonly<Record<string, string>> = {};
const tried: { readonly way: string; readonly reason: string }[] = [];

before(async () => {
  fleet = await FleetUnderTest.start({ conversations: { hello: [{ text: 'hi' }] } });
  ({ sessionId } = await fleet.run('hello'));
  const ofTenant: readonly Scope[] = allScopes.filter((scope) => !scopes[scope].fleetWide);
  stranger = await fleet.authorization('globex', { user: 'eve', roles: ['admin'], scopes: ofTenant });
  const callId = callIdOf(sessionId, 1, 0);
  filling = {
    ...{ tenant: victim, sessionId, callId, requestId: 'stolen', agent: 'tester', input: 'hello', user: 'u1' },
    ...{ decidedBy: 'boss', actor: 'boss', reason: 'x', subject: 'u1', tool: 'get_note', set: 'stolen', text: 'x' },
  };
});
after(() => fleet?.close());

interface Refused {
  readonly code: number | undefined;
  readonly reason: string | undefined;
}

async function overGrpc(method: ReturnType<typeof ownMethods>[number], request: object, by?: string): Promise<Refused> {
  const { grpcAddress } = fleet.fleet;
  try {
    if (method.streams) await firstOfStream(grpcAddress, method, request, by);
    else await unaryCall(grpcAddress, method.service, method.method, request, by);
    return { code: 0, reason: undefined };
  } catch (error) {
    const { code, details } = error as { code?: number; details?: string };
    return { code, reason: (JSON.parse(details ?? '{}') as { reason?: string }).reason };
  }
}

describe('over gRPC', () => {
  const methods = ownMethods().map((method) => ({ method, name: `${method.service}/${method.method}` }));

  test('every service of the descriptors is served, and asked here', () => {
    const services = new Set(methods.map(({ method }) => method.service.split('.')[1]));
    assert.deepEqual([...services].toSorted(), ['audit', 'catalog', 'effect', 'policy', 'session']);
  });

  for (const { method, name } of methods.filter((each) => !openMethods.has(each.name))) {
    test(`${name} answers nobody of another tenant, and nobody without a token`, async () => {
      const request = method.requestWith(filling);
      const unknown = await overGrpc(method, request);
      assert.deepEqual(unknown, { code: 16, reason: 'TOKEN_MISSING' });
      const refused = await overGrpc(method, request, stranger);
      assert.equal(refused.code, 7, JSON.stringify(refused));
      assert.match(refused.reason ?? '', /^(TENANT_MISMATCH|SCOPE_MISSING)$/);
      tried.push({ way: `/${name}`, reason: refused.reason! });
      // What names no tenant at all must be for those alone whose token reaches beyond one.
      if (!JSON.stringify(request).includes(`"tenant":"${victim}"`)) assert.equal(refused.reason, 'SCOPE_MISSING');
    });
  }
});

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly requestBody?: object }>>>>;
}

describe('over HTTP', () => {
  test('every route of the API answers nobody of another tenant, and nobody without a token', async () => {
    const { gatewayUrl } = fleet.fleet;
    const { paths } = (await (await fetch(`${gatewayUrl}/openapi.json`)).json()) as OpenApi;
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { requestBody }]) => ({ path, method: method.toUpperCase(), requestBody })),
    );
    assert.ok(routes.length >= 9);
    for (const { path, method, requestBody } of routes) {
      const url = path.replace('{id}', sessionId).replace('{callId}', encodeURIComponent(callIdOf(sessionId, 1, 0)));
      const query = requestBody && path === '/v1/sessions' ? '' : `?tenant=${victim}`;
      const body = requestBody ? { body: JSON.stringify(query === '' ? bodyOfStart() : {}) } : {};
      const send = async (headers: Record<string, string>) => {
        const signal = AbortSignal.timeout(10_000);
        const init = { method, headers: { 'content-type': 'application/json', ...headers }, signal, ...body };
        // oxlint-disable-next-line no-await-in-loop
        const response = await fetch(`${gatewayUrl}${url}${query}`, init);
        const { reason } = (await response.json()) as { reason?: string };
        return `${response.status} ${reason}`;
      };
      // oxlint-disable-next-line no-await-in-loop -- one route after another
      assert.equal(await send({}), '401 TOKEN_MISSING', `${method} ${path}`);
      // oxlint-disable-next-line no-await-in-loop
      assert.equal(await send({ authorization: stranger }), '403 TENANT_MISMATCH', `${method} ${path}`);
      tried.push({ way: `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`, reason: 'TENANT_MISMATCH' });
    }
  });

  const bodyOfStart = () => {
    const { tenant, requestId, agent, input, user } = filling;
    return { tenant, requestId, agent, input, user };
  };

  test('without naming a tenant a stranger finds nothing of another', async () => {
    const look = async (path: string) => {
      const response = await fetch(`${fleet.fleet.gatewayUrl}${path}`, { headers: { authorization: stranger } });
      return {
        status: response.status,
        body: (await response.json()) as { sessions?: unknown[]; approvals?: unknown[] },
      };
    };
    assert.equal((await look(`/v1/sessions/${sessionId}`)).status, 404);
    assert.deepEqual((await look('/v1/sessions')).body.sessions ?? [], []);
    assert.deepEqual((await look('/v1/approvals')).body.approvals ?? [], []);
  });
});

describe('over the topics', () => {
  const open = sharedTopics.filter(({ writers }) => (writers as readonly string[]).includes('any team'));

  for (const { name } of open) {
    test(`a record on ${name} that names another tenant is a dead letter, as is one without a token`, async () => {
      const record = { ...filling, approve: true };
      const body =
        name === 'session.requests'
          ? pick(record, ['tenant', 'requestId', 'agent', 'input', 'user'])
          : pick(record, ['tenant', 'callId', 'approve']);
      for (const [mark, headers, reason] of [
        ['unknown', {}, 'TOKEN_MISSING'],
        ['stranger', { authorization: stranger }, 'TENANT_MISMATCH'],
      ] as const) {
        // oxlint-disable-next-line no-await-in-loop
        await fleet.send(name as TopicName, JSON.stringify(body), { headers: { ...headers, mark: `${name} ${mark}` } });
        // oxlint-disable-next-line no-await-in-loop
        const letter = await eventually(
          () => fleet.deadLetters.find((one) => one.headers['mark'] === `${name} ${mark}`),
          within,
        );
        assert.equal(letter.headers['fleet-error-reason'], reason);
        assert.doesNotMatch(JSON.stringify(letter.headers), /Bearer/);
      }
      tried.push({ way: fleet.names.of(name as TopicName), reason: 'TENANT_MISMATCH' });
    });
  }
});

test('nothing of it happened', async () => {
  assert.equal(fleet.outcomes.has(sessionIdOf(victim, 'stolen')), false);
  assert.equal((await fleet.run('hello')).status, 'completed');
  assert.equal(fleet.outcomes.has(sessionIdOf(victim, 'stolen')), false);
});

test('each of these tries is in the audit of the stranger’s tenant, with who it was', async () => {
  assert.ok(tried.length >= 25, `${tried.length} ways were tried`);
  const authorization = await fleet.authorization('', { user: 'ops', scopes: ['audit:read', 'operator'] });
  const client = new GrpcClient({ address: fleet.fleet.grpcAddress, deadlineMs: 10_000, headers: { authorization } });
  const page = encodeListAudit({ tenant: 'globex', beforeSeq: 0, pageSize: 500, sessionId: '' });
  const missing = async () => {
    const entries = decodeListedAudit(await client.unary(`${auditService}/ListAudit`, page));
    const told = entries.filter(({ actor, text }) => actor === 'eve' && text.includes('CALLER_REFUSED'));
    return tried.filter(
      ({ way, reason }) => !told.some(({ text }) => text.includes(JSON.stringify(way)) && text.includes(reason)),
    );
  };
  try {
    await eventually(async () => (await missing()).length === 0, within).catch(() => undefined);
    assert.deepEqual(await missing(), []);
  } finally {
    client.close();
  }
});

function pick(record: Readonly<Record<string, unknown>>, names: readonly string[]): object {
  return Object.fromEntries(names.map((name) => [name, record[name]]));
}
