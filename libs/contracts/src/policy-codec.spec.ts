import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JudgedCall, PolicyBundle, SessionEvent } from '@toolfleet/kernel';
import { CompiledPolicy } from '@toolfleet/kernel';
import { decodePolicyBundle, encodePolicyBundle } from './policy-codec.js';
import { decodeSessionEvent, encodeSessionEvent } from './session-codec.js';
import { wireType } from './wire.js';

const rule = {
  name: 'r',
  tenants: [],
  roles: ['clerk'],
  tools: ['*'],
  when: '',
  reason: 'Because.',
  approversNeeded: 1,
};

describe('a policy bundle on the bus', () => {
  it('keeps modes and constraints, and a rule without them stays without', () => {
    const bundle: PolicyBundle = {
      revision: 'r1',
      compiledAtMs: 7,
      rules: [
        { ...rule, effect: 'allow', constraints: [{ condition: 'args.n < 3', message: 'Less than 3.' }] },
        { ...rule, effect: 'deny', mode: 'shadow' },
        { ...rule, effect: 'review', mode: 'warn' },
      ],
    };
    assert.deepEqual(decodePolicyBundle(encodePolicyBundle(bundle)), bundle);
  });

  it('with a mode of a newer release allows nothing by that rule and refuses all that it refuses', () => {
    const type = wireType('toolfleet.policy.v1.PolicyBundle');
    const modeOf = (effect: number) =>
      decodePolicyBundle(type.encode({ revision: 'r', rules: [{ ...rule, effect, mode: 9 }] })).rules[0]?.mode;
    assert.deepEqual([modeOf(1), modeOf(2), modeOf(3)], ['shadow', 'enforce', 'enforce']);
    assert.equal(new CompiledPolicy(decodePolicyBundle(type.encode({ revision: 'r', rules: [] }))).revision, 'r');
  });
});

describe('a judged call in its event', () => {
  const call: JudgedCall = {
    ...{
      callId: 's:1:0',
      providerCallId: 'p',
      tool: 'look',
      arguments: '{}',
      disposition: 'dispatch',
      toolVersion: '1',
    },
    ...{ toolClass: 'read', effect: 'read', conflictKey: '', timeoutMs: 1, policyRevision: 'r', rule: 'all' },
    ...{ refusal: undefined, approversNeeded: 0 },
  };
  const again = (one: JudgedCall) => {
    const usage = { inputTokens: 0, outputTokens: 0 };
    const event: SessionEvent = { type: 'modelAnswered', seq: 2, atMs: 3, turn: 1, text: '', calls: [one], usage };
    const back = decodeSessionEvent(encodeSessionEvent(event));
    return back.type === 'modelAnswered' ? back.calls[0] : undefined;
  };

  it('keeps what rules would have said and the storms that it is part of, and has neither field without', () => {
    const told: JudgedCall = {
      ...call,
      notes: [{ rule: 'soon', mode: 'warn', effect: 'deny', reason: 'Soon.' }],
      storms: [{ storm: 'sameCall', action: 'alert', calls: 4 }],
    };
    assert.deepEqual([again(told), again(call)], [told, call]);
  });
});
