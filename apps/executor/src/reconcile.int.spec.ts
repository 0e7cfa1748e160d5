/** Writes whose answer was lost: the read that their tool declares says whether they happened. */
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { AuditRecord, ReconcileSpec, ToolCall, ToolSpec } from '@toolfleet/kernel';
import type { SessionInbox } from '@toolfleet/contracts';
import { decodeToolCall } from '@toolfleet/contracts';
import { eventually } from '@toolfleet/testkit';
import { callOf, quiet, toolOf } from './executor.fixture.js';
import {
  catalogue,
  entryOf,
  freshBreakers,
  held,
  ledger,
  open,
  other,
  run,
  runner,
  says,
  shop,
} from './run-call.fixture.js';
import { UnknownEffects } from './unknown-effects.js';

const spec: ReconcileSpec = {
  tool: 'find_payment',
  arguments: { reference: '{toolfleet_idempotency_key}', amount: '{a}', note: 'of {toolfleet_user}' },
  done: "answer.status == 'paid'",
  failed: "!ok || answer.status == 'absent'",
  failedAfterMs: 0,
  tellAnswer: true,
};

/** Another one for each test, so that a sweep finds its own writes only. */
let toolClass = '';
let tests = 0;
const parameters = {
  type: 'object',
  properties: { reference: { type: 'string' }, amount: { type: 'integer' }, note: { type: 'string' } },
  required: ['reference'],
};
const find = toolOf({ name: 'find_payment', http: { ...toolOf().http!, path: '/find' }, parameters });
const pay = (reconcile: Partial<ReconcileSpec> = {}, tool: Partial<ToolSpec> = {}) =>
  toolOf({ effect: 'write', name: 'pay_later', toolClass, reconcile: { ...spec, ...reconcile }, ...tool });

/** What the shop says when it is asked for a payment; the payment itself gets no answer. */
let answers: { status: number; body: string }[];
const asked: string[] = [];

beforeEach(() => {
  toolClass = `pay-${(tests += 1)}`;
  answers = [];
  asked.length = 0;
  freshBreakers();
  shop.answer = (request, response) => {
    if (request.url === '/act') return response.destroy();
    request.setEncoding('utf8').once('data', (text: string) => asked.push(text));
    const { status, body } = answers.length > 1 ? answers.shift()! : (answers[0] ?? { status: 200, body: '{}' });
    return response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  };
});

function callTo(tool: ToolSpec, call: Partial<ToolCall> = {}) {
  for (const one of [find, tool]) catalogue.put({ kind: 'Tool', spec: one });
  return callOf(tool, call);
}
const requestsTo = (path: string) => shop.requests.filter((request) => request.endsWith(path)).length;
const say = (...bodies: object[]) =>
  bodies.forEach((body) => answers.push({ status: 200, body: JSON.stringify(body) }));

describe('a write whose answer was lost', () => {
  it('is done when the declared read says so, with its answer, and is not run again', async () => {
    say({ status: 'paid', id: 'p-1' });
    const call = callTo(pay());
    const observation = await run(call);
    assert.deepEqual([says(observation), await held(call)], ['ok', 'done']);
    assert.deepEqual(JSON.parse(Buffer.from(observation.result!).toString()), { status: 'paid', id: 'p-1' });
    assert.deepEqual([requestsTo('/act'), requestsTo('/find')], [1, 1]);
    assert.deepEqual(JSON.parse(asked[0]!), { reference: call.idempotencyKey, amount: 1, note: 'of u1' });
  });

  it('is told with a note where the answer of the read is not for the model', async () => {
    say({ status: 'paid', iban: 'DE1' });
    const { result } = await run(callTo(pay({ tellAnswer: false })));
    assert.match(Buffer.from(result!).toString(), /It was done/);
  });

  it('has failed when the read says that it did not happen, and the model may call again', async () => {
    say({ status: 'absent' });
    const call = callTo(pay());
    const observation = await run(call);
    assert.deepEqual([says(observation), await held(call)], ['unavailable EFFECT_NOT_APPLIED', 'failed']);
    assert.equal(observation.refusal?.retryable, true);
    assert.equal(requestsTo('/act'), 1);
  });

  it('is not believed to have failed while the tool may still do it', async () => {
    say({ status: 'absent' }, { status: 'absent' }, { status: 'paid' });
    assert.equal(says(await run(callTo(pay({ failedAfterMs: 60_000 })))), 'ok');
    assert.equal(requestsTo('/find'), 3);
  });

  it('stays unknown when the read fails, contradicts itself, knows nothing or is gone', async () => {
    const deadlineAtMs = Date.now() + 300;
    const unsure: readonly [Partial<ReconcileSpec>, { status: number; body: string }][] = [
      [{ failed: 'false' }, { status: 500, body: '' }],
      [{ failed: "answer.status == 'paid'" }, { status: 200, body: '{"status":"paid"}' }],
      [{}, { status: 200, body: '{"status":"pending"}' }],
      [{}, { status: 200, body: 'no json' }],
      [{ tool: 'nothing' }, { status: 200, body: '{"status":"paid"}' }],
      [{ arguments: { reference: 7 } }, { status: 200, body: '{"status":"paid"}' }],
    ];
    for (const [reconcile, answer] of unsure) {
      answers = [answer];
      freshBreakers();
      const call = callTo(pay(reconcile), { deadlineAtMs: Math.max(deadlineAtMs, Date.now() + 200) });
      assert.equal(says(await run(call)), 'indeterminate UPSTREAM_CONNECTION_LOST');
      assert.equal(await held(call), 'unknown');
    }
  });

  it('is not asked about once its session has cancelled it', async () => {
    say({ status: 'paid' });
    shop.answer = () => undefined;
    const cancel = new AbortController();
    const call = callTo(pay());
    const running = run(call, quiet, cancel.signal);
    await eventually(() => shop.requests.length === 1, { withinMs: 2_000 });
    cancel.abort();
    assert.deepEqual([says(await running), requestsTo('/find')], ['indeterminate CANCELLED', 0]);
  });

  it('begun by another who died, is done when the read says so, and never called failed before its deadline', async () => {
    const call = callTo(pay(), { deadlineAtMs: Date.now() + 900 });
    await ledger.begin({ ...entryOf(call), ...other });
    say({ status: 'absent' }, { status: 'paid' });
    assert.deepEqual([says(await run(call)), requestsTo('/act')], ['ok', 0]);
    const lost = callTo(pay(), { deadlineAtMs: Date.now() + 700 });
    await ledger.begin({ ...entryOf(lost), ...other });
    answers = [{ status: 200, body: '{"status":"absent"}' }];
    assert.equal(says(await run(lost)), 'indeterminate OUTCOME_UNKNOWN');
  });
});

