import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  decodeApprovalNotice,
  decodeAuditRecords,
  decodePolicyBundle,
  decodeSessionInbox,
  decodeToolCall,
} from '@toolfleet/contracts';
import type { ToolCallReview } from '@toolfleet/contracts';
import type { Manifest, Observation, RuleSpec } from '@toolfleet/kernel';
import { bundleOf, callIdOf, limits, sessionIdOf } from '@toolfleet/kernel';
import { unaryCall } from '@toolfleet/platform/grpc/testing';
import type { RoleRig } from '@toolfleet/platform/nest/testing';
import { startRoleRig } from '@toolfleet/platform/nest/testing';
import { PostgresSessionStore } from '@toolfleet/platform/postgres';
import { eventually } from '@toolfleet/testkit';
import { policyRole } from '../policy.role.js';

const within = { withinMs: 15_000 };
const review: Omit<RuleSpec, 'name'> = {
  ...{ effect: 'review', tenants: [], roles: [], tools: ['refund'], when: '', reason: 'Money leaves.' },
  approversNeeded: 1,
};
const rules: readonly RuleSpec[] = [
  { ...review, name: 'refunds' },
  { ...review, name: 'payouts', tools: ['pay'], approvers: { roles: ['finance'], users: ['Carol'] } },
];
const openMax = 5;
const tenant = (name: string): Manifest => ({
  kind: 'Tenant',
  spec: {
    ...{ name, displayName: '', concurrentSessionsMax: 1, waitingSessionsMax: 1, agents: ['shop'] },
    openApprovalsMax: openMax,
  },
});
const refund: Manifest = {
  kind: 'Tool',
  spec: {
    ...{ name: 'refund', version: '1', owner: '', description: '', toolClass: 'write', effect: 'write' },
    parameters: { type: 'object', properties: { code: { type: 'string', format: 'password' } } },
    ...{ riskTier: 'high', idempotent: true, observation: { bytesMax: 1_000 }, driver: 'builtin', builtin: 'refund' },
  },
};

let rig: RoleRig;
let counter = 0;

const policyOf = (spec: readonly RuleSpec[]): Manifest => ({ kind: 'Policy', spec: { name: 'rules', rules: spec } });
const ready = () => eventually(() => rig.running.context.health.report().ready, within);

before(async () => {
  rig = await startRoleRig({
    ...{ roles: [policyRole], environment: process.env, settings: { TOOLFLEET_POLICY_SWEEP_MS: '300' } },
  });
  const { outlet } = rig.running.context;
  for (const manifest of [tenant('acme'), tenant('full'), refund, policyOf(rules)]) {
    await outlet.catalogEntry(manifest, 'r');
  }
  // The service decides by rules from before it publishes them, and knows them in its catalogue before either.
  const { revision } = bundleOf(rules, 0);
  const published = async () => (await rig.records('policy.bundle')).map(({ value }) => decodePolicyBundle(value));
  await eventually(async () => (await published()).at(-1)?.revision === revision, within);
  await ready();
});

after(() => rig?.stop());

interface Plan extends Partial<Omit<ToolCallReview, 'call'>> {
  readonly tenant?: string;
  readonly session?: string;
  readonly index?: number;
  readonly args?: string;
  readonly tool?: string;
}

async function ask(plan: Plan = {}): Promise<ToolCallReview> {
  const { tenant: of = 'acme', session = `s${counter++}`, index = 0, args = '{}', tool = 'refund', ...over } = plan;
  const sessionId = sessionIdOf(of, session);
  const { database, outlet } = rig.running.context;
  const now = Date.now();
  const head = {
    ...{ tenant: of, sessionId, partition: 0, status: 'active', active: true, agent: 'shop', userId: 'ann' },
    ...{ requestId: 'r', seq: 1, nextWakeAtMs: null, usage: {}, createdAtMs: now, updatedAtMs: now },
  };
  const events = [{ seq: 1, type: 'started', atMs: now, payload: Buffer.from([1]) }];
  await new PostgresSessionStore(database).commit({ head, firstSeq: 1, events });
  const asked: ToolCallReview = {
    call: {
      ...{ tenant: of, sessionId, callId: callIdOf(sessionId, 1, index), tool, toolVersion: '1', toolClass: 'write' },
      ...{ effect: 'write', arguments: Buffer.from(args), conflictKey: 'k', deadlineAtMs: now + 60_000 },
      ...{ timeoutMs: 1_000, idempotencyKey: 'k', user: 'ann', agent: 'shop' },
    },
    ...{ rule: tool === 'pay' ? 'payouts' : 'refunds', reason: '', policyRevision: bundleOf(rules, 0).revision },
    ...{ expiresAtMs: now + 60_000, approversNeeded: 1, ...over },
  };
  await outlet.review(asked);
  return asked;
}

interface ApprovalAnswer {
  readonly callId: string;
  readonly state: string;
  readonly approvedBy: readonly string[];
  readonly text: string;
  readonly arguments: Buffer;
  readonly riskTier: string;
}

