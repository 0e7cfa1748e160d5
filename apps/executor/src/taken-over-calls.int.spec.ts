import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AuthorisedCall, ToolSpec } from '@toolfleet/kernel';
import { denied, limits } from '@toolfleet/kernel';
import { callOf, quiet } from './executor.fixture.js';
import {
  read,
  write,
  idempotent,
  ledger,
  shop,
  other,
  runner,
  run,
  entryOf,
  says,
  held,
  freshBreakers,
} from './run-call.fixture.js';

describe('CallRunner: a kill switch', () => {
  const killed = () => denied('KILLED', 'Switched off.');
  const stopped = () => runner(undefined, undefined, undefined, killed);

  it('stops what was allowed before it was thrown, and a write so that it never runs later', async () => {
    for (const tool of [read, write]) {
      const call = callOf(tool);
      assert.equal(says(await run(call, quiet, quiet, stopped())), 'denied KILLED');
      if (tool === write) assert.deepEqual([await held(call), says(await run(call))], ['failed', 'denied KILLED']);
    }
    assert.deepEqual(shop.requests, []);
  });

  it('never has a write run again that another executor began: its end is unknown', async () => {
    const call = callOf(idempotent, { deadlineAtMs: Date.now() + 300 });
    await ledger.begin({ ...entryOf(call), ...other });
    assert.equal(says(await run(call, quiet, quiet, stopped())), 'indeterminate OUTCOME_UNKNOWN');
    assert.deepEqual(shop.requests, []);
  });
});

describe('CallRunner: writes begun by another', () => {
  /** Another executor began the call and died. */
  async function begun(tool: ToolSpec, deadlineInMs = 5_000): Promise<AuthorisedCall> {
    const call = callOf(tool, { deadlineAtMs: Date.now() + deadlineInMs });
    assert.equal((await ledger.begin({ ...entryOf(call), ...other })).state, 'reserved');
    return call;
  }

  it('are never run again without idempotency: at the deadline their end is unknown', async () => {
    const call = await begun(write, 300);
    assert.equal(says(await run(call)), 'indeterminate OUTCOME_UNKNOWN');
    assert.deepEqual([shop.requests, await held(call)], [[], 'unknown']);
  });

  it('are answered by the other one if it lives', async () => {
    const call = await begun(write);
    const waiting = run(call);
    const answer = await run(call, quiet, quiet, runner(other, { begin: async () => ({ state: 'reserved' }) }));
    assert.deepEqual([await waiting, shop.requests.length], [answer, 1]);
  });

  it('run again under the same key when the tool is idempotent, and the one before can settle nothing any more', async () => {
    const call = await begun(idempotent);
    let key: unknown;
    shop.answer = (request, response) => {
      key = request.headers['idempotency-key'];
      response.end('{}');
    };
    assert.deepEqual([says(await run(call)), key], ['ok', call.idempotencyKey]);
    assert.equal(await ledger.settle({ ...call, ...other }, 'failed', Buffer.from('x')), false);
    assert.equal(await held(call), 'done');
  });

  it('are not called failed because the second run did not reach the tool, or came too late', async () => {
    const refused = await begun(idempotent);
    const late = await begun(idempotent, -1);
    shop.close();
    assert.equal(says(await run(refused)), 'indeterminate UPSTREAM_CONNECT_FAILED');
    assert.equal(says(await run(late)), 'indeterminate OUTCOME_UNKNOWN');
    assert.deepEqual([await held(refused), await held(late)], ['unknown', 'unknown']);
  });

  it('are of unknown end when the tool or the receipt is gone meanwhile', async () => {
    const old = await begun({ ...write, version: '0' }, 200);
    const expired = await begun(write, -61_000);
    assert.equal(says(await run(old)), 'indeterminate OUTCOME_UNKNOWN');
    assert.equal(says(await run(expired)), 'indeterminate OUTCOME_UNKNOWN');
    assert.deepEqual(shop.requests, []);
  });
});

describe('CallRunner: a second run of its own', () => {
  it('asks an idempotent tool once more when the first answer was lost', async () => {
    shop.answer = (_request, response) => (shop.requests.length === 1 ? response.destroy() : response.end('{}'));
    const call = callOf(idempotent);
    assert.deepEqual([says(await run(call)), shop.requests.length, await held(call)], ['ok', 2, 'done']);
  });

  it('is made within the upstream’s budget of retries: an outage is not met with twice the calls', async () => {
    freshBreakers({ callsMin: 1_000, silentCallsMin: 1_000 });
    shop.answer = (_request, response) => response.destroy();
    const [by, count] = [runner(), 60];
    const ends = await Promise.all(Array.from({ length: count }, () => run(callOf(idempotent), quiet, quiet, by)));
    assert.ok(ends.every(({ outcome }) => outcome === 'indeterminate'));
    const retries = shop.requests.length - count;
    // What the floor refills while the calls run comes on top: a second of it is more than they take.
    const budget = 2 * limits.retriesPerSecondMin + count / 10;
    assert.ok(retries > 0 && retries <= budget, `${retries} retries of ${count} calls`);
  });

  it('knows nothing when the second run does not reach the tool', async () => {
    shop.answer = (_request, response) => {
      shop.close();
      response.destroy();
    };
    const call = callOf(idempotent);
    assert.deepEqual([says(await run(call)), await held(call)], ['indeterminate UPSTREAM_CONNECT_FAILED', 'unknown']);
  });
});
