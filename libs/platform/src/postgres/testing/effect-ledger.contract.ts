/** What every effect ledger must do. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { EffectEntry, EffectLedger } from '../ports/effect-ledger.js';
import { assertFault, runContract, storableIds, unstorableIds, type ContractRows } from './contract.js';

export function entryOf(sketch: Partial<EffectEntry> & { readonly tenant: string }): EffectEntry {
  const sessionId = sketch.sessionId ?? randomUUID();
  const defaults = {
    callId: `${sessionId}:1:0`,
    tool: 'refund',
    argumentsDigest: 'abc',
    ownerId: 'executor-1',
    epoch: 7n,
  };
  return { ...defaults, sessionId, ...sketch };
}

const bytes = (text: string): Buffer => Buffer.from(text);

const beginning: ContractRows<EffectLedger> = {
  'of many who begin one call at once exactly one may run it': async (ledger, tenant) => {
    const entries = Array.from({ length: 20 }, (_, at) => entryOf({ tenant, sessionId: 's', ownerId: `o${at % 4}` }));
    const answers = await Promise.all(entries.map((entry) => ledger.begin(entry)));
    assert.equal(answers.filter(({ state }) => state === 'reserved').length, 1);
    assert.equal(answers.filter(({ state }) => state === 'executing').length, 19);
  },
  'a second begin is told who executes and since when, even the owner itself': async (ledger, tenant) => {
    const entry = entryOf({ tenant });
    const fromMs = Date.now();
    assert.deepEqual(await ledger.begin(entry), { state: 'reserved' });
    for (const ownerId of ['executor-1', 'executor-2']) {
      const answer = await ledger.begin({ ...entry, ownerId, epoch: 9n });
      assert.ok(answer.state === 'executing');
      assert.deepEqual([answer.ownerId, answer.epoch], ['executor-1', 7n]);
      assert.ok(answer.sinceMs >= fromMs && answer.sinceMs <= Date.now());
    }
  },
  'a settled call answers every later begin with its observation': async (ledger, tenant) => {
    for (const outcome of ['done', 'failed', 'unknown'] as const) {
      const entry = entryOf({ tenant });
      await ledger.begin(entry);
      assert.equal(await ledger.settle(entry, outcome, bytes(outcome)), true);
      const answer = await ledger.begin({ ...entry, ownerId: 'executor-2', epoch: 8n });
      assert.deepEqual(answer, { state: 'settled', outcome, observation: bytes(outcome) });
    }
  },
  'a known call id with other arguments or another tool is invalid': async (ledger, tenant) => {
    const entry = entryOf({ tenant });
    await ledger.begin(entry);
    const other = { ...entry, argumentsDigest: 'def' };
    await assertFault(ledger.begin(other), 'invalid', 'EFFECT_ARGUMENTS_DIFFER');
    await assertFault(ledger.begin({ ...entry, tool: 'pay' }), 'invalid', 'EFFECT_ARGUMENTS_DIFFER');
  },
};

const holding: ContractRows<EffectLedger> = {
  'settling the same again is true, settling otherwise or without an entry is false': async (ledger, tenant) => {
    const entry = entryOf({ tenant });
    assert.equal(await ledger.settle(entry, 'done', bytes('x')), false);
    await ledger.begin(entry);
    const twice = [ledger.settle(entry, 'done', bytes('x')), ledger.settle(entry, 'done', bytes('x'))];
    assert.deepEqual(await Promise.all(twice), [true, true]);
    assert.equal(await ledger.settle(entry, 'failed', bytes('x')), false);
    assert.equal(await ledger.settle(entry, 'done', bytes('y')), false);
  },
  'an owner who was taken over can settle nothing, and the new one can': async (ledger, tenant) => {
    const old = entryOf({ tenant });
    const next = { ownerId: 'executor-2', epoch: 8n };
    await ledger.begin(old);
    assert.equal(await ledger.takeOver(old, old, next), true);
    const answer = await ledger.begin(old);
    assert.ok(answer.state === 'executing' && answer.ownerId === 'executor-2' && answer.epoch === 8n);
    assert.equal(await ledger.settle(old, 'done', bytes('late')), false);
    assert.equal(await ledger.settle({ ...old, ...next, epoch: 7n }, 'done', bytes('stale epoch')), false);
    assert.equal(await ledger.settle({ ...old, ...next }, 'unknown', bytes('told')), true);
    assert.equal(await ledger.takeOver(old, next, { ownerId: 'executor-3', epoch: 9n }), false);
  },
  'of several who take over at once one gets it, and never one with an older epoch': async (ledger, tenant) => {
    const entry = entryOf({ tenant });
    await ledger.begin(entry);
    assert.equal(await ledger.takeOver(entry, entry, { ownerId: 'executor-2', epoch: 7n }), false);
    const tries = Array.from({ length: 5 }, () => ledger.takeOver(entry, entry, { ownerId: 'executor-2', epoch: 8n }));
    assert.deepEqual((await Promise.all(tries)).toSorted(), [false, false, false, false, true]);
  },
  'many calls settle together, each with its own observation': async (ledger, tenant) => {
    const entries = Array.from({ length: 300 }, (_, at) => entryOf({ tenant, sessionId: `s${at}`, epoch: BigInt(at) }));
    await Promise.all(entries.map((entry) => ledger.begin(entry)));
    const settled = await Promise.all(
      entries.map((entry, at) => ledger.settle(entry, 'done', bytes(`${'é'.repeat(at)}`))),
    );
    assert.ok(settled.every(Boolean));
    const answers = await Promise.all(entries.map((entry) => ledger.begin(entry)));
    for (const [at, answer] of answers.entries()) {
      assert.ok(answer.state === 'settled');
      assert.equal(Buffer.from(answer.observation).toString(), 'é'.repeat(at));
    }
  },
};

/** Until long after the test, unless it says otherwise. */
const holdOf = (key: string, untilMs = Date.now() + 60_000) => ({ holds: { key, untilMs } });

