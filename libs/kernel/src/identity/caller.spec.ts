import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isFault } from '../fault.js';
import type { Claims, IssuerTrust } from './caller.js';
import { callerOf, tokenFault } from './caller.js';

const names = { tenant: 'tenant', user: 'sub', roles: 'roles', scope: 'scope' };
const anyTenant: IssuerTrust = { tenants: [] };
const good: Claims = { tenant: 'acme', sub: 'ann', roles: ['clerk'], scope: 'sessions:start sessions:read', jti: 't1' };
const caller = (claims: Claims, trust = anyTenant, claimNames = names) => callerOf(claims, claimNames, trust, 'abcdef');
const reasonOf = (read: () => unknown): string => {
  try {
    read();
  } catch (error) {
    if (isFault(error) && error.kind === 'unauthenticated')
      return `${error.reason} ${error.details['claim'] ?? ''}`.trim();
    throw error;
  }
  return 'accepted';
};

describe('claims', () => {
  it('name tenant, user, roles and scopes; scopes we do not know are passed over', () => {
    const { scopes, ...rest } = caller({ ...good, scope: 'sessions:start openid profile sessions:read' });
    assert.deepEqual(rest, { tenant: 'acme', user: 'ann', roles: ['clerk'], tokenId: 't1' });
    assert.deepEqual([...scopes], ['sessions:start', 'sessions:read']);
  });

  it('are read where the provider puts them: a path, a name with dots, a list or one text', () => {
    const claimNames = {
      tenant: 'https://ex.org/tenant',
      user: 'uid',
      roles: 'realm_access.roles',
      scope: 'permissions',
    };
    const claims = {
      'https://ex.org/tenant': 'acme',
      uid: 'ann',
      realm_access: { roles: ['clerk', 'lead', 'clerk'] },
      permissions: ['approvals:decide'],
    };
    const { tenant, roles, scopes, tokenId } = caller(claims, anyTenant, claimNames);
    assert.deepEqual(
      [tenant, roles, [...scopes], tokenId],
      ['acme', ['clerk', 'lead'], ['approvals:decide'], 'abcdef'],
    );
  });

  it('that are missing or of another shape refuse the token, and say which', () => {
    const rows: [Claims, string][] = [
      [{ ...good, tenant: undefined }, 'tenant'],
      [{ ...good, tenant: 7 }, 'tenant'],
      [{ ...good, tenant: 'ACME' }, 'tenant'],
      [{ ...good, tenant: '-fleet' }, 'tenant'],
      [{ ...good, sub: '' }, 'sub'],
      [{ ...good, sub: 'x'.repeat(65) }, 'sub'],
      [{ ...good, sub: 'ann\nbob' }, 'sub'],
      [{ ...good, sub: ' ann' }, 'sub'],
      [{ ...good, roles: [1] }, 'roles'],
      [{ ...good, roles: Array.from({ length: 33 }, (_, at) => `r${at}`) }, 'roles'],
      [{ ...good, scope: { all: true } }, 'scope'],
    ];
    for (const [claims, claim] of rows) {
      assert.equal(
        reasonOf(() => caller(claims)),
        `TOKEN_CLAIM_INVALID ${claim}`,
        JSON.stringify(claims),
      );
    }
  });

  it('need no tenant where the token may name any', () => {
    assert.equal(caller({ sub: 'ann', scope: 'operator' }).tenant, '');
  });
});

describe('an issuer that is trusted with some tenants', () => {
  it('speaks for no other, and not for the whole fleet', () => {
    const trust = { tenants: ['acme', 'globex'] };
    assert.equal(
      reasonOf(() => caller({ ...good, tenant: 'initech' }, trust)),
      'ISSUER_NOT_TRUSTED',
    );
    assert.equal(
      reasonOf(() => caller({ sub: 'ann', scope: 'operator' }, trust)),
      'ISSUER_NOT_TRUSTED',
    );
    const { scopes } = caller({ ...good, scope: 'operator catalog:write sessions:read' }, trust);
    assert.deepEqual([...scopes], ['sessions:read']);
  });

  it('need not say which tenant when it has one', () => {
    assert.equal(caller({ sub: 'ann', scope: '' }, { tenants: ['acme'] }).tenant, 'acme');
  });
});

describe('a token', () => {
  const rules = { audience: 'toolfleet', clockSkewMs: 60_000, tokenAgeMsMax: 3_600_000 };
  const nowMs = 1_000_000_000;
  const nowS = nowMs / 1_000;
  const claims = { aud: 'toolfleet', iat: nowS - 10, exp: nowS + 300 };
  const reason = (change: Claims, atMs = nowMs) => tokenFault({ ...claims, ...change }, rules, atMs)?.reason;

  it('counts for its audience, alone or in a list', () => {
    assert.equal(reason({}), undefined);
    assert.equal(reason({ aud: ['account', 'toolfleet'] }), undefined);
    assert.equal(reason({ aud: ['account'] }), 'TOKEN_AUDIENCE_WRONG');
    assert.equal(reason({ aud: undefined }), 'TOKEN_AUDIENCE_WRONG');
  });

  it('counts from its beginning to its end, give or take what clocks differ by', () => {
    assert.equal(reason({ exp: nowS - 59 }), undefined);
    assert.equal(reason({ exp: nowS - 60 }), 'TOKEN_EXPIRED');
    assert.equal(reason({ nbf: nowS + 60 }), undefined);
    assert.equal(reason({ nbf: nowS + 61 }), 'TOKEN_NOT_YET_VALID');
    assert.equal(reason({ iat: nowS + 61 }), 'TOKEN_NOT_YET_VALID');
  });

  it('counts no longer than tokens may live here, whatever its issuer wrote', () => {
    const old = { iat: nowS - 3_661, exp: nowS + 1_000_000 };
    assert.equal(reason(old), 'TOKEN_TOO_OLD');
  });

  it('without an end or a beginning never counts', () => {
    assert.equal(reason({ exp: undefined }), 'TOKEN_CLAIM_INVALID');
    assert.equal(reason({ iat: 'today' }), 'TOKEN_CLAIM_INVALID');
    assert.equal(reason({ nbf: Number.NaN }), 'TOKEN_CLAIM_INVALID');
  });

  it('that counted when a record arrived counts for that record later', () => {
    assert.equal(reason({ exp: nowS + 1 }, nowMs), undefined);
    assert.equal(reason({ exp: nowS + 1 }, nowMs + 7_200_000), 'TOKEN_EXPIRED');
  });
});
