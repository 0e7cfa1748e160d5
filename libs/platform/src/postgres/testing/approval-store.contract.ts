/** What every approval store must do. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Approval, ApprovalRequest, ApprovalStore, ApprovalVote } from '../ports/approval-store.js';
import { assertFault, runContract, storableIds, unstorableIds, type ContractRows } from './contract.js';

export function requestOf(sketch: Partial<ApprovalRequest> & { readonly tenant: string }): ApprovalRequest {
  const sessionId = sketch.sessionId ?? randomUUID();
  const defaults = {
    callId: `${sessionId}:1:0`,
    tool: 'refund',
    argumentsDigest: 'abc',
    policyRevision: 'r7',
    approversNeeded: 1,
    requestedAtMs: 1_000,
    expiresAtMs: 9_000_000_000_000,
    payload: Buffer.from('the call'),
  };
  return { ...defaults, sessionId, ...sketch };
}

function voteOf(approver: string, approve = true, atMs = 2_000): ApprovalVote {
  return { approver, approve, atMs, comment: `by ${approver}` };
}

const callsOf = (approvals: readonly Approval[]): string[] => approvals.map(({ callId }) => callId);

const deciding: ContractRows<ApprovalStore> = {
  'an approval is asked once and stays as it was asked': async (store, tenant) => {
    const request = requestOf({ tenant });
    const pending = { ...request, state: 'pending', votes: [], settledAtMs: null };
    assert.deepEqual(await store.request(request), pending);
    assert.deepEqual(await store.request({ ...request, approversNeeded: 5, requestedAtMs: 7 }), pending);
    const other = store.request({ ...request, argumentsDigest: 'def' });
    await assertFault(other, 'invalid', 'APPROVAL_ARGUMENTS_DIFFER');
    assert.equal(await store.find({ ...request, callId: 'none' }), undefined);
  },
  'one approver settles it, once: of many at the same time one wins': async (store, tenant) => {
    const request = requestOf({ tenant });
    await store.request(request);
    const votes = Array.from({ length: 8 }, (_, at) => voteOf(`p${at}`, at % 2 === 0));
    const results = await Promise.allSettled(votes.map((vote) => store.decide(request, 'abc', vote)));
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
    const settled = await store.find(request);
    assert.equal(settled?.votes.length, 1);
    assert.equal(settled?.state, settled?.votes[0]?.approve === true ? 'approved' : 'denied');
    assert.equal(settled?.settledAtMs, 2_000);
    await assertFault(store.decide(request, 'abc', voteOf('late')), 'conflict', 'APPROVAL_SETTLED');
  },
  'several approvers are different people, and one denial is enough': async (store, tenant) => {
    const request = requestOf({ tenant, approversNeeded: 2 });
    await store.request(request);
    assert.equal((await store.decide(request, 'abc', voteOf('ann'))).state, 'pending');
    assert.equal((await store.decide(request, 'abc', voteOf('ann'))).votes.length, 1);
    await assertFault(store.decide(request, 'abc', voteOf('ann', false)), 'conflict', 'APPROVAL_ALREADY_VOTED');
    const both = await store.decide(request, 'abc', voteOf('bob'));
    assert.deepEqual([both.state, both.votes.map(({ approver }) => approver)], ['approved', ['ann', 'bob']]);
    assert.deepEqual(await store.decide(request, 'abc', voteOf('bob')), both);
    const denied = requestOf({ tenant, approversNeeded: 3 });
    await store.request(denied);
    assert.equal((await store.decide(denied, 'abc', voteOf('ann', false))).state, 'denied');
  },
  'a vote on an unknown approval, on other arguments or after the end is refused': async (store, tenant) => {
    const request = requestOf({ tenant, expiresAtMs: 5_000 });
    await assertFault(store.decide(request, 'abc', voteOf('ann')), 'missing', 'APPROVAL_UNKNOWN');
    await store.request(request);
    await assertFault(store.decide(request, 'def', voteOf('ann')), 'invalid', 'APPROVAL_ARGUMENTS_DIFFER');
    await assertFault(store.decide(request, 'abc', voteOf('ann', true, 5_000)), 'expired', 'APPROVAL_EXPIRED');
    assert.equal((await store.find(request))?.state, 'pending');
  },
};

const bounding: ContractRows<ApprovalStore> = {
  'the same call waits once in a session: a second one with these arguments is denied with the first as its obstacle':
    async (store, tenant) => {
      const first = requestOf({ tenant });
      await store.request(first);
      const second = { ...first, callId: `${first.sessionId}:1:1`, requestedAtMs: 1_500 };
      const denied = await store.request(second);
      assert.deepEqual(
        [denied.state, denied.settledAtMs, denied.obstacle],
        ['denied', 1_500, { type: 'askedAlready', callId: first.callId }],
      );
      for (const other of [{ argumentsDigest: 'def' }, { tool: 'cancel' }, { sessionId: randomUUID() }]) {
        assert.equal((await store.request({ ...second, ...other, callId: randomUUID() })).state, 'pending');
      }
      await store.decide(first, 'abc', voteOf('ann'));
      assert.deepEqual(await store.request(second), denied, 'it stays denied, whatever became of the first');
      assert.equal((await store.request({ ...second, callId: randomUUID() })).state, 'pending');
      assert.deepEqual(callsOf((await store.undelivered(9_000, 1_000)).filter((one) => one.callId === denied.callId)), [
        denied.callId,
      ]);
    },
  'beyond the bound of its session or tenant a request is denied at once, and a place that is decided is free again':
    async (store, tenant) => {
      const bound = { ofSession: 2, ofTenant: 3 };
      const ask = (sessionId: string, call: number) =>
        store.request(
          requestOf({ tenant, sessionId, callId: `${sessionId}:${call}`, argumentsDigest: `${call}` }),
          bound,
        );
      await ask('a', 1);
      await ask('a', 2);
      const ofSession = await ask('a', 3);
      assert.deepEqual([ofSession.state, ofSession.obstacle], ['denied', { type: 'full', scope: 'session', max: 2 }]);
      await ask('b', 1);
      assert.deepEqual((await ask('b', 2)).obstacle, { type: 'full', scope: 'tenant', max: 3 });
      assert.equal((await store.pending(tenant, { limit: 10 })).length, 3);
      assert.equal((await store.request(requestOf({ tenant: `${tenant}-other` }), bound)).state, 'pending');
      await store.decide({ tenant, sessionId: 'a', callId: 'a:1' }, '1', voteOf('ann', false));
      assert.equal((await ask('b', 3)).state, 'pending');
      assert.deepEqual((await ask('b', 2)).obstacle, { type: 'full', scope: 'tenant', max: 3 });
    },
};

const sweeping: ContractRows<ApprovalStore> = {
  'pending approvals are listed by tenant, oldest first and page by page': async (store, tenant) => {
    const requests = [4, 2, 2, 9].map((at, call) =>
      requestOf({ tenant, sessionId: 's', callId: `c${call}`, argumentsDigest: `d${call}`, requestedAtMs: at }),
    );
    await Promise.all(requests.map((request) => store.request(request)));
    await store.decide(requests[0] ?? requestOf({ tenant }), 'd0', voteOf('ann'));
    const first = await store.pending(tenant, { limit: 2 });
    assert.deepEqual(callsOf(first), ['c1', 'c2']);
    const after = first.at(-1);
    assert.ok(after);
    assert.deepEqual(callsOf(await store.pending(tenant, { limit: 2, after })), ['c3']);
    assert.deepEqual(await store.pending(`${tenant}-none`, { limit: 2 }), []);
  },
  'an overdue approval expires once, whoever sweeps, and is told until it was delivered': async (store, tenant) => {
    const overdue = Array.from({ length: 9 }, () => requestOf({ tenant, expiresAtMs: 3_000 }));
    const later = requestOf({ tenant, expiresAtMs: 3_001 });
    await Promise.all([...overdue, later].map((request) => store.request(request)));
    const swept = await Promise.all([store.expire(3_000, 100), store.expire(3_000, 100), store.expire(3_000, 100)]);
    const mine = swept.flat().filter((approval) => approval.tenant === tenant);
    assert.deepEqual(callsOf(mine).toSorted(), overdue.map(({ callId }) => callId).toSorted());
    assert.ok(mine.every(({ state, settledAtMs }) => state === 'expired' && settledAtMs === 3_000));
    assert.equal((await store.find(later))?.state, 'pending');
    const untold = async () => (await store.undelivered(4_000, 1_000)).filter((approval) => approval.tenant === tenant);
    assert.equal((await untold()).length, 9);
    await Promise.all(overdue.slice(1).map((request) => store.delivered(request)));
    assert.deepEqual(callsOf(await untold()), [overdue[0]?.callId]);
    assert.equal(
      (await store.undelivered(3_000, 1_000)).some((approval) => approval.tenant === tenant),
      false,
    );
  },
  'hostile texts are refused or come back as they were': async (store, tenant) => {
    for (const id of unstorableIds) {
      await assertFault(store.request(requestOf({ tenant, callId: id })), 'invalid', 'ID_INVALID');
      await assertFault(store.decide(requestOf({ tenant }), 'abc', voteOf(id)), 'invalid', 'ID_INVALID');
    }
    for (const id of storableIds) {
      const request = requestOf({ tenant, callId: id, tool: id });
      await store.request(request);
      assert.equal((await store.decide(request, 'abc', voteOf(id))).votes[0]?.approver, id);
    }
  },
};

export function approvalStoreContract(make: () => Promise<ApprovalStore> | ApprovalStore): void {
  runContract('ApprovalStore', { ...deciding, ...bounding, ...sweeping }, make);
}