/** As an operator looks, so that one helper sees every tenant's. */
const looking = { user: 'ops', scopes: ['approvals:read', 'operator'] } as const;
const call = async <Answer>(
  method: string,
  request: object,
  by: Parameters<typeof rig.issuer.authorization>[1] = looking,
) => {
  const authorization = await rig.issuer.authorization('acme', by);
  return unaryCall<Answer>(rig.grpcAddress, 'toolfleet.policy.v1.PolicyService', method, request, authorization);
};
const get = async ({ call: { tenant: of, callId } }: ToolCallReview) =>
  (await call<{ approval: ApprovalAnswer }>('GetApproval', { tenant: of, callId })).approval;
const pending = (asked: ToolCallReview) =>
  eventually(async () => {
    const approval = await get(asked).catch(() => undefined);
    return approval?.state === 'APPROVAL_STATE_PENDING' ? approval : undefined;
  }, within);
interface Decided {
  readonly approve?: boolean;
  readonly comment?: string;
  readonly roles?: readonly string[];
}
const decide = async (asked: ToolCallReview, user: string, { roles = [], ...more }: Decided = {}) => {
  const { tenant: of, callId } = asked.call;
  const by = { user, roles, scopes: ['approvals:decide', 'operator'] } as const;
  const decision = { tenant: of, callId, approve: true, ...more };
  return (await call<{ approval: ApprovalAnswer }>('DecideApproval', decision, by)).approval;
};
const refusedWith = (code: number, reason: string) => (error: Error & { code?: number; details?: string }) =>
  error.code === code && (JSON.parse(error.details ?? '{}') as { reason: string }).reason === reason;

const inbox = async ({ call: { sessionId } }: ToolCallReview) =>
  (await rig.records('session.inbox'))
    .map((record) => decodeSessionInbox(record.value))
    .filter((one) => one.sessionId === sessionId)
    .map((one) => one.body);
const observationOf = ({ call: { callId } }: ToolCallReview, asked: ToolCallReview): Promise<Observation> =>
  eventually(async () => {
    const found = (await inbox(asked)).findLast(
      (body) => body.type === 'observation' && body.observation.callId === callId,
    );
    return found?.type === 'observation' ? found.observation : undefined;
  }, within);
const sent = async ({ call: { callId } }: ToolCallReview) =>
  (await rig.records('toolcall.write'))
    .map(({ value }) => decodeToolCall(value))
    .filter((one) => one.callId === callId);
const notices = async ({ call: { callId } }: ToolCallReview) =>
  (await rig.records('approval.requests'))
    .map(({ value }) => decodeApprovalNotice(value).approval)
    .filter((approval) => approval?.callId === callId);

test('only a person whom the rule names, or with a role that it names, decides, in either direction', async () => {
  const asked = await ask({ tool: 'pay' });
  await pending(asked);
  await assert.rejects(decide(asked, 'bob'), refusedWith(7, 'APPROVER_NOT_ENTITLED'));
  await assert.rejects(
    decide(asked, 'bob', { approve: false, roles: ['sales'] }),
    refusedWith(7, 'APPROVER_NOT_ENTITLED'),
  );
  await assert.rejects(decide(asked, 'ann', { roles: ['finance'] }), refusedWith(7, 'APPROVER_IS_REQUESTER'));
  assert.deepEqual((await decide(asked, 'bob', { roles: ['finance'] })).approvedBy, ['bob']);
  const other = await ask({ tool: 'pay' });
  await pending(other);
  assert.equal((await decide(other, 'carol')).state, 'APPROVAL_STATE_APPROVED');
});

test('two spellings of one name are one vote', async () => {
  const asked = await ask({ approversNeeded: 2 });
  await pending(asked);
  for (const name of ['Bob', 'BOB', 'b\u200bob']) {
    assert.deepEqual((await decide(asked, name)).approvedBy, ['bob'], JSON.stringify(name));
  }
  assert.equal((await sent(asked)).length, 0);
  assert.equal((await decide(asked, 'chief')).state, 'APPROVAL_STATE_APPROVED');
});

test('an approval is used once: the same word again sends nothing more', async () => {
  const asked = await ask();
  await pending(asked);
  await decide(asked, 'bob');
  await eventually(async () => (await sent(asked)).length === 1, within);
  await decide(asked, 'bob');
  await assert.rejects(decide(asked, 'carol'), refusedWith(10, 'APPROVAL_SETTLED'));
  assert.equal((await sent(asked)).length, 1);
});

test('votes and questions outlast restarts of the service', async () => {
  const asked = await ask({ approversNeeded: 2 });
  await pending(asked);
  await decide(asked, 'bob');
  await rig.restart();
  await ready();
  assert.deepEqual((await pending(asked)).approvedBy, ['bob']);
  assert.equal((await decide(asked, 'carol')).state, 'APPROVAL_STATE_APPROVED');
  await eventually(async () => (await sent(asked)).length === 1, within);
});

