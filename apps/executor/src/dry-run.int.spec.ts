/** A dry run: everything of a write but its effect. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AuthorisedCall, ToolCall, ToolSpec } from '@toolfleet/kernel';
import { hexDigestOf, overloaded, textForModel } from '@toolfleet/kernel';
import { callOf, quiet, toolOf, upstreamOf } from './executor.fixture.js';
import { catalogue, held, me, run, runner, says, shop } from './run-call.fixture.js';

const change = toolOf({
  effect: 'write',
  name: 'change',
  http: { ...toolOf().http!, method: 'PUT', path: '/orders/{id}', query: ['force'] },
});
const args = { id: 'o/1', force: true, items: [1] };

function dry(tool: ToolSpec = change, call: Partial<ToolCall> = {}): AuthorisedCall {
  catalogue.put({ kind: 'Tool', spec: tool });
  return callOf(tool, { dryRun: true, arguments: Buffer.from(JSON.stringify(args)), ...call });
}

describe('a dry run', () => {
  it('sends nothing, leaves nothing in the ledger, and says what would have been done', async () => {
    const call = dry();
    const observation = await run(call);
    assert.equal(says(observation), 'ok');
    assert.deepEqual(observation.wouldHaveDone, {
      argumentsDigest: hexDigestOf(call.arguments),
      ...{ destination: 'shop', method: 'PUT', path: '/orders/o%2F1?force=true' },
    });
    assert.deepEqual([shop.requests, await held(call)], [[], 'reserved']);
  });

  it('is told so that no model takes it for done', async () => {
    const told = JSON.parse(textForModel(await run(dry()))) as Record<string, unknown>;
    assert.deepEqual([told['dryRun'], told['done']], [true, false]);
    assert.match(String(told['note']), /NOT sent\. Nothing was changed/);
  });

  it('cannot be made a real call of on its way: the receipt covers it', async () => {
    const { dryRun: _, ...real } = dry();
    assert.equal(says(await run(real as AuthorisedCall)), 'denied RECEIPT_INVALID');
    assert.deepEqual(shop.requests, []);
  });

  it('meets everything that a real call would: receipt, quota, arguments, credential, time', async () => {
    const secret = upstreamOf(shop.url, { name: 'secret', credential: { headers: { 'x-key': '{env:NOTHING}' } } });
    catalogue.put({ kind: 'Upstream', spec: secret });
    const locked = toolOf({ ...change, name: 'locked', http: { ...change.http!, upstream: 'secret' } });
    assert.equal(says(await run(dry(locked))), 'failed CREDENTIAL_MISSING');
    const climbing = { arguments: Buffer.from('{"id":".."}') };
    assert.equal(says(await run(dry(change, climbing))), 'failed PATH_PARAMETER_INVALID');
    const full = runner(me, {}, () => Promise.reject(overloaded('QUOTA_EXCEEDED', 'Full.')));
    assert.equal(says(await run(dry(), quiet, quiet, full)), 'shed QUOTA_EXCEEDED');
    assert.equal(says(await run(dry(change, { deadlineAtMs: Date.now() - 1 }))), 'timedOut DEADLINE_PASSED');
    assert.equal(says(await run(dry(), quiet, AbortSignal.abort())), 'cancelled CANCELLED');
    assert.equal(says(await run(dry({ ...change, version: '2' }, { toolVersion: '1' }))), 'failed TOOL_VERSION_GONE');
  });

  it('of a tool without a destination names the function', async () => {
    const echo = toolOf({ effect: 'write', name: 'echo', driver: 'builtin', builtin: 'echo', http: undefined });
    const { wouldHaveDone } = await run(dry(echo));
    assert.deepEqual([wouldHaveDone?.destination, wouldHaveDone?.method, wouldHaveDone?.path], ['', 'builtin', 'echo']);
  });
});