describe('a write that ended without anybody knowing how', () => {
  const told: SessionInbox[] = [];
  const audited: AuditRecord[] = [];
  const ends: string[] = [];
  const sweeper = (outlet = {}) =>
    new UnknownEffects({
      open,
      reconciler: runner().reconciler,
      catalogue,
      outlet: {
        inbox: async (inbox) => void told.push(inbox),
        audit: async (record) => void audited.push(record),
        ...outlet,
      },
      ...{ toolClasses: [toolClass], ownerId: 'me', clockSkewMs: 0, count: (end) => void ends.push(end) },
    });
  beforeEach(() => [told, audited, ends].forEach((list) => (list.length = 0)));

  async function unknown(reconcile: Partial<ReconcileSpec> = {}) {
    answers = [{ status: 200, body: '{"status":"pending"}' }];
    const call = callTo(pay(reconcile), { deadlineAtMs: Date.now() + 150 });
    assert.equal((await run(call)).outcome, 'indeterminate');
    await eventually(() => Date.now() > call.deadlineAtMs + 5, { withinMs: 2_000 });
    return call;
  }
  const openNow = async (call: ToolCall) => open.find(call);

  it('is kept with its call, without the receipt, so that its end can be asked for', async () => {
    const call = await unknown();
    const kept = decodeToolCall((await openNow(call))!.call);
    assert.deepEqual(
      [kept.callId, kept.receipt, Buffer.from(kept.arguments).toString()],
      [call.callId, undefined, '{"a":1}'],
    );
  });

  it('is asked about later; what is found goes to the ledger, the session and the audit, once', async () => {
    const call = await unknown();
    answers = [{ status: 200, body: '{"status":"paid","id":"p-2"}' }];
    await Promise.all([sweeper().sweep(), sweeper().sweep()]);
    assert.deepEqual([await held(call), ends, requestsTo('/act')], ['done', ['done'], 1]);
    const [{ sessionId, body }] = told as [SessionInbox];
    assert.equal(sessionId, call.sessionId);
    assert.ok(
      body.type === 'observation' && body.observation.callId === call.callId && body.observation.outcome === 'ok',
    );
    assert.deepEqual(
      [told.length, audited.map(({ action, outcome }) => `${action} ${outcome}`)],
      [1, ['EFFECT_RECONCILED ok']],
    );
    await sweeper().sweep();
    assert.equal(told.length, 1);
  });

  it('is asked about a bounded number of times, and stays for a person', async () => {
    const call = await unknown();
    await sweeper().sweep();
    assert.deepEqual([ends, told.length], [['unknown'], 0]);
    const { nextTryAtMs, tries } = (await openNow(call))!;
    assert.ok(tries === 1 && nextTryAtMs! > Date.now() + 10_000);
    await sweeper().sweep();
    assert.equal(ends.length, 1);
    for (let at = 0; at < 6; at += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one try follows another
      await open.tryAgainAt(call, Date.now() - 1);
      // oxlint-disable-next-line no-await-in-loop
      await sweeper().sweep();
    }
    assert.deepEqual([(await openNow(call))?.nextTryAtMs, await held(call)], [null, 'unknown']);
  });

  it('is told by another executor when the one that found its end could not', async () => {
    const call = await unknown();
    answers = [{ status: 200, body: '{"status":"absent"}' }];
    await assert.rejects(sweeper({ inbox: () => Promise.reject(new Error('away')) }).sweep());
    assert.deepEqual([await held(call), told.length], ['failed', 0]);
    await open.tryAgainAt(call, Date.now() - 1);
    await sweeper().sweep();
    assert.equal(told.length, 1);
    await sweeper().sweep();
    assert.equal(told.length, 1);
  });
});
