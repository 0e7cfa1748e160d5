import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ApprovalDecisionRequest, ApprovalNotice } from '@toolfleet/contracts';
import { encodeApprovalDecision } from '@toolfleet/contracts';
import { conflict, unreachable, type Fault } from '@toolfleet/kernel';
import { ApprovalDecisionsHandler } from './approval-decisions.handler.js';

const decision: ApprovalDecisionRequest = {
  ...{ tenant: 'acme', callId: 's1:1:0', approve: true, decidedBy: 'bob', comment: 'fine', roles: ['finance'] },
};

/** What the handler asked of the policy service, what it told, and how the record ended. */
async function handled(value: Uint8Array | string, fault?: Fault) {
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
  const handler = new ApprovalDecisionsHandler(policy as never, outlet as never);
  let done: Promise<unknown> = Promise.resolve();
  const delivery = { finishWhen: (work: Promise<unknown>) => void (done = work) };
  handler.handle({ value: Buffer.from(value), headers: {} } as never, delivery as never);
  await done;
  return { decided, told };
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
