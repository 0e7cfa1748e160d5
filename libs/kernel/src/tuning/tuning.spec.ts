import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { limits } from '../limits.js';
import type { TuningAction, TuningChange, TuningTarget } from './tuning.js';
import { concurrencyChange, flowChange, holds, holdsOf, tuningFault, tuningKeyOf } from './tuning.js';

const now = 1_000_000;
const scope = { service: 'executor', toolClass: 'read', partition: 3 };

function change(
  action: TuningAction,
  target: Partial<TuningTarget> = {},
  more: Partial<TuningChange> = {},
): TuningChange {
  return {
    target: { service: 'executor', ...target },
    action,
    concurrency: action === 'setConcurrency' ? 8 : 0,
    actor: 'ann',
    reason: 'incident',
    atMs: now - 1_000,
    expiresAtMs: now + 60_000,
    ...more,
  };
}

const heldOf = (changes: readonly TuningChange[], tenants: readonly string[], at = now) => {
  const held = holdsOf(changes, scope, at);
  return held ? tenants.filter((tenant) => holds(held, tenant)) : [];
};

describe('which change counts', () => {
  it('nothing is held and nothing set while no change is about the consumer', () => {
    const others = [
      change('pause', { service: 'policy' }),
      change('pause', { toolClass: 'write' }),
      change('pause', { partition: 4 }),
    ];
    assert.equal(holdsOf(others, scope, now), undefined);
    assert.equal(concurrencyChange([change('setConcurrency', { toolClass: 'write' })], scope, now), undefined);
  });

  it('the more specific wins, whatever the order and however old', () => {
    const wide = change('pause', {}, { atMs: now });
    const narrow = change('resume', { tenant: 'acme' }, { atMs: now - 9_000 });
    const narrower = change('pause', { tenant: 'acme', toolClass: 'read' });
    assert.deepEqual(heldOf([wide, narrow], ['acme', 'zoo']), ['zoo']);
    assert.deepEqual(heldOf([narrow, wide], ['acme', 'zoo']), ['zoo']);
    assert.deepEqual(heldOf([narrower, narrow, wide], ['acme', 'zoo']), ['acme', 'zoo']);
    assert.deepEqual(heldOf([change('resume', { partition: 3 }), change('pause', { toolClass: 'read' })], ['zoo']), []);
  });

  it('of two about the same target the newest wins, and of equally old ones the later on the bus', () => {
    const [older, newer] = [change('pause', {}, { atMs: now - 2 }), change('resume', {}, { atMs: now - 1 })];
    assert.deepEqual(heldOf([newer, older], ['zoo']), []);
    const set = (concurrency: number) => change('setConcurrency', {}, { concurrency });
    assert.equal(concurrencyChange([set(1), set(2)], scope, now)?.concurrency, 2);
  });

  it('a change ends at its expiry, and the next wider one counts again', () => {
    const brief = change('resume', { tenant: 'acme' }, { expiresAtMs: now + 10 });
    const changes = [change('pause'), brief];
    assert.deepEqual(heldOf(changes, ['acme'], now + 9), []);
    assert.deepEqual(heldOf(changes, ['acme'], now + 10), ['acme']);
    assert.equal(holdsOf(changes, scope, now + 60_000), undefined);
  });

  it('pauses and concurrency never answer for one another', () => {
    const changes = [change('pause', { toolClass: 'read' }), change('setConcurrency')];
    assert.equal(concurrencyChange(changes, scope, now)?.concurrency, 8);
    assert.equal(flowChange(changes, scope, now)?.action, 'pause');
  });

  it('what is held for a tenant is what the winning change for it says, for any set of changes', () => {
    const target = fc.record(
      {
        toolClass: fc.constantFrom('read', 'write'),
        tenant: fc.constantFrom('acme', 'zoo'),
        partition: fc.constantFrom(3, 4),
      },
      { requiredKeys: [] },
    );
    const drawn = fc.tuple(fc.constantFrom<TuningAction>('pause', 'resume'), target, fc.integer({ min: -5, max: 5 }));
    fc.assert(
      fc.property(fc.array(drawn, { maxLength: 12 }), (list) => {
        const changes = list.map(([action, of, at]) => change(action, of, { atMs: at, expiresAtMs: now + at }));
        for (const tenant of ['acme', 'zoo', 'nobody']) {
          const isHeld = flowChange(changes, { ...scope, tenant }, now)?.action === 'pause';
          assert.equal(heldOf(changes, [tenant]).length === 1, isHeld);
        }
      }),
    );
  });
});

describe('what a change must be', () => {
  const reasonOf = (bad: TuningChange) => tuningFault(bad, now)?.reason;

  it('has an actor, a reason and an expiry within its bound', () => {
    assert.equal(reasonOf(change('pause')), undefined);
    assert.equal(reasonOf(change('pause', {}, { actor: ' ' })), 'ACTOR_MISSING');
    assert.equal(reasonOf(change('pause', {}, { reason: '' })), 'REASON_MISSING');
    assert.equal(reasonOf(change('pause', {}, { expiresAtMs: now })), 'EXPIRY_INVALID');
    assert.equal(reasonOf(change('pause', {}, { expiresAtMs: now + limits.tuningMsMax + 1 })), 'EXPIRY_INVALID');
    assert.equal(reasonOf(change('pause', {}, { reason: 'x'.repeat(limits.tuningTextCharsMax + 1) })), 'TEXT_TOO_LONG');
  });

  it('sets a concurrency that lets something run, for a service or a class', () => {
    assert.equal(reasonOf(change('setConcurrency', { toolClass: 'read' })), undefined);
    assert.equal(reasonOf(change('setConcurrency', {}, { concurrency: 0 })), 'CONCURRENCY_INVALID');
    assert.equal(reasonOf(change('setConcurrency', { tenant: 'acme' })), 'CONCURRENCY_TARGET');
  });

  it('has a key of its target and question, so that a resume replaces the pause', () => {
    const target = { service: 'executor', tenant: 'a/b' };
    assert.equal(tuningKeyOf(target, 'pause'), tuningKeyOf(target, 'resume'));
    assert.notEqual(tuningKeyOf(target, 'pause'), tuningKeyOf(target, 'setConcurrency'));
    assert.notEqual(
      tuningKeyOf(target, 'pause'),
      tuningKeyOf({ service: 'executor', toolClass: 'a', tenant: 'b' }, 'pause'),
    );
  });
});
