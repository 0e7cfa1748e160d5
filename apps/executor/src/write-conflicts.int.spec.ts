/** Writes of one resource never overlap, whatever lane, class, tenant or executor they come by. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AuthorisedCall, ToolCall, ToolSpec } from '@toolfleet/kernel';
import { limits } from '@toolfleet/kernel';
import { eventually } from '@toolfleet/testkit';
import { callOf, quiet, toolOf } from './executor.fixture.js';
import {
  catalogue,
  entryOf,
  held,
  idempotent,
  ledger,
  me,
  other,
  run,
  runner,
  says,
  shop,
} from './run-call.fixture.js';

const change = toolOf({ effect: 'write', name: 'change', conflictKey: 'order:{a}' });
const changeOnce = toolOf({ ...change, name: 'changeOnce', idempotent: true });
const cancel = toolOf({ effect: 'write', name: 'cancel', conflictKey: 'order:{a}', toolClass: 'export' });
const shared = toolOf({ effect: 'write', name: 'shared', conflictKey: 'stock:{a}', conflictScope: 'upstream' });

let orders = 0;

/** A resource that no other test writes. */
function onOrder(...tools: readonly ToolSpec[]): (tool: ToolSpec, call?: Partial<ToolCall>) => AuthorisedCall {
  for (const spec of tools) catalogue.put({ kind: 'Tool', spec });
  const conflictKey = `order:${(orders += 1)}`;
  return (tool, call = {}) => callOf(tool, { conflictKey, ...call });
}

/** Answers after a while, and remembers how many effects were inside at once: a repeated key is the same one. */
function slowShop(takesMs: number): { readonly most: () => number } {
  const inside: string[] = [];
  let most = 0;
  shop.answer = async (request, response) => {
    const key = String(request.headers['idempotency-key']);
    inside.push(key);
    most = Math.max(most, new Set(inside).size);
    await sleep(takesMs);
    inside.splice(inside.indexOf(key), 1);
    response.end('{}');
  };
  return { most: () => most };
}

describe('writes of one resource', () => {
  it('run one after another over two executors and two classes, each once', async () => {
    const call = onOrder(change, cancel);
    const { most } = slowShop(30);
    const executors = [runner(me), runner(other)];
    const calls = Array.from({ length: 8 }, (_, at) => call(at % 2 ? change : cancel));
    const ends = await Promise.all(calls.map((one, at) => run(one, quiet, quiet, executors[at % 2])));
    assert.deepEqual(ends.map(says), Array(8).fill('ok'));
    assert.deepEqual([most(), shop.requests.length], [1, 8]);
  });

  it('do not overlap when a rebalance gives the same records to another executor in the middle', async () => {
    const call = onOrder(changeOnce);
    const { most } = slowShop(50);
    const calls = [1, 2, 3, 4].map(() => call(changeOnce));
    const lost = new AbortController();
    const before = calls.map((one) => run(one, lost.signal, quiet, runner(me)).catch(() => undefined));
    await eventually(() => shop.requests.length === 2, { withinMs: 5_000 });
    // The first executor answers for nothing any more, and its request is still under way.
    lost.abort();
    const again = calls.map((one) => run(one, quiet, quiet, runner(other)));
    assert.deepEqual((await Promise.all(again)).map(says), Array(4).fill('ok'));
    await Promise.all(before);
    assert.equal(most(), 1);
    for (const one of calls) assert.equal(await held(one), 'done');
  });

  it('of other resources, and those of tools that name none, wait for nobody', async () => {
    const call = onOrder(change);
    const { most } = slowShop(200);
    const calls = [call(change), onOrder(change)(change), callOf(idempotent), callOf(idempotent)];
    await Promise.all(calls.map((one) => run(one)));
    assert.equal(most(), 4);
  });

  it('of two tenants run together, unless their tool shares the resource of its upstream', async () => {
    const call = onOrder(change, shared);
    const ofTenants = (tool: ToolSpec) => ['acme', 'globex'].map((tenant) => call(tool, { tenant }));
    const apart = slowShop(100);
    await Promise.all(ofTenants(change).map((one) => run(one)));
    assert.equal(apart.most(), 2);
    const together = slowShop(100);
    await Promise.all(ofTenants(shared).map((one) => run(one)));
    assert.equal(together.most(), 1);
  });

  it('are told RESOURCE_BUSY with a time to come back when another takes too long, and never run later', async () => {
    const call = onOrder(change);
    const [first, second] = [call(change, { deadlineAtMs: Date.now() + 30_000 }), call(change)];
    const holds = {
      key: `tenant/${first.tenant}/${first.conflictKey}`,
      untilMs: first.deadlineAtMs + limits.clockSkewMs,
    };
    await ledger.begin({ ...entryOf(first), ...other, holds });
    const soon = { ...callOf(change, { ...second, deadlineAtMs: Date.now() + 400 }) };
    const end = await run(soon);
    assert.equal(says(end), 'failed RESOURCE_BUSY');
    const { kind, retryable, retryAfterMs = 0 } = end.refusal!;
    assert.deepEqual([kind, retryable], ['conflict', true]);
    assert.ok(retryAfterMs > 20_000 && retryAfterMs <= limits.resourceRetryMsMax);
    assert.deepEqual([await held(soon), says(await run(soon)), shop.requests], ['failed', says(end), []]);
  });

  it('are cancelled while they wait, and have not happened', async () => {
    const call = onOrder(change);
    const first = call(change);
    const holds = { key: `tenant/${first.tenant}/${first.conflictKey}`, untilMs: Date.now() + 60_000 };
    await ledger.begin({ ...entryOf(first), ...other, holds });
    const stop = new AbortController();
    const waiting = call(change);
    const end = run(waiting, quiet, stop.signal);
    await sleep(50);
    stop.abort();
    assert.deepEqual([says(await end), await held(waiting)], ['cancelled CANCELLED', 'failed']);
  });
});

describe('an executor that was thought dead', () => {
  it('settles nothing, and its request has the key of the one that follows it and a lower epoch', async () => {
    const seen: { key: unknown; epoch: unknown }[] = [];
    const held = Promise.withResolvers<void>();
    const done = new Set<string>();
    let effects = 0;
    shop.answer = (request, response) => {
      const { 'idempotency-key': key, 'toolfleet-epoch': epoch } = request.headers;
      seen.push({ key, epoch });
      if (!done.has(String(key))) effects += 1;
      done.add(String(key));
      // The first answer is kept back until the other executor has settled.
      if (seen.length === 1) void held.promise.then(() => response.end('{"by":"zombie"}'));
      else response.end('{"by":"heir"}');
    };
    const call = callOf(idempotent);
    const zombie = runner(me).run(call, quiet, quiet);
    await eventually(() => seen.length === 1, { withinMs: 2_000 });
    const heir = await run(call, quiet, quiet, runner(other));
    assert.equal(Buffer.from(heir.result!).toString(), '{"by":"heir"}');
    held.resolve();
    const late = await zombie;
    await assert.rejects(late.kept, (error: { reason?: string }) => error.reason === 'EFFECT_TAKEN_OVER');
    assert.deepEqual([effects, seen[0]!.key, seen[1]!.key], [1, call.idempotencyKey, call.idempotencyKey]);
    assert.ok(BigInt(String(seen[1]!.epoch)) > BigInt(String(seen[0]!.epoch)));
    const again = await run(call, quiet, quiet, runner(me));
    assert.deepEqual([Buffer.from(again.result!).toString(), seen.length], ['{"by":"heir"}', 2]);
  });
});
