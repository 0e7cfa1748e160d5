import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RuleSpec, ToolSpec } from '../catalog/manifest.js';
import { Catalogue } from '../catalog/manifest.js';
import { denied } from '../fault.js';
import { limits } from '../limits.js';
import type { ProposedCall } from '../session/message.js';
import { answer, call, given, ok, start, write } from '../session/given.fixture.js';
import type { JudgedCall, Session } from '../session/session.js';
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

  it('of a tool that a flag kept back says so, unless the session was given it later', () => {
    const reasonIn = (state: Session) => judge(state, [proposal('not_shown')], context)[0]?.refusal?.reason;
    const keptBack = { ...session, toolsKeptBack: ['not_shown'] };
    assert.equal(reasonIn(keptBack), 'FLAG_OFF');
    assert.equal(reasonIn({ ...keptBack, tools: [...session.tools, 'not_shown'] }), undefined);
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

/** Judged under these rules alone. */
function judgedBy(
  rules: readonly Partial<RuleSpec>[],
  names: readonly string[],
  of: Session = session,
  now = 0,
): string[] {
  const whole = rules.map((one): RuleSpec => ({ ...rule, name: 'r', effect: 'allow', tools: [], ...one }));
  const under = { ...context, policy: new CompiledPolicy(bundleOf(whole, 0)), nowMs: now };
  return judge(
    of,
    names.map((name) => proposal(name)),
    under,
  ).map(({ disposition, refusal }) => refusal?.reason ?? disposition);
}

describe('rules about what a session did before', () => {
  const atMostThree = [
    { name: 'all' },
    { name: 'three', effect: 'deny' as const, tools: ['cancel_order'], when: 'session.count("cancel_order") >= 3' },
  ];
  const change = (...tools: string[]) => tools.map((tool) => write({ tool }));

  it('hold for calls of one answer: the fourth of four is refused', () => {
    const names = ['cancel_order', 'get_order', 'cancel_order', 'cancel_order', 'cancel_order'];
    assert.deepEqual(judgedBy(atMostThree, names), ['dispatch', 'dispatch', 'dispatch', 'dispatch', 'FORBIDDEN']);
  });

  it('count what earlier turns did, and not what came to nothing', () => {
    const tools = ['get_order', 'cancel_order'];
    const story = given(start({ tools }), answer(1, change('cancel_order', 'cancel_order')), ok(call(1, 0)));
    const failed = { callId: call(1, 1), outcome: 'failed' as const, startedAtMs: 0, finishedAtMs: 0, resultBytes: 0 };
    story.when({ type: 'observed', observation: failed });
    const names = ['cancel_order', 'cancel_order', 'cancel_order'];
    assert.deepEqual(judgedBy(atMostThree, names, story.session), ['dispatch', 'dispatch', 'FORBIDDEN']);
  });

  it('count no call of the same answer that is refused itself', () => {
    const forbidden = [...atMostThree, { name: 'never', effect: 'deny' as const, tools: ['risky'] }];
    const names = ['risky', 'cancel_order', 'risky', 'cancel_order', 'cancel_order'];
    assert.deepEqual(judgedBy(forbidden, names).filter((one) => one === 'dispatch').length, 3);
  });

  it('know that a tool succeeded within a time, and an earlier call of the same answer is no success yet', () => {
    const rules = [
      { tools: ['get_order'] },
      { name: 'w', tools: ['risky'], when: 'session.within("get_order", duration("10s"))' },
    ];
    const tools = ['get_order', 'risky'];
    assert.deepEqual(judgedBy(rules, ['get_order', 'risky'], given(start({ tools })).session!), [
      'dispatch',
      'FORBIDDEN',
    ]);
    const read = given(start({ tools }), answer(1, [{ tool: 'get_order' }]))
      .at(1_000)
      .when(ok(call(1, 0))).session!;
    assert.deepEqual(judgedBy(rules, ['risky'], read, 11_000), ['dispatch']);
    assert.deepEqual(judgedBy(rules, ['risky'], read, 11_001), ['FORBIDDEN']);
  });
});

describe('a call that is allowed within bounds', () => {
  const constraints = [{ condition: 'args.order_id.startsWith("W")', message: 'Only orders that begin with W.' }];

  it('is refused outside of them, naming the rule, the constraint and what would be allowed', () => {
    const under = {
      ...context,
      policy: new CompiledPolicy(bundleOf([{ ...rule, name: 'own', effect: 'allow', tools: [], constraints }], 0)),
    };
    const [fine, refused] = judge(session, [proposal('get_order'), proposal('get_order', '{"order_id":"X1"}')], under);
    assert.equal(fine?.disposition, 'dispatch');
    const { kind, reason, message, details } = refused!.refusal!;
    assert.deepEqual([kind, reason, message], ['denied', 'ARGUMENTS_NOT_ALLOWED', 'Only orders that begin with W.']);
    assert.deepEqual(details, { rule: 'own', constraint: constraints[0]!.condition });
    assert.deepEqual(
      [refused?.rule, refused?.toolVersion, refused?.policyRevision],
      ['own', '3', under.policy.revision],
    );
  });

  it('is refused to a tenant whose own list does not name its tool, whatever rules allow', () => {
    const others = { displayName: '', concurrentSessionsMax: 1, waitingSessionsMax: 1, agents: [] };
    catalogue.put({ kind: 'Tenant', spec: { name: 'acme', ...others, tools: ['get_*'] } });
    assert.deepEqual(judgedBy([{ name: 'all' }], ['get_order', 'cancel_order']), ['dispatch', 'FORBIDDEN']);
    assert.deepEqual(judgedBy([], ['get_order']), ['FORBIDDEN']);
    assert.equal(judgedOne('cancel_order').refusal?.details['rule'], 'fleet/tenant-tools');
    catalogue.remove('Tenant', 'acme');
  });

  it('carries what rules in shadow or warning would have said, and a warning is told to the model', () => {
    const notes: Partial<RuleSpec>[] = [
      { name: 'all' },
      { name: 'soon', effect: 'deny', mode: 'warn', reason: 'Soon only with a ticket.' },
      { name: 'perhaps', effect: 'review', mode: 'shadow', reason: 'Perhaps.' },
    ];
    const whole = notes.map((one): RuleSpec => ({ ...rule, effect: 'allow', name: 'r', tools: [], ...one }));
    const under = { ...context, policy: new CompiledPolicy(bundleOf(whole, 0)) };
    const [judgedCall] = judge(session, [proposal('get_order')], under);
    assert.deepEqual(
      judgedCall?.notes?.map(({ rule: name, mode, effect }) => [name, mode, effect]),
      [
        ['soon', 'warn', 'deny'],
        ['perhaps', 'shadow', 'review'],
      ],
    );
    const story = given(
      start({ tools: ['get_order'] }),
      answer(1, [{ ...judgedCall }]),
      ok(call(1, 0), 'W1 is on its way'),
    );
    assert.match(story.session!.messages.at(-1)!.text, /^W1 is on its way\n\[policy: Soon only with a ticket\.\]$/);
  });
});

describe('a call in a storm', () => {
  const rules = [{ name: 'all' }];
  const agent = (storms: object) =>
    catalogue.put({
      kind: 'Agent',
      spec: {
        ...{ name: 'clerk', instructions: '', model: 'm', tools: ['*'], toolsOfferedMax: 20, onLimit: 'giveUp' },
        ...{ limits: { stepsMax: 1, wallTimeMs: 1, tokensMax: 1 }, storms },
      },
    });
  const three = ['get_order', 'get_order', 'get_order'];

  it('is told, and runs', () => {
    const calls = judge(
      session,
      three.concat('get_order').map((name) => proposal(name)),
      context,
    );
    assert.deepEqual(
      calls.map(({ storms }) => storms?.[0]?.action),
      [undefined, undefined, undefined, 'alert'],
    );
    assert.equal(calls[3]?.disposition, 'dispatch');
  });

  it('waits for a person where its agent parks such calls', () => {
    agent({ sameCall: [{ calls: 3, action: 'park' }] });
    assert.deepEqual(judgedBy(rules, three), ['dispatch', 'dispatch', 'review']);
    const [, , parked] = judge(
      session,
      three.map((name) => proposal(name)),
      context,
    );
    assert.deepEqual([parked?.rule, parked?.approversNeeded], ['fleet/storm-sameCall', 1]);
    catalogue.remove('Agent', 'clerk');
  });

  it('ends its session where its agent stops such calls, with nothing of the answer run', () => {
    agent({ sameCall: [{ calls: 3, action: 'stop' }] });
    const calls = judge(
      session,
      three.map((name) => proposal(name)),
      context,
    );
    const story = given(start({ tools: ['get_order'] }), { ...answer(1), calls } as ReturnType<typeof answer>);
    assert.equal(story.then.events.at(-1), 'finished gaveUp TOOL_STORM');
    assert.ok(story.then.events.slice(1, -1).every((line) => line.endsWith('cancelled')));
    assert.deepEqual(story.then.effects, ['publishOutcome']);
    catalogue.remove('Agent', 'clerk');
  });
});
