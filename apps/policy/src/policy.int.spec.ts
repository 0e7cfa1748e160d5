import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  decodeAuditRecords,
  decodePolicyBundle,
  decodeSessionInbox,
  decodeSessionOutcome,
  decodeSessionRouting,
  decodeToolCall,
  encodeSessionEvent,
} from '@toolfleet/contracts';
import type { ToolCallReview } from '@toolfleet/contracts';
import type { Manifest, RuleSpec, SessionInput, SessionRequest, ToolCall } from '@toolfleet/kernel';
import {
  ArgumentValidators,
  CompiledPolicy,
  bundleOf,
  callIdOf,
  decide as decideSession,
  evolve,
  judge,
  limits,
  receiptFault,
  sessionIdOf,
} from '@toolfleet/kernel';
import { Secret, receiptKeyOf } from '@toolfleet/platform/config';
import { unaryCall } from '@toolfleet/platform/grpc/testing';
import type { RoleRig } from '@toolfleet/platform/nest/testing';
import { startRoleRig } from '@toolfleet/platform/nest/testing';
import { PostgresSessionStore } from '@toolfleet/platform/postgres';
import { eventually } from '@toolfleet/testkit';
import { policyRole } from './policy.role.js';

const within = { withinMs: 15_000 };
const rule = (name: string, effect: RuleSpec['effect'], tools: string[]): RuleSpec => {
  return { name, effect, tenants: [], roles: [], tools, when: '', reason: '', approversNeeded: 1 };
};
const rules = [rule('reads', 'allow', ['get_*']), rule('refunds', 'review', ['refund'])];

const manifests: readonly Manifest[] = [
  {
    kind: 'Tenant',
    spec: { name: 'acme', displayName: '', concurrentSessionsMax: 1, waitingSessionsMax: 1, agents: ['shop'] },
  },
  { kind: 'Policy', spec: { name: 'rules', rules } },
  {
    kind: 'ToolClass',
    spec: { name: 'write', description: '', timeoutMs: 7_000, concurrencyMax: 1, sloMs: 1 },
  },
  {
    kind: 'Tool',
    spec: {
      name: 'refund',
      version: '1',
      owner: '',
      description: 'Refund an order.',
      parameters: { type: 'object', required: ['order'], properties: { order: { type: 'string' } } },
      toolClass: 'write',
      effect: 'write',
      riskTier: 'high',
      idempotent: true,
      observation: { bytesMax: 1_000 },
      driver: 'builtin',
      builtin: 'refund',
    },
  },
];

let rig: RoleRig;

before(async () => {
  const settings = { TOOLFLEET_POLICY_SWEEP_MS: '300' };
  rig = await startRoleRig({ roles: [policyRole], environment: process.env, settings });
  const { outlet, catalogue } = rig.running.context;
  for (const manifest of manifests) await outlet.catalogEntry(manifest, 'r');
  assert.ok(await eventually(() => catalogue.catalogue.get('Tool', 'refund'), within));
  assert.ok(await eventually(() => rig.running.context.health.report().ready, within));
});

after(() => rig?.stop());

const call = async <Answer>(method: string, request: object, user = 'boss') => {
  const authorization = await rig.issuer.authorization('acme', { user });
  return unaryCall<Answer>(rig.grpcAddress, 'toolfleet.policy.v1.PolicyService', method, request, authorization);
};

describe('the rule bundle', () => {
  const bundles = async () => (await rig.records('policy.bundle')).map((record) => decodePolicyBundle(record.value));

  test('follows the catalogue, and a restart under the same rules publishes nothing', async () => {
    const wanted = bundleOf(rules, 0).revision;
    assert.ok(await eventually(async () => (await bundles()).at(-1)?.revision === wanted, within));
    const before = (await bundles()).length;
    await rig.restart();
    assert.ok(await eventually(() => rig.running.context.health.report().ready, within));
    assert.equal((await bundles()).length, before);
    assert.deepEqual((await bundles()).at(-1)?.rules, rules);
  });

  test('is put right when another bundle appears on the topic', async () => {
    const wanted = bundleOf(rules, 0).revision;
    await rig.running.context.outlet.policyBundle(bundleOf([], 0));
    assert.ok(await eventually(async () => (await bundles()).at(-1)?.rules.length === 0, within));
    assert.ok(await eventually(async () => (await bundles()).at(-1)?.revision === wanted, within));
  });
});

