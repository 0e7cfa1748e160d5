import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isFault } from '../fault.js';
import type { SessionRequest } from '../session/session.js';
import { actorFor, decisionFor, isCallerRefusal, requestFor, scopeFault, speakerFault, tenantFor } from './access.js';
import type { Caller } from './caller.js';
import type { Scope } from './scopes.js';

const caller = (change: Partial<Omit<Caller, 'scopes'>> = {}, ...scopes: Scope[]): Caller => ({
  ...{ tenant: 'acme', user: 'ann', roles: ['clerk', 'lead'], tokenId: 't' },
  ...change,
  scopes: new Set(scopes),
});
const request = (change: Partial<SessionRequest> = {}): SessionRequest => ({
  ...{ tenant: '', user: '', requestId: 'r', agent: 'a', input: 'hi', roles: [], labels: {} },
  ...change,
});
function reasonOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (isFault(error) && error.kind === 'denied' && isCallerRefusal(error)) return error.reason;
    throw error;
  }
  return 'allowed';
}

describe('a caller', () => {
  it('is of one tenant, and names no other', () => {
    assert.equal(tenantFor(caller(), ''), 'acme');
    assert.equal(tenantFor(caller(), 'acme'), 'acme');
    assert.equal(
      reasonOf(() => tenantFor(caller(), 'globex')),
      'TENANT_MISMATCH',
    );
    assert.equal(
      reasonOf(() => tenantFor(caller({}, 'sessions:delegate', 'catalog:write'), 'globex')),
      'TENANT_MISMATCH',
    );
  });

  it('names any tenant with the scope for it', () => {
    assert.equal(tenantFor(caller({ tenant: '' }, 'operator'), 'globex'), 'globex');
    assert.equal(tenantFor(caller({ tenant: '' }, 'operator'), ''), '');
  });

  it('may do what its scopes say and nothing else', () => {
    assert.equal(scopeFault(caller({}, 'sessions:read'), 'sessions:read'), undefined);
    const fault = scopeFault(caller({}, 'sessions:read', 'operator'), 'sessions:start');
    assert.deepEqual(
      [fault?.kind, fault?.reason, fault?.details],
      ['denied', 'SCOPE_MISSING', { scope: 'sessions:start' }],
    );
  });

  it('acts in its own name, whatever a payload says', () => {
    assert.equal(actorFor(caller(), '', 'decidedBy'), 'ann');
    assert.equal(actorFor(caller(), 'ann', 'decidedBy'), 'ann');
    for (const scope of ['sessions:delegate', 'operator'] as const) {
      assert.equal(
        reasonOf(() => actorFor(caller({}, scope), 'bob', 'decidedBy')),
        'USER_MISMATCH',
      );
    }
  });
});

describe('a request for a session', () => {
  it('that names nobody is the caller’s own', () => {
    const { tenant, user, roles } = requestFor(caller(), request());
    assert.deepEqual([tenant, user, roles], ['acme', 'ann', ['clerk', 'lead']]);
  });

  it('may ask for fewer roles than the token has, never for others', () => {
    assert.deepEqual(requestFor(caller(), request({ roles: ['lead'] })).roles, ['lead']);
    assert.equal(
      reasonOf(() => requestFor(caller(), request({ roles: ['lead', 'admin'] }))),
      'ROLES_EXCEEDED',
    );
  });

  it('for another user takes the scope for it, and then lends that user no roles', () => {
    assert.equal(
      reasonOf(() => requestFor(caller(), request({ user: 'bob' }))),
      'USER_MISMATCH',
    );
    const service = caller({ user: 'backend' }, 'sessions:delegate');
    assert.deepEqual(requestFor(service, request({ user: 'bob' })).roles, []);
    const { user, roles } = requestFor(service, request({ user: 'bob', roles: ['vip'] }));
    assert.deepEqual([user, roles], ['bob', ['vip']]);
  });

  it('for another tenant is refused, also of one who may act for users', () => {
    const service = caller({ user: 'backend' }, 'sessions:delegate');
    assert.equal(
      reasonOf(() => requestFor(service, request({ tenant: 'globex' }))),
      'TENANT_MISMATCH',
    );
  });

  it('of an operator does not make a namesake of a user of that tenant', () => {
    assert.equal(
      reasonOf(() => requestFor(caller({}, 'operator'), request({ tenant: 'globex' }))),
      'USER_MISMATCH',
    );
    const delegate = caller({}, 'operator', 'sessions:delegate');
    assert.deepEqual(requestFor(delegate, request({ tenant: 'globex', user: 'ann' })).roles, []);
  });
});

describe('a decision', () => {
  it('is that of the token’s user, in the token’s roles, whatever other scopes it has', () => {
    const decision = { tenant: '', decidedBy: '', roles: [], approve: true };
    const own = { tenant: 'acme', decidedBy: 'ann', roles: ['clerk', 'lead'], approve: true };
    assert.deepEqual(decisionFor(caller(), decision), own);
    const service = caller({}, 'sessions:delegate', 'operator');
    assert.equal(
      reasonOf(() => decisionFor(service, { ...decision, decidedBy: 'bob' })),
      'USER_MISMATCH',
    );
    assert.equal(
      reasonOf(() => decisionFor(service, { ...decision, roles: ['finance'] })),
      'ROLES_EXCEEDED',
    );
    assert.equal(
      reasonOf(() => decisionFor(caller(), { ...decision, tenant: 'globex' })),
      'TENANT_MISMATCH',
    );
  });
});

describe('a session', () => {
  it('hears only its own user, or one who may act for users', () => {
    const session = { tenant: 'acme', user: 'ann' };
    assert.equal(speakerFault(caller(), session), undefined);
    assert.equal(speakerFault(caller({ user: 'bob' }), session)?.reason, 'USER_MISMATCH');
    assert.equal(speakerFault(caller({ user: 'bob' }, 'sessions:delegate'), session), undefined);
    assert.equal(speakerFault(caller({ tenant: 'globex' }, 'operator'), session)?.reason, 'USER_MISMATCH');
  });
});
