import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RuleSpec } from '../catalog/manifest.js';
import { approvalText, deciderFault, personOf, redactedArguments } from './approval.js';

const rule = (approvers?: RuleSpec['approvers']): RuleSpec => ({
  ...{
    name: 'refunds',
    effect: 'review',
    tenants: [],
    roles: [],
    tools: ['refund'],
    when: '',
    reason: 'Money leaves.',
  },
  ...{ approversNeeded: 2, ...(approvers && { approvers }) },
});
const faultOf = (name: string, roles: readonly string[] = [], approvers?: RuleSpec['approvers']) =>
  deciderFault({ name, roles }, { requestedBy: 'Ann Lee', rule: rule(approvers) })?.reason;

describe('whoever decides on a call', () => {
  it('is one person however the name is written', () => {
    for (const name of ['Ann Lee', ' ann  lee ', 'ANN LEE', 'Ａｎｎ Lee', 'ann\u200b lee', 'ann lee\u0000']) {
      assert.equal(personOf(name), 'ann lee', JSON.stringify(name));
      assert.equal(faultOf(name), 'APPROVER_IS_REQUESTER', JSON.stringify(name));
    }
    assert.equal(faultOf('\u200b '), 'APPROVER_UNNAMED');
    assert.equal(faultOf('Bob'), undefined);
  });

  it('is named by the rule, or has a role that it names, where it names any', () => {
    const finance = { roles: ['finance-*'], users: ['Bob'] };
    assert.equal(faultOf('bob', [], finance), undefined);
    assert.equal(faultOf('carl', ['finance-eu'], finance), undefined);
    assert.equal(faultOf('carl', ['sales'], finance), 'APPROVER_NOT_ENTITLED');
    assert.equal(faultOf('ann lee', ['finance-eu'], finance), 'APPROVER_IS_REQUESTER');
    assert.equal(faultOf('carl', [], { roles: [], users: [] }), undefined);
    const fault = deciderFault({ name: 'carl', roles: [] }, { requestedBy: 'ann', rule: rule(finance) });
    assert.equal(fault?.hint, 'Ask someone with the role finance-*, or Bob.');
  });
});

describe('what a person who decides is shown', () => {
  it('holds no secret: by the name of a field, by its schema, by the look of a value', () => {
    const text = JSON.stringify({
      order: 'W1',
      apiKey: 'abcdef',
      'card-pin': 1234,
      deep: [{ access_token: 'xyz', note: 'use Bearer abcdefghijkl please' }],
      phrase: 'open sesame',
      new_password: null,
      spinner: 'kept',
      is_token: true,
    });
    const parameters = { properties: { phrase: { type: 'string', format: 'password' } } };
    assert.deepEqual(JSON.parse(redactedArguments(text, parameters)), {
      order: 'W1',
      apiKey: '[secret]',
      'card-pin': '[secret]',
      deep: [{ access_token: '[secret]', note: 'use [secret] please' }],
      phrase: '[secret]',
      new_password: null,
      spinner: 'kept',
      is_token: true,
    });
    assert.equal(redactedArguments('{"password":"x"'), '[secret]');
  });

  it('says the risk, the arguments, the rule and its reason, who may decide, and until when', () => {
    const text = approvalText({
      ...{ tenant: 'acme', agent: 'shop', tool: 'refund', riskTier: 'high', effect: 'write' },
      ...{ arguments: '{"order":"W1\u202e"}', argumentsDigest: 'abc', rule: 'refunds', reason: 'Money leaves.' },
      ...{ requestedBy: 'ann', approversNeeded: 2, approvers: { roles: ['finance'], users: [] } },
      expiresAtMs: Date.UTC(2026, 10, 27),
    });
    assert.deepEqual(text.split('\n'), [
      'refund: write of high risk, for ann of acme by the agent shop',
      'Arguments: {"order":"W1 "}',
      'Digest of the arguments: abc',
      'Rule: refunds (Money leaves.)',
      'Needs 2 different people other than ann: someone with the role finance',
      'Until 2026-11-27T00:00:00.000Z; after that it is denied.',
    ]);
  });
});
