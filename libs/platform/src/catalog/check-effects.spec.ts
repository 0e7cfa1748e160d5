import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ToolSpec } from '@toolfleet/kernel';
import { loadCatalogue, textOfProblem } from './load-catalogue.js';

const good = `
apiVersion: toolfleet.dev/v1
kind: Upstream
metadata: { name: bank }
spec: { baseUrl: http://bank }
---
apiVersion: toolfleet.dev/v1
kind: Upstream
metadata: { name: mail }
spec: { baseUrl: http://mail }
---
apiVersion: toolfleet.dev/v1
kind: Tool
metadata: { name: find_payment }
spec:
  description: Finds a payment.
  class: read
  effect: read
  parameters:
    type: object
    additionalProperties: false
    required: [reference]
    properties: { reference: { type: string }, day: { type: string } }
  http: { upstream: bank, method: GET, path: '/payments/{reference}' }
---
apiVersion: toolfleet.dev/v1
kind: Tool
metadata: { name: pay }
spec:
  description: Pays.
  class: write
  effect: write
  parameters:
    type: object
    required: [account]
    properties: { account: { type: string }, expected: { type: string } }
  conflictKey: 'account:{account}'
  conflictScope: upstream
  reconcile:
    tool: find_payment
    arguments: { reference: '{toolfleet_idempotency_key}' }
    done: answer.state == 'booked'
    failed: '!ok'
  versionCheck: { argument: expected, current: version, read: { tool: find_payment, arguments: { reference: '{account}' } } }
  http: { upstream: bank, method: POST, path: /payments, body: arguments }
---
apiVersion: toolfleet.dev/v1
kind: Tool
metadata: { name: other_pay }
spec:
  description: Pays, too.
  class: write
  effect: write
  parameters: { type: object, properties: { account: { type: string } } }
  conflictKey: 'account:{account}'
  conflictScope: upstream
  http: { upstream: bank, method: POST, path: /other, body: arguments }
`;

function resultOf(text: string) {
  const result = loadCatalogue([{ path: 'bank.yaml', text }], {
    ...{ toolClasses: ['read', 'write'], variable: () => undefined, variablesAllowed: [], ofOperators: () => false },
  });
  return result.ok ? { manifests: result.catalogue.manifests } : { problems: result.problems.map(textOfProblem) };
}
const problemsOf = (from: string, to: string): string => {
  assert.ok(good.includes(from), from);
  return (resultOf(good.replace(from, to)).problems ?? []).join('\n');
};

test('a tool may say how to learn whether it happened, what shows an old version, and who shares its resource', () => {
  const { manifests, problems } = resultOf(good);
  assert.deepEqual(problems, undefined);
  const pay = manifests?.find(({ spec }) => spec.name === 'pay')?.spec as ToolSpec;
  assert.deepEqual(
    [pay.conflictScope, pay.reconcile?.failedAfterMs, pay.reconcile?.tellAnswer],
    ['upstream', 2_000, true],
  );
});

test('the read that it names is there, is a read, of the same destination, and takes these arguments', () => {
  assert.match(problemsOf('tool: find_payment\n', 'tool: nothing\n'), /reconcile\.tool.*there is no Tool "nothing"/);
  assert.match(problemsOf('tool: find_payment\n', 'tool: other_pay\n'), /is a write: only a read may be asked/);
  assert.match(problemsOf('upstream: bank, method: GET', 'upstream: mail, method: GET'), /of another destination/);
  assert.match(
    problemsOf("arguments: { reference: '{toolfleet_idempotency_key}' }", 'arguments: {}'),
    /reference of find_payment is required/,
  );
  assert.match(
    problemsOf("{ reference: '{toolfleet_idempotency_key}' }", "{ reference: '{nope}' }"),
    /there is no parameter \{nope\}/,
  );
  assert.match(
    problemsOf("{ reference: '{toolfleet_idempotency_key}' }", '{ reference: a, size: 1 }'),
    /find_payment has no such parameter/,
  );
});

test('its expressions compile, and it is about a write', () => {
  assert.match(problemsOf("done: answer.state == 'booked'", "done: 'answer.('"), /reconcile\.done.*is not valid CEL/);
  assert.match(problemsOf('current: version,', "current: 'a[',"), /versionCheck\.current.*JMESPath/);
  assert.match(problemsOf('argument: expected,', 'argument: nope,'), /there is no parameter nope/);
  assert.match(problemsOf('current: version, ', ''), /versionCheck\.current.*is required beside read/);
  assert.match(problemsOf('class: write\n  effect: write', 'class: read\n  effect: read'), /reconcile: is for writes/);
});

test('tools that name one resource share it with the same tenants', () => {
  const apart = good.replace(
    /conflictScope: upstream\n  http: \{ upstream: bank, method: POST, path: \/other/,
    'http: { upstream: bank, method: POST, path: /other',
  );
  assert.match((resultOf(apart).problems ?? []).join(), /is another than that of pay, which has the same key/);
  assert.match(problemsOf("conflictKey: 'account:{account}'\n  conflictScope", 'conflictScope'), /needs a conflictKey/);
});
