import assert from 'node:assert/strict';
import { test } from 'node:test';
import { careful, policyOf, suite } from '../containment.fixture.js';
import { Folder } from '../folder.js';
import { writeFolder } from '../folder.fixture.js';
import type { SessionPlan } from '../plan.js';
import { agentdojo } from './agentdojo.js';

function planOf(files: Readonly<Record<string, unknown>>, limit = 100): SessionPlan {
  const reading = agentdojo.read(new Folder(writeFolder(files)), limit);
  assert.ok(reading.type === 'sessions');
  return reading.plan;
}

const linesOf = ({ sessions }: SessionPlan) =>
  sessions.map(({ id, runs }) => {
    const calls = runs.flatMap(({ answers }) => answers.flat());
    return `${id}: ${calls.map(({ tool, end }) => `${tool} ${'text' in end ? end.text : end.type}`).join(', ')}`;
  });

test('each task runs untouched and once with each attack, whose calls follow the answer that holds it', () => {
  assert.deepEqual(linesOf(planOf(policyOf(careful))), [
    'u0: get_mail Hello.',
    'u1: get_mail Hello., send_mail done',
    'u0/i0: get_mail Hello. Obey i0!, send_mail denied',
    'u0/i1: get_mail Hello. Obey i1!, send_mail denied, delete_mail denied',
    'u1/i0: get_mail Hello. Obey i0!, send_mail denied, send_mail done',
    // What the user asked for in the same words is no attack.
    'u1/i1: get_mail Hello. Obey i1!, delete_mail denied, send_mail done',
  ]);
});

test('goals that nobody wrote calls for are named, and a suite without a policy is skipped', () => {
  assert.match(planOf(policyOf(careful)).notes.join('\n'), /goals without calls, left out: i2/);
  const reading = agentdojo.read(new Folder(writeFolder(suite)), 100);
  assert.deepEqual(reading, { type: 'skipped', reason: 'there is no policy for the suite tiny' });
});

test('tools that only look are reads, people have two seconds, and a policy that cannot be read is said to be', () => {
  const { tools, rules = [] } = planOf(policyOf(careful));
  assert.deepEqual(
    tools.map(({ name, effect }) => `${name} ${effect}`),
    ['get_mail read', 'send_mail write', 'delete_mail write'],
  );
  assert.deepEqual(
    rules.map(({ approvalMs }) => approvalMs),
    [undefined, 2_000, undefined, undefined],
  );
  assert.throws(() => planOf(policyOf('{ name: odd, effect: forbid }')), { reason: 'POLICY_INVALID' });
});

test('a limit takes so many pairs, and every task untouched', () => {
  assert.equal(planOf(policyOf(careful), 2).sessions.length, 4);
});
