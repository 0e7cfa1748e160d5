import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ToolSpec } from '../catalog/manifest.js';
import { Catalogue } from '../catalog/manifest.js';
import { denied } from '../fault.js';
import { limits } from '../limits.js';
import type { ProposedCall } from '../session/message.js';
import { given, start } from '../session/given.fixture.js';
import type { JudgedCall } from '../session/session.js';
import { ArgumentValidators } from '../toolcall/schema.js';
import { judge } from './judge.js';
import { bundleOf, CompiledPolicy } from './rules.js';

const catalogue = new Catalogue();
const parameters = { type: 'object', properties: { order_id: { type: 'string' } }, required: ['order_id'] };
const tool = (name: string, over: Partial<ToolSpec> = {}): void =>
  catalogue.put({
    kind: 'Tool',
    spec: {
      name,
      version: '3',
      owner: 'shop',
      description: '',
      parameters,
      toolClass: 'fast',
      effect: 'read',
      riskTier: 'low',
      idempotent: false,
      observation: { bytesMax: 100 },
      driver: 'builtin',
      ...over,
    },
  });
tool('get_order');
tool('cancel_order', { effect: 'write', conflictKey: 'order:{order_id}', timeoutMs: 700 });
tool('forbidden');
tool('risky', { effect: 'write' });
tool('not_shown');
catalogue.put({
  kind: 'ToolClass',
  spec: { name: 'fast', description: '', timeoutMs: 900, concurrencyMax: 1, sloMs: 100 },
});
const rule = { tenants: [], roles: [], when: '', reason: '', approversNeeded: 2 };
const policy = new CompiledPolicy(
  bundleOf(
    [
      { ...rule, name: 'all', effect: 'allow', tools: ['*'] },
      { ...rule, name: 'never', effect: 'deny', tools: ['forbidden'], reason: 'Not in this shop.' },
      { ...rule, name: 'ask', effect: 'review', tools: ['risky'], approvalMs: 5_000 },
    ],
    0,
  ),
);
const context = { catalogue, policy, validators: new ArgumentValidators(), nowMs: 1_000 };
const session = given(start({ tools: ['get_order', 'cancel_order', 'forbidden', 'risky'] })).session!;

const proposal = (name: string, text = '{"order_id":"W1"}'): ProposedCall => ({ id: 'p', name, arguments: text });
const judgedOne = (name: string, text?: string): JudgedCall => judge(session, [proposal(name, text)], context)[0]!;