test('a rule that changes between question and decision, or between two votes, leaves nothing to approve', async () => {
  const asked = await ask({ approversNeeded: 2 });
  await pending(asked);
  await decide(asked, 'bob');
  const { outlet } = rig.running.context;
  await outlet.catalogEntry(policyOf(rules.map((rule) => ({ ...rule, reason: 'Other words.' }))), 'r');
  // The reason is that of the rule which asked, as long as it is in force.
  await eventually(async () => !(await pending(asked)).text.includes('Money leaves.'), within);
  await assert.rejects(decide(asked, 'carol'), refusedWith(10, 'POLICY_CHANGED'));
  assert.equal((await decide(asked, 'carol', { approve: false })).state, 'APPROVAL_STATE_REFUSED');
  assert.equal((await sent(asked)).length, 0);
  await outlet.catalogEntry(policyOf(rules), 'r');
  const { revision } = bundleOf(rules, 0);
  const later = await ask();
  await eventually(async () => (await pending(later)).text.includes('Money leaves.'), within);
  assert.equal(later.policyRevision, revision);
});

test('the same call waits once: a second one is denied with the name of the first, also when it is asked again', async () => {
  const first = await ask({ session: 'twice', args: '{"order":"W1"}' });
  await pending(first);
  const second = await ask({ session: 'twice', args: '{"order":"W1"}', index: 1 });
  const { outcome, refusal } = await observationOf(second, first);
  assert.deepEqual([outcome, refusal?.reason], ['denied', 'APPROVAL_ASKED_ALREADY']);
  assert.deepEqual(refusal?.details, { rule: 'refunds', pendingCall: first.call.callId });
  await decide(first, 'bob');
  await assert.rejects(decide(second, 'bob'), refusedWith(10, 'APPROVAL_SETTLED'));
  await rig.running.context.outlet.review(second);
  await eventually(async () => (await inbox(first)).length >= 3, within);
  assert.equal((await sent(second)).length, 0);
});

test('beyond the bound of its session or tenant a call is refused at once, with how long to wait', async () => {
  const asked = await Promise.all(
    Array.from({ length: openMax }, (_, index) => ask({ tenant: 'full', args: `{"order":"${index}"}` })),
  );
  await Promise.all(asked.map(pending));
  const more = await ask({ tenant: 'full' });
  const { outcome, refusal } = await observationOf(more, more);
  assert.deepEqual([outcome, refusal?.reason, refusal?.retryable], ['shed', 'APPROVALS_FULL', true]);
  assert.equal(refusal?.retryAfterMs, limits.approvalsFullRetryMs);
  assert.deepEqual(refusal?.details, { rule: 'refunds', limit: String(openMax), scope: 'tenant' });
  await decide(asked[0]!, 'bob', { approve: false });
  await pending(await ask({ tenant: 'full' }));
  const page = (pageToken = '') =>
    call<{ approvals: ApprovalAnswer[]; nextPageToken: string }>('ListApprovals', {
      ...{ tenant: 'full', pageSize: 3, pageToken },
    });
  const first = await page();
  const rest = await page(first.nextPageToken);
  assert.deepEqual([first.approvals.length, rest.approvals.length, rest.nextPageToken], [3, 2, '']);
  assert.equal(new Set([...first.approvals, ...rest.approvals].map(({ callId }) => callId)).size, openMax);
  await assert.rejects(page('nonsense'), refusedWith(3, 'PAGE_TOKEN_INVALID'));
});

test('inboxes hear of each question, vote and end, with the risk and without what is secret', async () => {
  const asked = await ask({ args: '{"order":"W7","code":"open sesame"}', approversNeeded: 2 });
  const { text, arguments: args, riskTier } = await pending(asked);
  assert.deepEqual([args.toString(), riskTier], ['{"order":"W7","code":"[secret]"}', 'high']);
  assert.match(text, /^refund: write of high risk, for ann of acme by the agent shop\n/);
  assert.match(text, /^Rule: refunds \(Money leaves\.\)$/m);
  await decide(asked, 'bob');
  await decide(asked, 'carol', { approve: false, comment: 'too much' });
  const told = await eventually(async () => {
    const found = await notices(asked);
    return found.length >= 3 ? found : undefined;
  }, within);
  const lines = told.map((approval) => `${approval?.state} ${approval?.votes.map(({ approver }) => approver).join()}`);
  assert.deepEqual(new Set(lines), new Set(['pending ', 'pending bob', 'refused bob,carol']));
  const records = await rig.records('approval.requests');
  assert.ok(records.every(({ value }) => !Buffer.from(value).includes('open sesame')));
});

test('what nobody decides in time is denied with its rule, told to inboxes and audited', async () => {
  const asked = await ask({ expiresAtMs: Date.now() + 600 });
  const { outcome, refusal } = await observationOf(asked, asked);
  assert.deepEqual([outcome, refusal?.reason, refusal?.details], ['denied', 'APPROVAL_EXPIRED', { rule: 'refunds' }]);
  await eventually(async () => (await notices(asked)).some((approval) => approval?.state === 'expired'), within);
  await eventually(async () => {
    const audits = (await rig.records('audit')).flatMap((record) => decodeAuditRecords(record.value));
    return audits.some(({ callId, action }) => callId === asked.call.callId && action === 'APPROVAL_EXPIRED');
  }, within);
  assert.equal((await get(asked)).state, 'APPROVAL_STATE_EXPIRED');
});
