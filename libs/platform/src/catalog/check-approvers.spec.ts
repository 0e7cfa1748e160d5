import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadCatalogue, textOfProblem } from './load-catalogue.js';

function problemsOf(rule: string): string[] {
  const text = `{ apiVersion: toolfleet.dev/v1, kind: Policy, metadata: { name: asking }, spec: { rules: [
  { name: asks, effect: review, ${rule} }] } }`;
  const options = { toolClasses: ['read'], variable: () => undefined, variablesAllowed: [], ofOperators: () => true };
  const result = loadCatalogue([{ path: 'rules.yaml', text }], options);
  return result.ok ? [] : result.problems.map(textOfProblem);
}

test('a rule may name who decides and for how long it waits, and not fewer people than must agree', () => {
  assert.deepEqual(problemsOf('approversNeeded: 3, approvers: { roles: [finance] }, approvalMs: 60000'), []);
  assert.deepEqual(problemsOf('approversNeeded: 2, approvers: { users: [ann, bob] }'), []);
  const [few] = problemsOf('approversNeeded: 3, approvers: { users: [ann, bob, Bob] }');
  assert.match(few ?? '', /spec\.rules\.0\.approvers\.users: names 2 people where 3 must agree/);
  assert.match(problemsOf('approvalMs: 10')[0] ?? '', /approvalMs/);
});