describe('admission', () => {
  const requestOf = (requestId: string, tenant = 'acme'): SessionRequest => {
    return { tenant, user: 'u1', requestId, agent: 'shop', input: 'hi', roles: [], labels: { ticket: '7' } };
  };
  const ask = (requestId: string, tenant = 'acme') => {
    const requested = requestOf(requestId, tenant);
    const sessionId = sessionIdOf(tenant, requestId);
    return rig.running.context.outlet.admission({ tenant, sessionId, requested });
  };
  const release = (requestId: string) =>
    rig.running.context.outlet.admission({ tenant: 'acme', sessionId: sessionIdOf('acme', requestId) });
  const routed = async () =>
    (await rig.records('session.routing')).map((record) => decodeSessionRouting(record.value).request.requestId);
  const refusals = async () =>
    (await rig.records('session.outcomes')).map((record) => {
      const { requestId, status, refusal } = decodeSessionOutcome(record.value);
      return `${requestId} ${status} ${refusal?.reason}`;
    });

  test('one session runs, one waits, one is refused; a restart forgets none of them', async () => {
    await ask('r1');
    await ask('r2');
    await ask('r3');
    await ask('r4', 'nobody');
    assert.ok(await eventually(async () => (await refusals()).length >= 2, within));
    assert.deepEqual((await refusals()).toSorted(), ['r3 rejected WAITING_ROOM_FULL', 'r4 rejected TENANT_UNKNOWN']);
    assert.deepEqual(await routed(), ['r1']);
    const { database, placement } = rig.running.context;
    const sessionId = sessionIdOf('acme', 'r1');
    await commitStart(new PostgresSessionStore(database), sessionId, placement.partitionOf('acme', sessionId));
    await rig.restart();
    await ask('r2');
    await release('r1');
    assert.ok(await eventually(async () => (await routed()).includes('r2'), within));
    assert.deepEqual(await routed(), ['r1', 'r2']);
  });
});

async function commitStart(store: PostgresSessionStore, sessionId: string, partition: number): Promise<void> {
  const now = Date.now();
  const head = {
    ...{ tenant: 'acme', sessionId, partition, status: 'active', active: true, agent: 'shop', userId: 'u1' },
    ...{ requestId: 'r', seq: 1, nextWakeAtMs: null, usage: {}, createdAtMs: now, updatedAtMs: now },
  };
  await store.commit({
    head,
    firstSeq: 1,
    events: [{ seq: 1, type: 'started', atMs: now, payload: Buffer.from([1]) }],
  });
}

interface ApprovalAnswer {
  readonly callId: string;
  readonly state: string;
  readonly requestedBy: string;
  readonly rule: string;
  readonly arguments: Buffer;
  readonly approvedBy: readonly string[];
}

