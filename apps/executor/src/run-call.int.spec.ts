import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AuthorisedCall, Observation } from '@toolfleet/kernel';
import { overloaded, unreachable } from '@toolfleet/kernel';
import type { EffectLedger } from '@toolfleet/platform/postgres';
import { eventually } from '@toolfleet/testkit';
import type { TestServer } from './executor.fixture.js';
import { callOf, quiet, toolOf, upstreamOf } from './executor.fixture.js';
import {
  read,
  write,
  idempotent,
  wait,
  ledger,
  shop,
  catalogue,
  me,
  other,
  runner,
  run,
  entryOf,
  says,
  held,
  limitUpstreams,
  http,
  freshBreakers,
} from './run-call.fixture.js';

describe('CallRunner: receipts', () => {
  it('denies a call with any field changed, under another id, without a receipt or after it expired', async () => {
    for (const tool of [read, write]) {
      const call = callOf(tool);
      const strings = ['tenant', 'sessionId', 'callId', 'tool', 'toolVersion', 'toolClass', 'conflictKey', 'user'];
      const changes: Partial<AuthorisedCall>[] = [
        ...[...strings, 'idempotencyKey'].map((field) => ({ [field]: 'changed' })),
        { effect: tool.effect === 'read' ? 'write' : 'read' },
        { arguments: Buffer.from('{"a":2}') },
        { deadlineAtMs: call.deadlineAtMs + 1 },
        { receipt: { ...call.receipt, expiresAtMs: call.receipt.expiresAtMs + 1 } },
        { receipt: { ...call.receipt, keyId: 'k2' } },
        { receipt: { ...call.receipt, signature: Buffer.alloc(3) } },
        { receipt: undefined as never },
      ];
      for (const change of changes) {
        const observation = await run({ ...call, ...change });
        assert.equal(observation.outcome, 'denied', Object.keys(change).join());
        assert.ok(observation.finishedAtMs > 0);
      }
      assert.equal((await run(callOf(tool, { deadlineAtMs: Date.now() - 61_000 }))).outcome, 'denied');
    }
    assert.deepEqual(shop.requests, []);
  });
});

describe('CallRunner: a receipt that is used again', () => {
  it('of a write gives back what the ledger holds and runs nothing', async () => {
    const call = callOf(write);
    const first = await run(call);
    const again = await run(call, quiet, quiet, runner(other));
    assert.deepEqual([again.outcome, again.result, again.finishedAtMs], ['ok', first.result, first.finishedAtMs]);
    const late = await run({ ...call }, quiet, quiet, runner(me, {}));
    assert.deepEqual([late.finishedAtMs, shop.requests.length], [first.finishedAtMs, 1]);
  });

  it('for another call, another class or another tool of the same arguments runs nothing', async () => {
    for (const tool of [read, write]) {
      const { receipt, ...call } = callOf(tool);
      const twin = callOf(tool);
      const others = [
        { ...twin, receipt },
        { ...call, toolClass: 'export', receipt },
        { ...call, tool: 'payOnce', receipt },
      ];
      for (const one of others) assert.equal(says(await run(one)), 'denied RECEIPT_INVALID');
    }
    assert.deepEqual(shop.requests, []);
  });

  it('of a read after its deadline runs nothing', async () => {
    assert.equal(says(await run(callOf(read, { deadlineAtMs: Date.now() - 1 }))), 'timedOut DEADLINE_PASSED');
    assert.equal(says(await run(callOf(read, { deadlineAtMs: Date.now() - 61_000 }))), 'denied RECEIPT_EXPIRED');
    assert.deepEqual(shop.requests, []);
  });
});

describe('CallRunner: shed calls', () => {
  const shed = overloaded('QUEUE_TOO_OLD', 'Too old.', { retryAfterMs: 5_000 });
  const runShed = (call: AuthorisedCall, cancelled = quiet) => run(call, quiet, cancelled, runner(), shed);

  it('are answered without being run, a write so that it never runs later', async () => {
    for (const tool of [read, write]) {
      const call = callOf(tool);
      const observation = await runShed(call);
      assert.deepEqual([says(observation), observation.refusal?.retryAfterMs], ['shed QUEUE_TOO_OLD', 5_000]);
      if (tool === write) assert.deepEqual([await held(call), says(await run(call))], ['failed', 'shed QUEUE_TOO_OLD']);
    }
    assert.deepEqual(shop.requests, []);
  });

  it('keep the end that they have anyway: too late, cancelled, forged', async () => {
    assert.equal(says(await runShed(callOf(read, { deadlineAtMs: Date.now() - 1 }))), 'timedOut DEADLINE_PASSED');
    assert.equal(says(await runShed(callOf(read), AbortSignal.abort())), 'cancelled CANCELLED');
    assert.equal((await runShed({ ...callOf(read), user: 'root' })).outcome, 'denied');
  });

  it('are not shed once begun: a write of unknown end is never told as not run', async () => {
    const [once, repeated] = [callOf(write, { deadlineAtMs: Date.now() + 300 }), callOf(idempotent)];
    for (const call of [once, repeated]) await ledger.begin({ ...entryOf(call), ...other });
    assert.deepEqual(
      [says(await runShed(once)), says(await runShed(repeated))],
      ['indeterminate OUTCOME_UNKNOWN', 'ok'],
    );
    assert.equal(shop.requests.length, 1);
  });
});

