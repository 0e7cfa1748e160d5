import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isFault, refusalOf } from '@toolfleet/kernel';
import { LookUps } from './look-ups.js';

const never = () => new Promise<never>(() => {});

async function refusalFrom(work: Promise<unknown>) {
  const error = await work.then(
    () => assert.fail('expected a fault'),
    (error: unknown) => error,
  );
  assert.ok(isFault(error), String(error));
  return refusalOf(error);
}

describe('look-ups for a client', () => {
  it('end in degraded mode when the database takes too long', async () => {
    const lookUps = new LookUps({ withinMs: 20, atOnceMax: 8 });
    const { reason, retryable, retryAfterMs, hint, details } = await refusalFrom(lookUps.run(never));
    assert.deepEqual([reason, retryable, details['degraded']], ['DATABASE_SLOW', true, 'database']);
    assert.ok(hint && retryAfterMs !== undefined);
  });

  it('are refused at once beyond their bound, which those that hang count to as well', async () => {
    const lookUps = new LookUps({ withinMs: 5, atOnceMax: 2 });
    await Promise.all([refusalFrom(lookUps.run(never)), refusalFrom(lookUps.run(never))]);
    assert.equal(lookUps.running, 2);
    const { kind, reason } = await refusalFrom(lookUps.run(() => Promise.resolve(1)));
    assert.deepEqual([kind, reason], ['overloaded', 'DATABASE_SATURATED']);
  });

  it('that end in time are handed on as they are, and free their place', async () => {
    const lookUps = new LookUps({ withinMs: 1_000, atOnceMax: 1 });
    assert.equal(await lookUps.run(() => Promise.resolve(7)), 7);
    await assert.rejects(
      lookUps.run(() => Promise.reject(new Error('no'))),
      /no/,
    );
    assert.equal(lookUps.running, 0);
  });
});
