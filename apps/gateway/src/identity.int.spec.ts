/** Who may come in by which way, and what whoever may not is told; the audit hears of it. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  decodeAuditRecords,
  decodeSessionAdmission,
  decodeSessionInbox,
  decodeSessionOutcome,
} from '@toolfleet/contracts';
import type { Scope } from '@toolfleet/kernel';
import { isScope, sessionIdOf, tenantScopes } from '@toolfleet/kernel';
import { unaryCall } from '@toolfleet/platform/grpc/testing';
import { ensureTopics } from '@toolfleet/platform/kafka';
import { runRoles } from '@toolfleet/platform/nest';
import type { RoleRig } from '@toolfleet/platform/nest/testing';
import { startRoleRig } from '@toolfleet/platform/nest/testing';
import { eventually } from '@toolfleet/testkit';
import { happenIn, publishAcme, said } from './gateway.fixture.js';
import { gatewayRole } from './gateway.role.js';

const within = { withinMs: 15_000 };
const ownTopic = `own-of-acme-${Date.now()}`;
let rig: RoleRig;
let url: string;
/** A person of acme, one of another tenant, and an operator. */
const headers = { ann: '', eve: '', operator: '' };

before(async () => {
  const settings = { TOOLFLEET_POLICY_ADDRESS: '127.0.0.1:1', TOOLFLEET_TENANT_REQUEST_TOPICS: `${ownTopic}=acme` };
  const prepare = async (brokers: readonly string[]) =>
    void (await ensureTopics({ brokers, clientId: 'spec' }, [{ name: ownTopic, partitions: 1 }]));
  rig = await startRoleRig({ roles: [gatewayRole], environment: process.env, settings, prepare });
  const { outlet, catalogue } = rig.running.context;
  await publishAcme(outlet);
  await eventually(() => catalogue.catalogue.get('Tenant', 'acme'), within);
  url = await rig.running.app.getUrl();
  headers.ann = await authorization('ann');
  headers.eve = await rig.issuer.authorization('globex', { user: 'eve' });
  headers.operator = await rig.issuer.authorization('', { user: 'ops', scopes: [...tenantScopes, 'operator'] });
});

after(() => rig?.stop());

const authorization = (user: string, scopes: readonly Scope[] = tenantScopes, roles: readonly string[] = ['clerk']) =>
  rig.issuer.authorization('acme', { user, scopes, roles });
const request = (requestId: string, change: object = {}) => ({ requestId, agent: 'retail', input: 'Hi.', ...change });

async function send(method: string, path: string, by: string, body?: object) {
  const init = { method, headers: { authorization: by, 'content-type': 'application/json' } };
  const response = await fetch(`${url}${path}`, body ? { ...init, body: JSON.stringify(body) } : init);
  const answer = (await response.json()) as { reason?: string; session?: { tenant: string; user: string } };
  return { status: response.status, challenge: response.headers.get('www-authenticate'), ...answer };
}

const audits = async () =>
  (await rig.records('audit'))
    .flatMap(({ value }) => decodeAuditRecords(value))
    .map(({ tenant, actor, action, rule, reason, recordedBy }) =>
      [tenant, actor, action, rule, reason, recordedBy].join(' '),
    );
const admitted = async (tenant: string, requestId: string) =>
  (await rig.records('session.admission'))
    .map(({ value }) => decodeSessionAdmission(value).requested)
    .find((one) => one?.tenant === tenant && one.requestId === requestId);

type Described = Readonly<
  Record<string, Readonly<Record<string, { readonly security: readonly { readonly token: readonly string[] }[] }>>>
>;
interface Routes {
  readonly stack: readonly {
    readonly route?: { readonly path: string; readonly stack: readonly { readonly method: string }[] };
  }[];
}