describe('CallRunner: tools on their way out', () => {
  const past = { deprecatedAtMs: 1, sunsetAtMs: 2, successor: 'look2' };

  it('still run when deprecated, and say so beside their answer', async () => {
    catalogue.put({ kind: 'Tool', spec: { ...read, deprecatedAtMs: 1 } });
    const { outcome, hint } = await run(callOf(read));
    assert.deepEqual([outcome, hint], ['ok', 'Deprecated: look still works.']);
  });

  it('run in the version that was called while another is current, and not in one that is gone', async () => {
    catalogue.put({ kind: 'Tool', spec: { ...read, version: '2', http: { ...read.http!, path: '/second' } } });
    catalogue.put({ kind: 'Tool', spec: { ...read, beside: true } });
    assert.deepEqual([says(await run(callOf(read))), says(await run(callOf({ ...read, version: '2' })))], ['ok', 'ok']);
    assert.deepEqual(shop.requests, ['POST /act', 'POST /second']);
    assert.equal(says(await run(callOf({ ...read, version: '3' }))), 'failed TOOL_VERSION_GONE');
    catalogue.remove('Tool', 'look@1');
    assert.equal(says(await run(callOf(read))), 'failed TOOL_VERSION_GONE');
  });

  it('are not run past their sunset, whatever was allowed, and a write that was begun goes on', async () => {
    for (const tool of [read, write, idempotent]) catalogue.put({ kind: 'Tool', spec: { ...tool, ...past } });
    for (const tool of [read, write]) {
      const observation = await run(callOf(tool));
      assert.deepEqual([says(observation), observation.refusal?.alternatives], ['failed TOOL_SUNSET', ['look2']]);
    }
    assert.deepEqual(shop.requests, []);
    const begun = callOf(idempotent);
    await ledger.begin({ ...entryOf(begun), ...other });
    assert.deepEqual([says(await run(begun)), shop.requests.length], ['ok', 1]);
  });
});