const excluding: ContractRows<EffectLedger> = {
  'of many calls that hold the same at once one begins, and the others are told since when and until when': async (
    ledger,
    tenant,
  ) => {
    const fromMs = Date.now();
    const hold = holdOf(tenant);
    const entries = Array.from({ length: 20 }, (_, at) => entryOf({ tenant, ownerId: `o${at % 4}`, ...hold }));
    const answers = await Promise.all(entries.map((entry) => ledger.begin(entry)));
    assert.equal(answers.filter(({ state }) => state === 'reserved').length, 1);
    const held = answers.filter((answer) => answer.state === 'held');
    assert.equal(held.length, 19);
    for (const { sinceMs, untilMs } of held) assert.ok(sinceMs >= fromMs && untilMs === hold.holds.untilMs);
  },
  'what a call holds is free once it is settled, however it ended, and also after a take-over': async (
    ledger,
    tenant,
  ) => {
    for (const outcome of ['done', 'failed', 'unknown'] as const) {
      const [first, second] = [1, 2].map(() => entryOf({ tenant, ...holdOf(tenant) })) as [EffectEntry, EffectEntry];
      assert.equal((await ledger.begin(first)).state, 'reserved');
      const heir = { ownerId: 'executor-2', epoch: 8n };
      assert.equal(await ledger.takeOver(first, first, heir), true);
      assert.equal((await ledger.begin(second)).state, 'held');
      await ledger.settle({ ...first, ...heir }, outcome, bytes('x'));
      assert.equal((await ledger.begin(second)).state, 'reserved');
      await ledger.settle(second, 'done', bytes('x'));
    }
  },
  'calls that hold nothing, or something else, wait for nobody': async (ledger, tenant) => {
    const holds = [undefined, undefined, `${tenant}/a`, `${tenant}/b`];
    for (const key of holds) {
      const entry = entryOf({ tenant, ...(key === undefined ? {} : holdOf(key)) });
      assert.deepEqual(await ledger.begin(entry), { state: 'reserved' });
    }
  },
  'a call that was begun is answered as it stands, whoever holds the same now': async (ledger, tenant) => {
    const [first, second] = [1, 2].map(() => entryOf({ tenant, ...holdOf(tenant) })) as [EffectEntry, EffectEntry];
    await ledger.begin(first);
    assert.equal((await ledger.begin(first)).state, 'executing');
    await ledger.settle(first, 'done', bytes('x'));
    await ledger.begin(second);
    assert.equal((await ledger.begin(first)).state, 'settled');
  },
  'what a call holds is free when its time is over, although nobody settled it': async (ledger, tenant) => {
    const lost = entryOf({ tenant, ...holdOf(tenant, Date.now() - 1) });
    await ledger.begin(lost);
    const next = [1, 2, 3].map(() => entryOf({ tenant, ...holdOf(tenant) }));
    const answers = await Promise.all(next.map((entry) => ledger.begin(entry)));
    assert.deepEqual(answers.map(({ state }) => state).toSorted(), ['held', 'held', 'reserved']);
    assert.equal(await ledger.settle(lost, 'unknown', bytes('x')), true);
    assert.equal((await ledger.begin(entryOf({ tenant, ...holdOf(tenant) }))).state, 'held');
  },
};

const refusing: ContractRows<EffectLedger> = {
  'an id that cannot be stored is invalid and does not hurt the calls beside it': async (ledger, tenant) => {
    for (const callId of unstorableIds) {
      const beside = ledger.begin(entryOf({ tenant }));
      await assertFault(ledger.begin(entryOf({ tenant, callId })), 'invalid', 'ID_INVALID');
      assert.deepEqual(await beside, { state: 'reserved' });
    }
    for (const callId of storableIds) {
      const entry = entryOf({ tenant, callId, ownerId: callId, tool: callId, argumentsDigest: callId });
      assert.deepEqual(await ledger.begin(entry), { state: 'reserved' });
      assert.equal(await ledger.settle(entry, 'done', bytes(callId)), true);
    }
  },
  'an epoch that does not fit and an observation that is too large are invalid': async (ledger, tenant) => {
    const entry = entryOf({ tenant });
    await assertFault(ledger.begin({ ...entry, epoch: 2n ** 63n }), 'invalid', 'NUMBER_INVALID');
    const large = Buffer.alloc(2 ** 20 + 1);
    await assertFault(ledger.settle(entry, 'done', large), 'invalid', 'OBSERVATION_TOO_LARGE');
  },
};

export function effectLedgerContract(make: () => Promise<EffectLedger> | EffectLedger): void {
  runContract('EffectLedger', { ...beginning, ...holding, ...excluding, ...refusing }, make);
}
