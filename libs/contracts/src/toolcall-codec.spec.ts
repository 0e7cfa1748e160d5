import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuthorisedCall, SessionPriority } from '@toolfleet/kernel';
import { ReceiptKey, authorise, receiptFault } from '@toolfleet/kernel';
import {
  decodeObservation,
  decodeToolCall,
  encodeObservation,
  encodeToolCall,
  encodeUnsignedCall,
} from './toolcall-codec.js';

const key = new ReceiptKey('k1', Buffer.alloc(32, 1));

function callOf(priority?: SessionPriority): AuthorisedCall {
  const call = {
    tenant: 'acme',
    sessionId: 's1',
    callId: 's1:1:0',
    tool: 'look',
    toolVersion: '1',
    toolClass: 'read',
    effect: 'read' as const,
    arguments: Buffer.from('{}'),
    conflictKey: '',
    deadlineAtMs: 1_000,
    timeoutMs: 100,
    idempotencyKey: 'i1',
    user: 'u1',
    agent: 'shop',
    priority,
  };
  return authorise(call, { issuer: 'orchestrator', policyRevision: 'rev', rule: 'all' }, key);
}

test('a call keeps its priority on the way, and its receipt holds there', () => {
  for (const priority of [undefined, 'low', 'normal', 'high'] as const) {
    const read = decodeToolCall(encodeToolCall(callOf(priority)));
    assert.equal(read.priority, priority);
    assert.equal(receiptFault(read, [key], 500), undefined);
  }
});

test('a dry run stays one on the way, and its receipt holds for nothing else', () => {
  const { receipt: _, ...plain } = callOf();
  const signed = authorise({ ...plain, dryRun: true }, { issuer: 'o', policyRevision: 'r', rule: 'all' }, key);
  const read = decodeToolCall(encodeToolCall(signed));
  assert.deepEqual([read.dryRun, receiptFault(read, [key], 500)], [true, undefined]);
  const { dryRun: __, ...real } = read;
  assert.equal(receiptFault(real, [key], 500)?.reason, 'RECEIPT_INVALID');
  assert.equal(decodeToolCall(encodeToolCall(callOf())).dryRun, undefined);
});

test('what a dry run would have done comes back as it was', () => {
  const wouldHaveDone = { argumentsDigest: 'ab', destination: 'shop', method: 'PUT', path: '/orders/1' };
  const observation = { callId: 's1:1:0', outcome: 'ok', startedAtMs: 1, finishedAtMs: 2, resultBytes: 0 } as const;
  assert.deepEqual(
    decodeObservation(encodeObservation({ ...observation, wouldHaveDone })).wouldHaveDone,
    wouldHaveDone,
  );
  assert.ok(!('wouldHaveDone' in decodeObservation(encodeObservation(observation))));
});

test('a call that is only asked about is kept without its receipt', () => {
  const { receipt, callId } = decodeToolCall(encodeUnsignedCall(callOf()));
  assert.deepEqual([receipt, callId], [undefined, 's1:1:0']);
});
