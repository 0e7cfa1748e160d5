import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { limits } from '../limits.js';
import { ReceiptKey } from './receipt-key.js';
import type { AuthorisedCall } from './tool-call.js';
import { authorise, receiptFault } from './tool-call.js';

const key = new ReceiptKey('k1', Buffer.alloc(32, 1));
const call = authorise(
  {
    tenant: 'acme',
    sessionId: 's1',
    callId: 's1:1:0',
    tool: 'refund',
    toolVersion: '1',
    toolClass: 'write',
    effect: 'write',
    arguments: Buffer.from('{"amount":1}'),
    conflictKey: 'order:1',
    deadlineAtMs: 1_000,
    timeoutMs: 100,
    idempotencyKey: 'i1',
    user: 'u1',
    agent: 'shop',
    priority: 'low',
    dryRun: true,
  },
  { issuer: 'orchestrator', policyRevision: 'rev', rule: 'all' },
  key,
);
const reasonOf = (candidate: Parameters<typeof receiptFault>[0], now = 500, keys = [key]): string | undefined =>
  receiptFault(candidate, keys, now)?.reason;

describe('a receipt', () => {
  it('holds for the call it was written for', () => {
    assert.equal(reasonOf(call), undefined);
  });

  it('holds for no call that differs in one field', () => {
    const changes: Partial<AuthorisedCall>[] = [
      { tenant: 'globex' },
      { sessionId: 's2' },
      { callId: 's1:1:1' },
      { tool: 'pay' },
      { toolVersion: '2' },
      { toolClass: 'read' },
      { effect: 'read' },
      { arguments: Buffer.from('{"amount":2}') },
      { conflictKey: 'order:2' },
      { deadlineAtMs: 1_001 },
      { timeoutMs: 101 },
      { idempotencyKey: 'i2' },
      { user: 'u2' },
      { agent: 'hr' },
      { priority: 'high' },
      { dryRun: undefined },
    ];
    const covered = Object.keys(call).filter((field) => field !== 'receipt');
    assert.deepEqual(changes.flatMap(Object.keys), covered, 'a new field of the call needs its row here');
    for (const change of changes)
      assert.equal(reasonOf({ ...call, ...change }), 'RECEIPT_INVALID', Object.keys(change)[0]);
  });

  it('holds for no call whose fields hold anything else, whatever that is', () => {
    const { receipt, ...fields } = call;
    const value = fc.oneof(fc.string(), fc.integer(), fc.constantFrom('', 'read', 'write', 'high', 'normal', 'acme'));
    const bytes = fc.uint8Array({ maxLength: 40 });
    const other = (was: unknown) => (typeof was === 'object' ? bytes : typeof was === 'boolean' ? fc.boolean() : value);
    const whole = Object.entries({ ...fields, ...receipt });
    const change = fc
      .constantFrom(...whole)
      .chain(([field, was]) => fc.tuple(fc.constant(field), fc.constant(was), other(was)));
    fc.assert(
      fc.property(change, ([field, was, is]) => {
        // Numbers are signed as they are written; the number 1 is no text.
        const written = typeof was === 'number' ? String(is) === String(was) : is === was;
        const same = typeof is === 'object' ? Buffer.compare(is, was as Uint8Array) === 0 : written;
        const candidate =
          field in receipt ? { ...call, receipt: { ...receipt, [field]: is } } : { ...call, [field]: is };
        assert.equal(reasonOf(candidate as AuthorisedCall) === undefined, same, field);
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes a priority that is left out for the normal one', () => {
    const { priority: _, receipt: __, ...plain } = call;
    const signed = authorise(plain, { issuer: 'orchestrator', policyRevision: 'rev', rule: 'all' }, key);
    assert.equal(reasonOf({ ...signed, priority: 'normal' }), undefined);
    assert.equal(reasonOf({ ...signed, priority: 'low' }), 'RECEIPT_INVALID');
  });

  it('holds no longer once one field of its own is changed', () => {
    const { receipt } = call;
    const changes = [
      { issuer: 'policy' },
      { policyRevision: 'other' },
      { rule: 'none' },
      { argumentsDigest: Buffer.alloc(32) },
      { expiresAtMs: receipt.expiresAtMs + 1 },
      { signature: Buffer.alloc(32) },
      { signature: receipt.signature.subarray(1) },
      { signature: Buffer.alloc(0) },
    ];
    for (const change of changes) {
      assert.equal(
        reasonOf({ ...call, receipt: { ...receipt, ...change } }),
        'RECEIPT_INVALID',
        Object.keys(change)[0],
      );
    }
  });

  it('does not let text move from one field to its neighbour', () => {
    const moved = { ...call, tool: 'refund1', toolVersion: '' };
    assert.equal(reasonOf(moved), 'RECEIPT_INVALID');
  });

  it('expires after the deadline of its call and the clocks’ difference', () => {
    assert.equal(reasonOf(call, 1_000 + limits.clockSkewMs), undefined);
    assert.equal(reasonOf(call, 1_001 + limits.clockSkewMs), 'RECEIPT_EXPIRED');
  });

  it('of an unknown key, of another secret, or missing, is refused as denied', () => {
    assert.equal(reasonOf(call, 500, []), 'RECEIPT_KEY_UNKNOWN');
    assert.equal(reasonOf(call, 500, [new ReceiptKey('k1', Buffer.alloc(32, 2))]), 'RECEIPT_INVALID');
    const { receipt: _, ...bare } = call;
    assert.equal(receiptFault(bare, [key], 500)?.kind, 'denied');
  });

  it('stays good while keys are changed', () => {
    assert.equal(reasonOf(call, 500, [new ReceiptKey('k2', Buffer.alloc(32, 2)), key]), undefined);
  });
});