describe('CallRunner: reads', () => {
  it('runs as often as it is delivered and leaves nothing in the ledger', async () => {
    const call = callOf(read);
    assert.deepEqual([says(await run(call)), says(await run(call))], ['ok', 'ok']);
    assert.equal(shop.requests.length, 2);
    assert.equal(await held(call), 'reserved');
  });

  it('ends at its deadline when the upstream or the tool hangs', async () => {
    shop.answer = () => undefined;
    const startedAtMs = Date.now();
    const late = await run(callOf(read, { deadlineAtMs: startedAtMs + 200 }));
    assert.equal(says(late), 'timedOut DEADLINE_PASSED');
    await eventually(() => http.inFlight === 0, { withinMs: 1_000 });
    const args = Buffer.from('{"milliseconds":30000}');
    const waiting = await run(callOf(wait, { arguments: args, deadlineAtMs: Date.now() + 100 }));
    assert.equal(says(waiting), 'timedOut DEADLINE_PASSED');
    assert.ok(Date.now() - startedAtMs < 3_000);
    assert.equal(says(await run(callOf(read, { deadlineAtMs: Date.now() - 1 }))), 'timedOut DEADLINE_PASSED');
    assert.equal(shop.requests.length, 1);
  });

  it("ends at its tool's own timeout, though the call might have waited longer for an executor", async () => {
    shop.answer = () => undefined;
    const startedAtMs = Date.now();
    assert.equal(says(await run(callOf(read, { timeoutMs: 150 }))), 'timedOut DEADLINE_PASSED');
    assert.ok(Date.now() - startedAtMs < 2_000);
  });

  it('is unavailable after a 500, with the advice to try again', async () => {
    shop.answer = (_request, response) => response.writeHead(500).end('stack trace');
    const { outcome, refusal, result } = await run(callOf(read));
    assert.deepEqual([outcome, refusal?.retryable, result], ['unavailable', true, undefined]);
    assert.ok(refusal?.hint);
  });

  it('fails with a hint when the answer is larger than may be read', async () => {
    shop.answer = (_request, response) => response.end(Buffer.alloc(10 * 2 ** 20));
    const { outcome, refusal } = await run(callOf(read));
    assert.deepEqual([outcome, refusal?.reason], ['failed', 'RESPONSE_TOO_LARGE']);
    assert.match(refusal?.hint ?? '', /Ask for less/);
  });

  it('is unavailable while connections are refused, then shed by the breaker with a time to come back', async () => {
    shop.close();
    const outcomes: string[] = [];
    let last: Observation | undefined;
    for (let at = 0; at < 8; at += 1) outcomes.push((last = await run(callOf(read))).outcome);
    assert.equal(outcomes[0], 'unavailable');
    assert.equal(last?.refusal?.reason, 'BREAKER_OPEN');
    assert.equal(last?.outcome, 'shed');
    assert.ok((last?.refusal?.retryAfterMs ?? 0) > 1_000);
  });

  it('is cancelled while it runs, and before', async () => {
    shop.answer = () => undefined;
    const cancel = new AbortController();
    const running = run(callOf(read), quiet, cancel.signal);
    await eventually(() => shop.requests.length === 1, { withinMs: 2_000 });
    cancel.abort();
    assert.equal(says(await running), 'cancelled CANCELLED');
    assert.equal(says(await run(callOf(read), quiet, cancel.signal)), 'cancelled CANCELLED');
    assert.equal(shop.requests.length, 1);
  });

  it('answers nothing once the partition is lost', async () => {
    shop.answer = () => undefined;
    const owned = new AbortController();
    const running = run(callOf(read), owned.signal);
    await eventually(() => shop.requests.length === 1, { withinMs: 2_000 });
    owned.abort();
    await assert.rejects(running);
  });

  it('fails when the tool is gone or has another version', async () => {
    assert.equal(says(await run(callOf({ ...read, version: '2' }))), 'failed TOOL_VERSION_GONE');
    assert.equal(says(await run(callOf({ ...read, name: 'lost' }))), 'failed TOOL_GONE');
  });
});

