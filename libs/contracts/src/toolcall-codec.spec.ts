import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuthorisedCall, SessionPriority } from '@toolfleet/kernel';
import { ReceiptKey, authorise, receiptFault } from '@toolfleet/kernel';
import { decodeToolCall, encodeToolCall } from './toolcall-codec.js';

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
