import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Caller } from '@toolfleet/kernel';
import { limits } from '@toolfleet/kernel';
import { Publishers } from './publishers.js';

const nowMs = 10 * limits.publishedRequestMsMax;
const ann: Caller = { tenant: 'acme', user: 'ann', roles: [], scopes: new Set(['sessions:start']), tokenId: 't' };

/** What was asked of the verifier: the header, and the time at which the token must count. */
function world() {
  const asked: [unknown, number | undefined][] = [];
  const callerOf = async (header: unknown, atMs?: number) => {
    asked.push([header, atMs]);
    return ann;
  };
  const known = (header: unknown, atMs: number) => {
    asked.push([header, atMs]);
    return header === 'Bearer x' ? ann : undefined;
  };
  const refused: string[] = [];
  const note = ({ reason }: { readonly reason: string }) => void refused.push(reason);
  const identity = { callerOf, known, refused: { note } } as never;
  const publishers = new Publishers(identity, new Map([['of-globex', 'globex']]), () => nowMs);
  return { publishers, asked, refused };
}

const record = (timestampMs: number, topic = 'requests') => ({
  topic,
  headers: { Authorization: 'Bearer x' },
  timestampMs,
});

describe('the token of a published record', () => {
  it('must count when the broker took the record, however much later it is read', async () => {
    const { publishers, asked } = world();
    const tookAtMs = nowMs - limits.publishedRequestMsMax;
    assert.equal((await publishers.admit(record(tookAtMs), '')).tenant, 'acme');
    assert.deepEqual(asked, [['Bearer x', tookAtMs]]);
  });

  it('gains nothing by a record from the future', async () => {
    const { publishers, asked } = world();
    await publishers.admit(record(nowMs + 3_600_000), '');
    assert.deepEqual(asked, [['Bearer x', nowMs]]);
  });

  it('does not help a record that is older than its topic keeps any', async () => {
    const { publishers, asked } = world();
    const old = publishers.admit(record(nowMs - limits.publishedRequestMsMax - 1), '');
    await assert.rejects(old, { kind: 'expired', reason: 'REQUEST_TOO_OLD' });
    assert.deepEqual(asked, []);
  });

  it('of another tenant does not count on a topic that is one tenant’s, and that is noted', async () => {
    const { publishers, refused } = world();
    const strange = publishers.admit(record(nowMs, 'of-globex'), '');
    await assert.rejects(strange, { kind: 'denied', reason: 'TENANT_MISMATCH' });
    assert.deepEqual(refused, ['TENANT_MISMATCH']);
  });
});

describe('a publisher that is known', () => {
  it('is so by the same rules, at once and without a word of what is wrong', async () => {
    const { publishers, asked, refused } = world();
    const tookAtMs = nowMs - limits.publishedRequestMsMax;
    assert.deepEqual(publishers.known(record(tookAtMs), ''), await publishers.admit(record(tookAtMs), ''));
    assert.deepEqual(asked, [
      ['Bearer x', tookAtMs],
      ['Bearer x', tookAtMs],
    ]);
    assert.equal(publishers.known(record(tookAtMs - 1), ''), undefined);
    assert.equal(publishers.known(record(nowMs), 'globex'), undefined);
    assert.equal(publishers.known(record(nowMs, 'of-globex'), ''), undefined);
    assert.equal(publishers.known({ ...record(nowMs), headers: { authorization: 'Bearer y' } }, ''), undefined);
    assert.deepEqual(refused, []);
  });

  it('needs no token on a topic that is its tenant’s alone', () => {
    const { publishers } = world();
    assert.equal(publishers.known({ ...record(nowMs, 'of-globex'), headers: {} }, '')?.tenant, 'globex');
  });
});