describe('over HTTP', () => {
  test('whoever has no token that counts is told so, with a challenge, and nothing happens', async () => {
    const rows = [
      ['', 'TOKEN_MISSING', 'Bearer realm="toolfleet"'],
      ['Basic dTpw', 'TOKEN_MISSING', 'Bearer realm="toolfleet"'],
      ['Bearer x', 'TOKEN_MALFORMED', 'Bearer realm="toolfleet", error="invalid_token"'],
      [`${headers.ann}x`, 'TOKEN_SIGNATURE_WRONG', 'Bearer realm="toolfleet", error="invalid_token"'],
    ] as const;
    for (const [by, reason, challenge] of rows) {
      const refused = await send('POST', '/v1/sessions', by, request('h0'));
      assert.deepEqual([refused.status, refused.reason, refused.challenge], [401, reason, challenge]);
    }
    assert.equal(await admitted('acme', 'h0'), undefined);
  });

  test('probes, metrics and the description ask nobody who he is', async () => {
    for (const path of ['/livez', '/readyz', '/metrics', '/openapi.json']) {
      assert.equal((await fetch(`${url}${path}`)).status, 200, path);
    }
  });

  test('the API describes every route there is, with its scope, but for those open to all', async () => {
    const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: Described };
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { security }]) => {
        assert.ok(isScope(security[0]?.token[0] ?? ''), path);
        return `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
      }),
    );
    const express = rig.running.app.getHttpAdapter().getInstance() as { readonly router: Routes };
    const routes = express.router.stack.flatMap(
      ({ route }) => route?.stack.map(({ method }) => `${method} ${route.path}`) ?? [],
    );
    const open = ['/livez', '/readyz', '/metrics', '/openapi.json'].map((path) => `get ${path}`);
    assert.deepEqual([...described, ...open].toSorted(), routes.toSorted());
  });

  test('a request that names nobody is that of the token; one that names others is refused', async () => {
    const { status, session } = await send('POST', '/v1/sessions', headers.ann, request('h1'));
    assert.deepEqual([status, session?.tenant, session?.user], [201, 'acme', 'ann']);
    const requested = await eventually(() => admitted('acme', 'h1'), within);
    assert.deepEqual(requested.roles, ['clerk']);
    for (const [change, reason] of [
      [{ tenant: 'globex' }, 'TENANT_MISMATCH'],
      [{ user: 'bob' }, 'USER_MISMATCH'],
      [{ roles: ['admin'] }, 'ROLES_EXCEEDED'],
    ] as const) {
      const refused = await send('POST', '/v1/sessions', headers.ann, request('h2', change));
      assert.deepEqual([refused.status, refused.reason], [403, reason]);
    }
  });

  test('a scope is needed for each way', async () => {
    const reader = await authorization('ann', ['sessions:read']);
    const path = `/v1/sessions/${sessionIdOf('acme', 'h1')}`;
    assert.equal((await send('GET', path, reader)).status, 200);
    for (const [method, way, body] of [
      ['POST', '/v1/sessions', request('h3')],
      ['POST', `${path}/cancel`, {}],
      ['POST', `${path}/messages`, { text: 'x' }],
      ['GET', '/v1/approvals', undefined],
      ['GET', `${path}/events?cancelOnDisconnect=true`, undefined],
    ] as const) {
      const refused = await send(method, way, reader, body);
      assert.deepEqual([refused.status, refused.reason], [403, 'SCOPE_MISSING'], way);
    }
  });

  test('of another tenant nobody learns whether a session is there', async () => {
    const [there, absent] = [sessionIdOf('acme', 'h1'), sessionIdOf('acme', 'never')];
    const look = async (query: string, id: string) => {
      const { status, reason } = await send('GET', `/v1/sessions/${id}${query}`, headers.eve);
      return `${status} ${reason}`;
    };
    assert.deepEqual([await look('', there), await look('', absent)], ['404 SESSION_UNKNOWN', '404 SESSION_UNKNOWN']);
    const named = '?tenant=acme';
    assert.deepEqual(
      [await look(named, there), await look(named, absent)],
      ['403 TENANT_MISMATCH', '403 TENANT_MISMATCH'],
    );
    assert.equal((await send('GET', `/v1/sessions/${there}?tenant=acme`, headers.operator)).status, 200);
  });

  test('in a session speaks its user, and in its cancel stands who asked for it', async () => {
    await happenIn(rig.running.context, 'spoken', [said(1)], 'active', 1);
    const path = `/v1/sessions/${sessionIdOf('acme', 'spoken')}`;
    const bob = await send('POST', `${path}/messages`, headers.ann, { text: 'more' });
    assert.deepEqual([bob.status, bob.reason], [403, 'USER_MISMATCH']);
    assert.equal((await send('POST', `${path}/messages`, await authorization('u1'), { text: 'more' })).status, 202);
    const inAnothersName = await send('POST', `${path}/cancel`, headers.ann, { requestedBy: 'u1' });
    assert.deepEqual([inAnothersName.status, inAnothersName.reason], [403, 'USER_MISMATCH']);
    assert.equal((await send('POST', `${path}/cancel`, headers.ann, { reason: 'enough' })).status, 202);
    const cancel = await eventually(
      async () =>
        (await rig.records('session.inbox'))
          .map(({ value }) => decodeSessionInbox(value).body)
          .find(({ type }) => type === 'cancel'),
      within,
    );
    assert.ok(cancel.type === 'cancel');
    assert.equal(cancel.requestedBy, 'ann');
  });
});

test('over gRPC the same holds, with the status for it', async () => {
  const call = (by: string | undefined, method: string, message: object) =>
    unaryCall<object>(rig.grpcAddress, 'toolfleet.session.v1.SessionService', method, message, by).then(
      () => 'done',
      (error: { code?: number; details?: string }) =>
        `${error.code} ${(JSON.parse(error.details ?? '{}') as { reason: string }).reason}`,
    );
  const session = { sessionId: sessionIdOf('acme', 'h1') };
  assert.equal(await call(undefined, 'GetSession', session), '16 TOKEN_MISSING');
  assert.equal(await call(headers.ann, 'GetSession', session), 'done');
  assert.equal(await call(headers.eve, 'GetSession', { ...session, tenant: 'acme' }), '7 TENANT_MISMATCH');
  assert.equal(await call(headers.eve, 'GetSession', session), '5 SESSION_UNKNOWN');
  assert.equal(await call(await authorization('ann', []), 'ListSessions', {}), '7 SCOPE_MISSING');
});

describe('over the topic', () => {
  const publish = (topic: string, value: object, by?: string) =>
    rig.running.context.producer.send({
      ...{ topic, key: '', value: Buffer.from(JSON.stringify(value)) },
      headers: by === undefined ? {} : { Authorization: by },
    });
  const requests = () => rig.running.context.names.of('session.requests');
  const letterOf = (requestId: string) =>
    eventually(async () => (await rig.records('deadletter')).find(({ value }) => value.includes(requestId)), within);

  test('a record with the token of its tenant is admitted, for the user of the token', async () => {
    await publish(requests(), request('k1'), headers.ann);
    assert.equal((await eventually(() => admitted('acme', 'k1'), within)).user, 'ann');
  });

  test('one without a token, or with that of another tenant, is a dead letter without the token, and no outcome', async () => {
    await publish(requests(), request('k2', { tenant: 'acme', user: 'ann' }));
    await publish(requests(), request('k3', { tenant: 'acme', user: 'ann' }), headers.eve);
    const [unknown, stranger] = [await letterOf('k2'), await letterOf('k3')];
    assert.equal(unknown.headers['fleet-error-reason'], 'TOKEN_MISSING');
    assert.equal(stranger.headers['fleet-error-reason'], 'TENANT_MISMATCH');
    assert.doesNotMatch(JSON.stringify(stranger.headers), /Bearer|eyJ/);
    const outcomes = (await rig.records('session.outcomes')).map(({ value }) => decodeSessionOutcome(value).requestId);
    assert.deepEqual(
      outcomes.filter((id) => id === 'k2' || id === 'k3'),
      [],
    );
  });

  test('what its own tenant may not ask for is answered with an outcome of that tenant', async () => {
    await publish(requests(), request('k4', { user: 'bob' }), headers.ann);
    const outcome = await eventually(
      async () =>
        (await rig.records('session.outcomes'))
          .map(({ value }) => decodeSessionOutcome(value))
          .find(({ requestId }) => requestId === 'k4'),
      within,
    );
    assert.deepEqual([outcome.tenant, outcome.status, outcome.refusal?.reason], ['acme', 'rejected', 'USER_MISMATCH']);
  });

  test('the topic of a tenant needs no token, is of no other tenant, and takes no other tenant’s token', async () => {
    await publish(ownTopic, request('o1', { user: 'bob', roles: ['vip'] }));
    const requested = await eventually(() => admitted('acme', 'o1'), within);
    assert.deepEqual([requested.user, requested.roles], ['bob', ['vip']]);
    await publish(ownTopic, request('o2', { tenant: 'globex', user: 'eve' }));
    await publish(ownTopic, request('o3', { user: 'eve' }), headers.eve);
    for (const requestId of ['o2', 'o3']) {
      assert.equal((await letterOf(requestId)).headers['fleet-error-reason'], 'TENANT_MISMATCH');
    }
  });
});

test('whoever was refused is in the audit, once a kind', async () => {
  const wanted = [
    '  CALLER_REFUSED POST /v1/sessions TOKEN_MISSING gateway',
    'acme ann CALLER_REFUSED POST /v1/sessions TENANT_MISMATCH gateway',
    'globex eve CALLER_REFUSED GET /v1/sessions/:id TENANT_MISMATCH gateway',
    'globex eve CALLER_REFUSED /toolfleet.session.v1.SessionService/GetSession TENANT_MISMATCH gateway',
    `  CALLER_REFUSED ${rig.running.context.names.of('session.requests')} TOKEN_MISSING gateway`,
    `globex eve CALLER_REFUSED ${ownTopic} TENANT_MISMATCH gateway`,
  ];
  await eventually(async () => {
    const seen = await audits();
    return wanted.every((line) => seen.includes(line));
  }, within);
  const seen = await audits();
  assert.equal(new Set(seen).size, seen.length);
});

test('without an issuer whose tokens count, nothing starts', async () => {
  const { TOOLFLEET_IDENTITY_ISSUERS: issuers } = process.env;
  delete process.env['TOOLFLEET_IDENTITY_ISSUERS'];
  await assert.rejects(runRoles([gatewayRole]), /TOOLFLEET_IDENTITY_ISSUERS is required/);
  process.env['TOOLFLEET_IDENTITY_ISSUERS'] = issuers;
});
