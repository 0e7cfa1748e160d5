import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ReconcileSpec, VersionCheckSpec } from '../catalog/effects.js';
import type { ToolCall } from '../toolcall/tool-call.js';
import { declaredArgumentsOf, declaredCallOf, unknownPlaceholders } from './declared-read.js';
import { verdictOf } from './reconcile.js';
import { currentVersionIn, isStale, versionConflict } from './version-check.js';

const call: ToolCall = {
  ...{ tenant: 'acme', sessionId: 's1', callId: 's1:1:0', tool: 'pay', toolVersion: '3', toolClass: 'write' },
  ...{ effect: 'write', arguments: Buffer.from('{}'), conflictKey: 'order:1', deadlineAtMs: 1_000, timeoutMs: 100 },
  ...{ idempotencyKey: 'k-1', user: 'u1', agent: 'shop' },
};
const bodyOf = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

describe('a declared read', () => {
  const read = (args: Record<string, unknown>) => ({ tool: 'find', arguments: args });

  it('takes its arguments from those of the write and from what the call knows', () => {
    const filled = declaredArgumentsOf(
      read({ id: '{order_id}', key: '{toolfleet_idempotency_key}', text: 'of {toolfleet_user}: {amount}', limit: 1 }),
      call,
      { order_id: 'o-1', amount: 7 },
    );
    assert.deepEqual(filled, { id: 'o-1', key: 'k-1', text: 'of u1: 7', limit: 1 });
  });

  it('keeps the type of what stands alone, and leaves out what the write was not given', () => {
    const args = { n: 7, list: [1], gone: undefined };
    assert.deepEqual(declaredArgumentsOf(read({ n: '{n}', list: '{list}', gone: '{gone}', no: '{no}' }), call, args), {
      n: 7,
      list: [1],
    });
    // Every object has this one; no call does.
    assert.deepEqual(declaredArgumentsOf(read({ a: '{constructor}' }), call, {}), {});
  });

  it('names nothing that is neither a parameter nor known of a call', () => {
    assert.deepEqual(unknownPlaceholders(read({ a: '{x}-{y}', b: '{toolfleet_call}', c: 3 }), ['x']), ['y']);
  });

  it('is asked for the same person, and is no write', () => {
    const asked = declaredCallOf(
      call,
      { name: 'find', version: '1', toolClass: 'read' },
      { id: 1 },
      { deadlineAtMs: 5, timeoutMs: 2 },
    );
    const { tenant, user, effect, idempotencyKey, conflictKey, tool } = asked;
    assert.deepEqual([tenant, user, effect, idempotencyKey, conflictKey, tool], ['acme', 'u1', 'read', '', '', 'find']);
  });
});

describe('the answer of a reconciling read', () => {
  const spec: ReconcileSpec = {
    ...{ tool: 'find', arguments: {}, failedAfterMs: 1_000, tellAnswer: true },
    done: "answer.reference == idempotency_key && answer.amount == args.amount && answer.state == 'booked'",
    failed: "!ok || answer.state == 'absent'",
  };
  const verdict = (answer: unknown, { ok = true, nowMs = 2_000, of = spec } = {}) =>
    verdictOf(
      of,
      { ok, body: bodyOf(answer) },
      { idempotencyKey: 'k-1', args: { amount: 7 } },
      { nowMs, lastTryOverAtMs: 1_000 },
    );

  it('says done when its condition holds, at once', () => {
    assert.equal(verdict({ reference: 'k-1', amount: 7, state: 'booked' }, { nowMs: 1_000 }), 'done');
    assert.equal(verdict({ reference: 'k-2', amount: 7, state: 'booked' }), 'unknown');
  });

  it('says failed only once the tool cannot be doing it any more', () => {
    assert.deepEqual(
      [verdict({ state: 'absent' }, { nowMs: 1_999 }), verdict({ state: 'absent' })],
      ['unknown', 'failed'],
    );
    assert.equal(verdict('not found', { ok: false }), 'failed');
  });

  it('says nothing when it is no JSON, when no condition can be evaluated, or when both hold', () => {
    for (const answer of ['no json', '', [], {}, null, 7]) assert.equal(verdict(answer), 'unknown');
    const both = { ...spec, done: 'true', failed: 'true' };
    assert.equal(verdict({}, { of: both }), 'unknown');
    assert.equal(verdict({ state: 'absent' }, { of: { ...spec, failed: undefined } }), 'unknown');
  });
});

describe('a version check', () => {
  const spec: VersionCheckSpec = { argument: 'expected', when: "code == 'STALE'", current: 'data.version' };

  it('is stale where the protocol says so, or the words of the refusal do, and never when the tool granted it', () => {
    assert.equal(isStale(spec, { ok: false, body: bodyOf(''), stale: {} }), true);
    assert.equal(isStale(spec, { ok: false, body: bodyOf({ code: 'STALE' }) }), true);
    assert.equal(isStale(spec, { ok: false, body: bodyOf({ code: 'OTHER' }) }), false);
    assert.equal(isStale(spec, { ok: true, body: bodyOf({ code: 'STALE' }) }), false);
  });

  it('finds the version of now, as text', () => {
    assert.equal(currentVersionIn(spec, bodyOf({ data: { version: 12 } })), '12');
    assert.equal(currentVersionIn(spec, bodyOf({ data: { version: {} } })), undefined);
    assert.equal(currentVersionIn(spec, bodyOf('no json')), undefined);
    assert.equal(currentVersionIn(spec, bodyOf({ data: { version: 'v'.repeat(500) } }))?.length, 200);
  });

  it('tells the model which version it had and which there is, and to read again', () => {
    const { kind, reason, details, hint } = versionConflict(spec, 'change', { expected: 3 }, '4');
    assert.deepEqual(
      [kind, reason, details],
      ['conflict', 'VERSION_CONFLICT', { expectedVersion: '3', currentVersion: '4' }],
    );
    assert.match(hint!, /Read it again/);
    assert.deepEqual(versionConflict(spec, 'change', {}, undefined).details, {});
  });
});
