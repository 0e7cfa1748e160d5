import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodeUnsignedCall } from '@toolfleet/contracts';
import type { AuditRecord } from '@toolfleet/kernel';
import { limits } from '@toolfleet/kernel';
import type { NotedEffect, OpenEffects } from '@toolfleet/platform/postgres';
import { UnknownWrites } from './unknown-writes.js';

const nowMs = 10 * limits.unknownWriteMsMax;

function noted(callId: string, ageMs: number): NotedEffect {
  const call = {
    ...{
      tenant: 'acme',
      sessionId: 's',
      callId,
      tool: 'pay',
      toolVersion: '1',
      toolClass: 'write',
      user: 'ada',
      agent: 'shop',
    },
    ...{ effect: 'write' as const, arguments: Buffer.from('{}'), conflictKey: '', idempotencyKey: `key of ${callId}` },
    ...{ deadlineAtMs: 1, timeoutMs: 1 },
  };
  return { ...call, openedAtMs: nowMs - ageMs, tries: 7, nextTryAtMs: null, call: encodeUnsignedCall(call) };
}

/** Writes that wait for a person, and what is told of them. */
function under(effects: readonly NotedEffect[]) {
  const left = new Map(effects.map((effect) => [effect.callId, effect]));
  const told: AuditRecord[] = [];
  let refusedTells = 0;
  let givenUp = 0;
  const open = {
    overdue: async ({ openedBeforeMs, limit }: Parameters<OpenEffects['overdue']>[0]) =>
      [...left.values()].filter(({ openedAtMs }) => openedAtMs < openedBeforeMs).slice(0, limit),
    told: async ({ callId }: { callId: string }) => {
      if (refusedTells-- > 0) throw new Error('the database is away');
      left.delete(callId);
    },
  } as unknown as OpenEffects;
  const outlet = { inbox: async () => undefined, audit: async (record: AuditRecord) => void told.push(record) };
  const writes = new UnknownWrites({ open, outlet, now: () => nowMs, onGivenUp: () => (givenUp += 1) });
  return { writes, left, told, givenUp: () => givenUp, refuseTells: (count: number) => (refusedTells = count) };
}

describe('a write whose end nobody found out in time', () => {
  test('is told to the audit with its key and goes, however many there are, and the others stay', async () => {
    const old = Array.from({ length: 250 }, (_, at) => noted(`s:1:${at}`, limits.unknownWriteMsMax + 1));
    const { writes, left, told, givenUp } = under([...old, noted('s:2:0', limits.unknownWriteMsMax)]);
    await writes.giveUp();
    assert.deepEqual([...left.keys()], ['s:2:0']);
    assert.deepEqual([told.length, givenUp()], [250, 250]);
    const { id, action, tenant, outcome, idempotencyKey, actor } = told[0]!;
    assert.deepEqual(
      [id, action, tenant, outcome, idempotencyKey, actor],
      ['s:1:0/given-up', 'EFFECT_GIVEN_UP', 'acme', 'unknown', 'key of s:1:0', 'ada'],
    );
  });

  test('is told again under the same id by whoever follows one that died over it', async () => {
    const { writes, left, told, refuseTells } = under([noted('s:1:0', limits.unknownWriteMsMax + 1)]);
    refuseTells(1);
    await assert.rejects(writes.giveUp(), { message: 'the database is away' });
    await writes.giveUp();
    assert.deepEqual([told.map(({ id }) => id), left.size], [['s:1:0/given-up', 's:1:0/given-up'], 0]);
  });
});
