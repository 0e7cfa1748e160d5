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
  runContract('EffectLedger', { ...beginning, ...holding, ...refusing }, make);
}