describe('a proposed call', () => {
  it('that is allowed is dispatched with its tool’s version, class, deadline and conflict key', () => {
    const { callId, disposition, toolVersion, toolClass, timeoutMs, conflictKey, rule } = judgedOne('cancel_order');
    assert.deepEqual(
      { callId, disposition, toolVersion, toolClass, timeoutMs, conflictKey, rule },
      {
        callId: 's1:1:0',
        disposition: 'dispatch',
        toolVersion: '3',
        toolClass: 'fast',
        timeoutMs: 700,
        conflictKey: 'order:W1',
        rule: 'all',
      },
    );
    assert.deepEqual([judgedOne('get_order').timeoutMs, judgedOne('get_order').conflictKey], [900, '']);
  });

  it('of a tenant with its own time limit for the class runs no longer than that', () => {
    const others = { displayName: '', concurrentSessionsMax: 1, waitingSessionsMax: 1, agents: [] };
    catalogue.put({
      kind: 'Tenant',
      spec: { name: 'acme', ...others, timeouts: [{ toolClass: 'fast', timeoutMs: 300 }] },
    });
    assert.deepEqual([judgedOne('get_order').timeoutMs, judgedOne('cancel_order').timeoutMs], [300, 300]);
    catalogue.remove('Tenant', 'acme');
  });

  it('that writes is a dry run when its session, its tenant or its tool says so, and a read never is', () => {
    const dry = (name: string, request = session.request) =>
      judge({ ...session, request }, [proposal(name)], context)[0]!.dryRun;
    const asked = { ...session.request, dryRun: true as const };
    assert.deepEqual(
      [dry('cancel_order'), dry('cancel_order', asked), dry('risky', asked), dry('get_order', asked)],
      [undefined, true, true, undefined],
    );
    const others = { displayName: '', concurrentSessionsMax: 1, waitingSessionsMax: 1, agents: [] };
    catalogue.put({ kind: 'Tenant', spec: { name: 'acme', ...others, dryRun: true } });
    assert.deepEqual([dry('cancel_order'), dry('get_order')], [true, undefined]);
    catalogue.remove('Tenant', 'acme');
    tool('risky', { effect: 'write', dryRun: true });
    assert.deepEqual([dry('cancel_order'), dry('risky')], [undefined, true]);
    tool('risky', { effect: 'write' });
  });

  it('of high risk goes to review with the approvers it needs, and the time that its rule gives them', () => {
    const { disposition, approversNeeded, approvalMs } = judgedOne('risky');
    assert.deepEqual([disposition, approversNeeded, approvalMs], ['review', 2, 5_000]);
  });

  it('that is forbidden is refused with the rule and its reason', () => {
    const { disposition, refusal } = judgedOne('forbidden');
    assert.deepEqual(
      [disposition, refusal?.kind, refusal?.reason, refusal?.message, refusal?.details['rule']],
      ['refuse', 'denied', 'FORBIDDEN', 'Not in this shop.', 'never'],
    );
  });

  it('of an unknown tool is refused with names near to it', () => {
    const { refusal } = judgedOne('functions.getOrder');
    assert.deepEqual([refusal?.kind, refusal?.reason], ['missing', 'UNKNOWN_TOOL']);
    assert.equal(refusal?.alternatives[0], 'get_order');
  });

  it('of a tool that this session was not shown is unknown, although it exists', () => {
    const { refusal } = judgedOne('not_shown');
    assert.equal(refusal?.reason, 'UNKNOWN_TOOL');
    assert.ok(!refusal.alternatives.includes('not_shown'));
  });

  it('of a tool that is hidden runs in a session that has it, and one that is archived names its successor', () => {
    tool('get_order', { visibility: 'hidden' });
    assert.equal(judgedOne('get_order').disposition, 'dispatch');
    tool('get_order', { visibility: 'archived' });
    const alone = judgedOne('get_order').refusal;
    assert.deepEqual([alone?.reason, alone?.alternatives], ['TOOL_DEPRECATED', []]);
    tool('get_order', { visibility: 'archived', successor: 'get_order_by_id' });
    const { refusal } = judgedOne('get_order');
    assert.deepEqual([refusal?.reason, refusal?.alternatives], ['TOOL_DEPRECATED', ['get_order_by_id']]);
    assert.match(refusal?.hint ?? '', /^Call get_order_by_id in its place/);
    tool('get_order');
  });

  it('of a deprecated tool runs, and past its sunset it is refused with the successor that sessions are given', () => {
    tool('search_v2', { deprecatedAtMs: 10, successor: 'search_v3' });
    tool('search_v3');
    tool('get_order', { deprecatedAtMs: 500, sunsetAtMs: 1_001, successor: 'search_v2' });
    assert.equal(judgedOne('get_order').disposition, 'dispatch');
    tool('get_order', { deprecatedAtMs: 500, sunsetAtMs: 1_000, successor: 'search_v2' });
    const { disposition, refusal } = judgedOne('get_order');
    assert.deepEqual(
      [disposition, refusal?.kind, refusal?.reason, refusal?.alternatives],
      ['refuse', 'missing', 'TOOL_SUNSET', ['search_v3']],
    );
    assert.match(refusal?.hint ?? '', /^Call search_v3 in its place/);
    assert.match(refusal?.message ?? '', /1970-01-01/);
    tool('get_order');
  });

  it('goes to the version that the session was shown, while another is current', () => {
    const two = { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] };
    tool('get_order', { beside: true });
    tool('get_order', { version: '4', parameters: two });
    const [proposed] = [proposal('get_order')];
    const judgedIn = (toolVersions?: string[]) =>
      judge({ ...session, tools: ['risky', 'get_order'], toolVersions }, [proposed!], context)[0]!;
    assert.deepEqual([judgedIn(['1', '3']).disposition, judgedIn(['1', '3']).toolVersion], ['dispatch', '3']);
    assert.equal(judgedIn().refusal?.reason, 'ARGUMENTS_INVALID');
    catalogue.remove('Tool', 'get_order@3');
    assert.equal(judgedIn(['1', '3']).refusal?.reason, 'ARGUMENTS_INVALID');
    tool('get_order');
  });

  it('that a kill switch stops is refused, whatever rules and arguments say', () => {
    const killed = ({ tool: name }: { tool: string }) =>
      name === 'get_order' ? denied('KILLED', 'Switched off.') : undefined;
    const judgedWith = (name: string) => judge(session, [proposal(name, 'no JSON')], { ...context, killed })[0]!;
    assert.deepEqual(
      [judgedWith('get_order').refusal?.reason, judgedWith('risky').refusal?.reason],
      ['KILLED', 'ARGUMENTS_NOT_JSON'],
    );
  });

  it('with broken JSON is refused with what to write instead, and kept as the model wrote it', () => {
    const call = judgedOne('get_order', '{"order_id":');
    assert.deepEqual([call.refusal?.reason, call.arguments], ['ARGUMENTS_NOT_JSON', '{"order_id":']);
    assert.ok(call.refusal?.hint);
  });

  it('whose arguments do not fit is refused with a hint that names the parameter', () => {
    const { refusal } = judgedOne('get_order', '{"order_id":1}');
    assert.equal(refusal?.reason, 'ARGUMENTS_INVALID');
    assert.match(refusal.hint ?? '', /order_id must be string/);
  });

  it('of find_tools is sent to the router once it says what it looks for', () => {
    assert.equal(judgedOne('find_tools', '{"query":"refunds"}').disposition, 'findTools');
    assert.equal(judgedOne('find_tools', '{}').refusal?.reason, 'ARGUMENTS_INVALID');
  });

  it('of read_artifact is dispatched to the class whose answer was cut, and only for handles of this session', () => {
    const artifacts = [{ handle: 'h1', toolClass: 'fast' }];
    const judgedIn = (args: string) => judge({ ...session, artifacts }, [proposal('read_artifact', args)], context)[0];
    const call = judgedIn('{"handle":"h1","grep":"error"}');
    assert.deepEqual([call?.disposition, call?.toolClass, call?.effect], ['dispatch', 'fast', 'read']);
    const stranger = judgedIn('{"handle":"h2","grep":"error"}')?.refusal;
    assert.deepEqual([stranger?.reason, stranger?.alternatives], ['ARTIFACT_UNKNOWN', ['h1']]);
    for (const args of ['{"handle":"h1"}', '{"handle":"h1","grep":"a","jmespath":"b"}', '{"grep":"a"}']) {
      assert.equal(judgedIn(args)?.refusal?.reason, 'ARGUMENTS_INVALID');
    }
    assert.equal(judgedOne('read_artifact', '{"handle":"h1","grep":"a"}').refusal?.reason, 'UNKNOWN_TOOL');
  });

  it('beyond the calls of one turn is refused, the others run', () => {
    const proposals = Array.from({ length: limits.toolCallsPerTurnMax + 1 }, () => proposal('get_order'));
    const calls = judge(session, proposals, context);
    assert.equal(calls.length, proposals.length);
    assert.deepEqual(
      calls.filter(({ refusal }) => refusal).map(({ callId, refusal }) => [callId, refusal?.reason]),
      [[`s1:1:${limits.toolCallsPerTurnMax}`, 'TOO_MANY_CALLS']],
    );
  });

  it('with a name or arguments of any length is stored within bounds', () => {
    const call = judgedOne('x'.repeat(10_000), `{"a":"${'y'.repeat(limits.argumentsBytesMax)}"}`);
    assert.ok(call.tool.length <= 2 * limits.nameCharsMax && call.arguments.length <= limits.argumentsBytesMax);
  });
});
