import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ApprovalDecisionRequest, ApprovalNotice } from '@toolfleet/contracts';
import { encodeApprovalDecision } from '@toolfleet/contracts';
import { conflict, unauthenticated, unreachable, type Caller, type Fault } from '@toolfleet/kernel';
import { ApprovalDecisionsHandler } from './approval-decisions.handler.js';
import { Publishers } from './publishers.js';

const decision: ApprovalDecisionRequest = {
  ...{ tenant: 'acme', callId: 's1:1:0', approve: true, decidedBy: 'bob', comment: 'fine', roles: ['finance'] },
};

const bob: Caller = {
  ...{ tenant: 'acme', user: 'bob', roles: ['finance', 'staff'], tokenId: 't' },
  scopes: new Set(['approvals:decide']),
};

/** What the handler asked of the policy service, what it told, and how the record ended. */
async function handled(value: Uint8Array | string, fault?: Fault, by: Caller | Fault = bob) {
  const decided: ApprovalDecisionRequest[] = [];
  const told: ApprovalNotice[] = [];
  const policy = {
    decide: async (asked: ApprovalDecisionRequest) => {
      decided.push(asked);
      if (fault) throw fault;
      return new Uint8Array();
    },
  };
  const outlet = { approvalNotice: async (notice: ApprovalNotice) => void told.push(notice) };
  const refused: string[] = [];
  const callerOf = async () => {
    if (by instanceof Error) throw by;
    return by;
  };
  const note = ({ reason }: Fault) => void refused.push(reason);
  const publishers = new Publishers({ callerOf, refused: { note } } as never, new Map(), Date.now);
  const handler = new ApprovalDecisionsHandler(policy as never, outlet as never, publishers);
  let done: Promise<unknown> = Promise.resolve();
  const delivery = { finishWhen: (work: Promise<unknown>) => void (done = work) };
  const record = { topic: 'decisions', value: Buffer.from(value), headers: {}, timestampMs: Date.now() };
  handler.handle(record as never, delivery as never);
  await done;
  return { decided, told, refused };
}

describe('a decision on the public topic', () => {
  test('reaches the policy service as protobuf, JSON or CloudEvent', async () => {
    const event = { specversion: '1.0', data: decision };
    for (const value of [encodeApprovalDecision(decision), JSON.stringify(decision), JSON.stringify(event)]) {
      assert.deepEqual(
        (await handled(value)).decided.map((one) => ({ ...one })),
        [decision],
      );
    }
  });

  test('that is not taken is told on the topic of approvals with its reason, and not tried again', async () => {
    const { told } = await handled(JSON.stringify(decision), conflict('APPROVAL_SETTLED', 'Too late.'));
    assert.deepEqual(
      told.map(({ refusal, refusedDecision }) => [refusal?.reason, refusedDecision]),
      [['APPROVAL_SETTLED', decision]],
    );
  });

  test('that nobody could take is tried again', async () => {
    const away = unreachable('SERVICE_UNREACHABLE', 'Nobody is there.');
    await assert.rejects(handled(JSON.stringify(decision), away), { kind: 'unreachable' });
  });

  test('is that of the person whose token it carries, and of nobody else', async () => {
    const nobody = { ...decision, tenant: '', decidedBy: '', roles: [] };
    const { decided } = await handled(JSON.stringify(nobody));
    assert.deepEqual(decided, [{ ...decision, roles: ['finance', 'staff'] }]);
    const rows: readonly [object, Caller, string][] = [
      [{ ...decision, decidedBy: 'eve' }, bob, 'USER_MISMATCH'],
      [{ ...decision, roles: ['boss'] }, bob, 'ROLES_EXCEEDED'],
      [decision, { ...bob, scopes: new Set(['approvals:read']) }, 'SCOPE_MISSING'],
    ];
    for (const [value, by, reason] of rows) {
      const { told, refused } = await handled(JSON.stringify(value), undefined, by);
      assert.deepEqual([told.map(({ refusal }) => refusal?.reason), refused], [[reason], [reason]]);
    }
  });

  test('of somebody whom nobody knows, or of another tenant, is told nobody', async () => {
    const unknown = unauthenticated('TOKEN_MISSING', 'There is none.');
    await assert.rejects(handled(JSON.stringify(decision), undefined, unknown), { kind: 'unauthenticated' });
    const stranger = handled(JSON.stringify(decision), undefined, { ...bob, tenant: 'globex' });
    await assert.rejects(stranger, { kind: 'denied', reason: 'TENANT_MISMATCH' });
  });

  test('that cannot be read, or names no call or tenant, is its publisher’s fault and says what is wrong', async () => {
    const bad: readonly [Uint8Array | string, string][] = [
      ['', 'RECORD_EMPTY'],
      ['{"tenant":', 'MALFORMED_JSON'],
      [JSON.stringify({ ...decision, callId: 'nonsense' }), 'CALL_ID_INVALID'],
      [JSON.stringify({ ...decision, callId: '' }), 'CALL_ID_INVALID'],
      [JSON.stringify({ ...decision, tenant: 'NOT/ONE' }), 'FIELD_INVALID'],
    ];
    for (const [value, reason] of bad) await assert.rejects(handled(value), { kind: 'invalid', reason }, reason);
  });
});