describe('CallRunner: writes', () => {
  it('runs once, however often it is delivered', async () => {
    const call = callOf(write);
    const [first, second] = [await run(call), await run(call)];
    assert.deepEqual([says(first), second, shop.requests.length], ['ok', first, 1]);
    assert.equal(await held(call), 'done');
  });

  it('ends in the ledger whatever becomes of it', async () => {
    const cases: readonly [TestServer['answer'], string, string][] = [
      [(_request, response) => response.writeHead(422).end('no'), 'failed TOOL_REFUSED', 'failed'],
      [(_request, response) => response.writeHead(429).end(), 'shed UPSTREAM_RATE_LIMITED', 'failed'],
      [(_request, response) => response.writeHead(503).end(), 'unavailable UPSTREAM_FAILED', 'failed'],
      [(_request, response) => response.writeHead(500).end(), 'indeterminate UPSTREAM_FAILED', 'unknown'],
      [(_request, response) => response.destroy(), 'indeterminate UPSTREAM_CONNECTION_LOST', 'unknown'],
      [() => undefined, 'indeterminate DEADLINE_PASSED', 'unknown'],
      [(_request, response) => response.end(Buffer.alloc(10 * 2 ** 20)), 'ok', 'done'],
    ];
    for (const [answer, end, outcome] of cases) {
      shop.answer = answer;
      freshBreakers();
      const call = callOf(write, { deadlineAtMs: Date.now() + 400 });
      const observation = await run(call);
      assert.deepEqual([says(observation), await held(call)], [end, outcome]);
      if (outcome === 'unknown') assert.equal(observation.refusal?.retryable, false);
    }
  });

  it('was not done when it never left: no credential, no connection, a name made of dots, cancelled before', async () => {
    const secret = upstreamOf(shop.url, { name: 'secret', credential: { headers: { 'x-key': '{env:NOTHING}' } } });
    catalogue.put({ kind: 'Upstream', spec: secret });
    const locked = toolOf({ effect: 'write', name: 'locked', http: { ...write.http!, upstream: 'secret' } });
    const dots = toolOf({ effect: 'write', name: 'dots', http: { ...write.http!, path: '/orders/{a}' } });
    for (const spec of [locked, dots]) catalogue.put({ kind: 'Tool', spec });
    const climbing = callOf(dots, { arguments: Buffer.from('{"a":".."}') });
    const calls = [callOf(locked), climbing, callOf(write)];
    const cancelled = AbortSignal.abort();
    assert.equal(says(await run(calls[0]!)), 'failed CREDENTIAL_MISSING');
    assert.equal(says(await run(calls[1]!)), 'failed PATH_PARAMETER_INVALID');
    assert.equal(says(await run(calls[2]!, quiet, cancelled)), 'cancelled CANCELLED');
    shop.close();
    calls.push(callOf(write));
    assert.equal(says(await run(calls[3]!)), 'unavailable UPSTREAM_CONNECT_FAILED');
    for (const call of calls) assert.equal(await held(call), 'failed');
    assert.deepEqual(shop.requests, []);
  });

  it('was not done when it is cancelled, or its time is up, while it waits for room in a quota', async () => {
    const cancel = new AbortController();
    const room = async () => cancel.abort();
    const [cancelled, late] = [callOf(write), callOf(write, { deadlineAtMs: Date.now() + 30 })];
    assert.equal(says(await run(cancelled, quiet, cancel.signal, runner(me, {}, room))), 'cancelled CANCELLED');
    const until = () => sleep(late.deadlineAtMs - Date.now() + 1);
    assert.equal(says(await run(late, quiet, quiet, runner(me, {}, until))), 'timedOut DEADLINE_PASSED');
    assert.deepEqual([shop.requests, await held(cancelled), await held(late)], [[], 'failed', 'failed']);
  });

  it('was not done when it only waited for a place at its upstream, be it shed or cancelled there', async () => {
    limitUpstreams({ floor: 1, start: 1, ceiling: 1, queueMax: 2 });
    const [by, cancel, finish] = [runner(), new AbortController(), Promise.withResolvers<void>()];
    shop.answer = (_request, response) => void finish.promise.then(() => response.end('{}'));
    const first = run(callOf(write), quiet, quiet, by);
    await eventually(() => shop.requests.length === 1, { withinMs: 2_000 });
    const [shed, cancelled] = [callOf(write, { deadlineAtMs: Date.now() + 300 }), callOf(write)];
    const ends = [run(shed, quiet, quiet, by), run(cancelled, quiet, cancel.signal, by)];
    assert.equal(says(await ends[0]!), 'shed UPSTREAM_SATURATED');
    cancel.abort();
    assert.equal(says(await ends[1]!), 'cancelled CANCELLED');
    finish.resolve();
    assert.deepEqual(
      [says(await first), shop.requests.length, await held(shed), await held(cancelled)],
      ['ok', 1, 'failed', 'failed'],
    );
  });

  it('is of unknown end when cancelled on its way, and the ledger says so', async () => {
    shop.answer = () => undefined;
    const cancel = new AbortController();
    const call = callOf(write);
    const running = run(call, quiet, cancel.signal);
    await eventually(() => shop.requests.length === 1, { withinMs: 2_000 });
    cancel.abort();
    assert.deepEqual([says(await running), await held(call)], ['indeterminate CANCELLED', 'unknown']);
  });

  it('is told as done while the ledger still writes it, and as anything else only once the ledger holds it', async () => {
    let asked = 0;
    const written = Promise.withResolvers<void>();
    const settle: EffectLedger['settle'] = async (key, outcome, bytes) => {
      asked += 1;
      await written.promise;
      return ledger.settle(key, outcome, bytes);
    };
    const [done, failed] = [callOf(write), callOf(write)];
    const { observation, kept } = await runner(me, { settle }).run(done, quiet, quiet);
    assert.deepEqual([says(observation), await held(done)], ['ok', 'executing']);
    shop.answer = (_request, response) => response.writeHead(422).end('{}');
    let told = false;
    const failing = runner(me, { settle })
      .run(failed, quiet, quiet)
      .finally(() => (told = true));
    await eventually(() => asked === 2, { withinMs: 2_000 });
    assert.equal(told, false);
    written.resolve();
    await kept;
    assert.equal(says((await failing).observation).startsWith('failed'), true);
    assert.deepEqual([await held(done), await held(failed)], ['done', 'failed']);
  });

  it('keeps its answer while the ledger is away', async () => {
    let tries = 0;
    const settle: EffectLedger['settle'] = (key, outcome, bytes) => {
      tries += 1;
      return tries === 1
        ? Promise.reject(unreachable('DATABASE_UNREACHABLE', 'Away.'))
        : ledger.settle(key, outcome, bytes);
    };
    const call = callOf(write);
    assert.equal(says(await run(call, quiet, quiet, runner(me, { settle }))), 'ok');
    assert.deepEqual([tries, shop.requests.length, await held(call)], [2, 1, 'done']);
  });
});