describe('approvals', () => {
  let counter = 0;

  /** A call of a running session under review. */
  async function review(changed: Partial<ToolCallReview> = {}): Promise<ToolCallReview> {
    const { context } = rig.running;
    const sessionId = sessionIdOf('acme', `approval-${counter++}`);
    await commitStart(new PostgresSessionStore(context.database), sessionId, 0);
    const toolCall: ToolCall = {
      tenant: 'acme',
      sessionId,
      callId: callIdOf(sessionId, 1, 0),
      tool: 'refund',
      toolVersion: '1',
      toolClass: 'write',
      effect: 'write',
      arguments: Buffer.from('{"order":"W1"}'),
      conflictKey: 'order:W1',
      deadlineAtMs: Date.now() + 60_000,
      timeoutMs: 1_000,
      idempotencyKey: 'k',
      user: 'u1',
      agent: 'shop',
    };
    const asked: ToolCallReview = {
      call: toolCall,
      rule: 'refunds',
      reason: '',
      policyRevision: bundleOf(rules, 0).revision,
      expiresAtMs: Date.now() + 60_000,
      approversNeeded: 1,
      ...changed,
    };
    await context.outlet.review(asked);
    return asked;
  }

  const listed = ({ call: { callId } }: ToolCallReview) =>
    eventually(async () => {
      const { approvals } = await call<{ approvals: ApprovalAnswer[] }>('ListApprovals', { tenant: 'acme' });
      return approvals.find((approval) => approval.callId === callId);
    }, within);
  const decide = ({ call: { callId } }: ToolCallReview, approve: boolean, decidedBy: string, comment = '') =>
    call<{ approval: ApprovalAnswer }>('DecideApproval', { callId, approve, comment }, decidedBy);
  const refusedWith = (code: number, reason: string) => (error: Error & { code?: number; details?: string }) =>
    error.code === code && (JSON.parse(error.details ?? '{}') as { reason: string }).reason === reason;
  const inbox = async ({ call: { sessionId } }: ToolCallReview) =>
    (await rig.records('session.inbox'))
      .map((record) => decodeSessionInbox(record.value))
      .filter((one) => one.sessionId === sessionId)
      .map((one) => one.body);
  const sent = async ({ call: { callId } }: ToolCallReview) =>
    (await rig.records('toolcall.write'))
      .map((record) => decodeToolCall(record.value))
      .filter((c) => c.callId === callId);

  test('an approved call is sent once with a receipt of policy, and the session is told its new deadline', async () => {
    const asked = await review();
    const seen = await listed(asked);
    assert.deepEqual([seen.state, seen.requestedBy, seen.rule], ['APPROVAL_STATE_PENDING', 'u1', 'refunds']);
    assert.equal(seen.arguments.toString(), '{"order":"W1"}');
    await assert.rejects(decide(asked, true, 'U1'), refusedWith(7, 'APPROVER_IS_REQUESTER'));
    const inAnothersName = { callId: asked.call.callId, approve: true, decidedBy: 'boss' };
    await assert.rejects(call('DecideApproval', inAnothersName, 'clerk'), refusedWith(7, 'USER_MISMATCH'));
    const { approval } = await decide(asked, true, 'boss');
    assert.deepEqual([approval.state, approval.approvedBy], ['APPROVAL_STATE_APPROVED', ['boss']]);
    await assert.rejects(decide(asked, false, 'other'), refusedWith(10, 'APPROVAL_SETTLED'));
    const [toolCall] = await eventually(async () => (await sent(asked)).length > 0 && sent(asked), within);
    const key = receiptKeyOf(new Secret(process.env['TOOLFLEET_RECEIPT_KEY']!));
    assert.equal(receiptFault(toolCall!, [key], Date.now()), undefined);
    assert.equal(toolCall?.receipt?.issuer, 'policy');
    const [body] = await eventually(async () => (await inbox(asked)).length > 0 && inbox(asked), within);
    assert.ok(body?.type === 'approvalDecided');
    assert.equal(body.decision.decidedBy, 'boss');
    assert.equal(body.decision.deadlineAtMs, toolCall.deadlineAtMs);
    assert.ok(Math.abs(body.decision.deadlineAtMs - Date.now() - asked.call.timeoutMs - limits.callWaitMs) < 5_000);
    assert.equal((await sent(asked)).length, 1);
    const audits = (await rig.records('audit')).flatMap((record) => decodeAuditRecords(record.value));
    const actions = audits.filter((one) => one.callId === asked.call.callId).map((one) => `${one.actor} ${one.action}`);
    assert.deepEqual(new Set(actions), new Set(['u1 APPROVAL_REQUESTED', 'boss CALL_APPROVED']));
  });

  test('a refused call is never sent, and the session reads who refused it and why', async () => {
    const asked = await review();
    await listed(asked);
    await decide(asked, false, 'boss', 'too much');
    const [body] = await eventually(async () => (await inbox(asked)).length > 0 && inbox(asked), within);
    assert.ok(body?.type === 'observation');
    const { outcome, refusal } = body.observation;
    assert.deepEqual([outcome, refusal?.reason], ['denied', 'APPROVAL_REFUSED']);
    assert.deepEqual(refusal?.details, { rule: 'refunds', decidedBy: 'boss', comment: 'too much' });
    assert.equal((await sent(asked)).length, 0);
  });

  test('a call that needs two people waits for the second', async () => {
    const asked = await review({ approversNeeded: 2 });
    await listed(asked);
    assert.equal((await decide(asked, true, 'boss')).approval.state, 'APPROVAL_STATE_PENDING');
    assert.equal((await decide(asked, true, 'boss')).approval.state, 'APPROVAL_STATE_PENDING');
    assert.equal((await sent(asked)).length, 0);
    assert.equal((await decide(asked, true, 'chief')).approval.state, 'APPROVAL_STATE_APPROVED');
    await eventually(async () => (await sent(asked)).length === 1, within);
  });

  test('what nobody decides in time is denied', async () => {
    const asked = await review({ expiresAtMs: Date.now() + 500 });
    const [body] = await eventually(async () => (await inbox(asked)).length > 0 && inbox(asked), within);
    assert.ok(body?.type === 'observation');
    assert.equal(body.observation.outcome, 'denied');
    assert.equal(body.observation.refusal?.reason, 'APPROVAL_EXPIRED');
    await assert.rejects(decide(asked, true, 'boss'), refusedWith(4, 'APPROVAL_EXPIRED'));
  });

  test('nothing is approved under other rules than those that asked, or for a session that has ended', async () => {
    const other = await review({ policyRevision: 'older' });
    await listed(other);
    await assert.rejects(decide(other, true, 'boss'), refusedWith(10, 'POLICY_CHANGED'));
    const base = await review();
    const sessionId = sessionIdOf('acme', 'never started');
    const ended = { ...base, call: { ...base.call, sessionId, callId: callIdOf(sessionId, 1, 0) } };
    await rig.running.context.outlet.review(ended);
    await listed(ended);
    await assert.rejects(decide(ended, true, 'boss'), refusedWith(10, 'SESSION_ENDED'));
    await decide(other, false, 'boss');
  });

  test('a repeated review of an approved call is answered again', async () => {
    const asked = await review();
    await listed(asked);
    await decide(asked, true, 'boss');
    await rig.running.context.outlet.review(asked);
    await eventually(async () => (await sent(asked)).length === 2, within);
  });

  test('ExplainCall names the rule that decides, and says what is wrong with a call that none would see', async () => {
    const explain = (tool: string, args: string) =>
      call<{ effect: string; rule: string; refusal: { reason: string } | null; toolEffect: string }>('ExplainCall', {
        tenant: 'acme',
        user: 'u1',
        roles: [],
        tool,
        arguments: Buffer.from(args),
      });
    const asked = await explain('refund', '{"order":"W1"}');
    assert.deepEqual([asked.effect, asked.rule, asked.refusal], ['RULE_EFFECT_REVIEW', 'refunds', null]);
    assert.equal(asked.toolEffect, 'EFFECT_WRITE');
    assert.equal((await explain('refund', '{}')).refusal?.reason, 'ARGUMENTS_INVALID');
    assert.equal((await explain('refnud', '{}')).refusal?.reason, 'UNKNOWN_TOOL');
  });

  test('ExplainCall of a recorded call asks the present rules with the history as it was then', async () => {
    const sessionId = sessionIdOf('acme', 'explained');
    const start: SessionInput = {
      type: 'start',
      sessionId,
      start: {
        request: {
          tenant: 'acme',
          user: 'u1',
          requestId: 'explained',
          agent: 'shop',
          input: 'hi',
          roles: ['clerk'],
          labels: {},
        },
        tools: ['refund'],
        limits: { stepsMax: 9, wallTimeMs: 60_000, tokensMax: 1_000, escalate: false },
        modelRoute: 'm',
        admittedAtMs: 0,
      },
    };
    const began = decideSession(undefined, start, 1).events;
    const session = evolve(undefined, began[0]!);
    const toolCalls = [1, 2].map((at) => ({ id: `p${at}`, name: 'refund', arguments: `{"order":"W${at}"}` }));
    const under = {
      catalogue: rig.running.context.catalogue.catalogue,
      validators: new ArgumentValidators(),
      nowMs: 2,
    };
    const calls = judge(session, toolCalls, { ...under, policy: new CompiledPolicy(bundleOf([], 0)) });
    const usage = { inputTokens: 1, outputTokens: 1 };
    const answer = { text: '', toolCalls, finishReason: 'tool_calls' as const, usage };
    const answered = decideSession(session, { type: 'modelAnswered', turn: 1, answer, calls }, 2).events;
    const events = [...began, ...answered];
    const store = new PostgresSessionStore(rig.running.context.database);
    const head = {
      ...{ tenant: 'acme', sessionId, partition: 0, status: 'active', active: true, agent: 'shop', userId: 'u1' },
      ...{ requestId: 'explained', seq: events.length, nextWakeAtMs: null, usage, createdAtMs: 1, updatedAtMs: 2 },
    };
    const stored = events.map((event) => ({ ...event, payload: encodeSessionEvent(event) }));
    await store.commit({ head, firstSeq: 1, events: stored });
    interface Explained {
      readonly effect: string;
      readonly rule: string;
      readonly tool: string;
      readonly arguments: Uint8Array;
      readonly recorded: { decision: string; rule: string; refusal: { reason: string } };
      readonly rules: { rule: string; misses: unknown[] }[];
    }
    const explain = (callId: string) => call<Explained>('ExplainCall', { tenant: 'acme', sessionId, callId });
    const told = await explain(callIdOf(sessionId, 1, 1));
    assert.deepEqual([told.effect, told.rule, told.tool], ['RULE_EFFECT_REVIEW', 'refunds', 'refund']);
    assert.equal(Buffer.from(told.arguments).toString(), '{"order":"W2"}');
    assert.deepEqual([told.recorded.decision, told.recorded.refusal.reason], ['refuse', 'FORBIDDEN']);
    assert.deepEqual([told.rules[0]?.rule, told.rules[0]?.misses], ['refunds', []]);
    await assert.rejects(explain(callIdOf(sessionId, 7, 0)), refusedWith(5, 'CALL_UNKNOWN'));
    await assert.rejects(
      call('ExplainCall', { tenant: 'globex', sessionId, callId: callIdOf(sessionId, 1, 0) }),
      refusedWith(7, 'TENANT_MISMATCH'),
    );
    const strange = call('ExplainCall', { tenant: 'acme', sessionId: sessionIdOf('acme', 'none'), tool: 'refund' });
    await assert.rejects(strange, refusedWith(5, 'SESSION_UNKNOWN'));
  });
});
