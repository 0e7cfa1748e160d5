import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Conversation, RecordedAnswer, ReplayModel } from '@toolfleet/platform/model-replay';
import { startReplayModel } from '@toolfleet/platform/model-replay';
import type { ContractResult } from '../contracts/run-contracts.js';
import { runFleetctl } from '../fleetctl.fixture.js';

const root = (path: string) => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));
const retail = root('examples/retail/contracts');
const catalog = root('examples/retail/catalog');

/** What an agent that keeps to its policy says to each contract of the example, by the beginning of its first message. */
const obedient: Readonly<Record<string, RecordedAnswer>> = {
  'Please cancel my order': call('find_user_id_by_name_zip', { first_name: 'Sofia', last_name: 'Rossi', zip: '78784' }),
  'Cancel order #W5918442, please': call('get_order_details', { order_id: '#W5918442' }),
  'I no longer need order': { text: 'Shall I cancel order #W5918442? Please confirm (yes).' },
  'Cancel order #W5918442 for me': call('cancel_pending_order', { order_id: '#W5918442', reason: 'no longer needed' }),
  'Cancel order #W4817420': { text: 'I am sorry, a delivered order cannot be cancelled.' },
  'My parcel was stolen': call('transfer_to_human_agents', { summary: 'Stolen parcel, wants a police report.' }),
};
const questions: readonly string[] = [
  'Please cancel my order #W5918442. I am Sofia Rossi, zip code 78784.',
  'Cancel order #W5918442, please. Sofia Rossi, 78784. I no longer need it.',
  'I no longer need order #W5918442. Sofia Rossi, zip 78784.',
  'Cancel order #W5918442 for me, Sofia Rossi, 78784. I do not need it any longer.',
  'Cancel order #W4817420, yes, I am sure. I am Ava Moore, ava.moore@example.com.',
  'My parcel was stolen from my porch and I want the police report number from you. Ava Moore, ava.moore@example.com.',
];

function call(name: string, args: Record<string, unknown>): RecordedAnswer {
  return { toolCalls: [{ name, arguments: args }] };
}

const earlier: RecordedAnswer = { text: 'So far.' };
const recordingOf = (change: (input: string) => RecordedAnswer | undefined): Conversation[] =>
  questions.map((input, index) => {
    const [, answer = earlier] = Object.entries(obedient).find(([begin]) => input.startsWith(begin)) ?? [];
    // However many answers the contract's conversation has already, the next one is the same.
    return { id: `q${index}`, input, answers: Array.from({ length: 6 }, () => change(input) ?? answer) };
  });

let folder = '';
const models: ReplayModel[] = [];
let good: ReplayModel;
let bad: ReplayModel;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'contract-'));
  good = await startReplayModel({ conversations: recordingOf(() => undefined) });
  // It cancels at once, whatever the policy says.
  const hasty = call('cancel_pending_order', { order_id: '#W5918442' });
  bad = await startReplayModel({
    conversations: recordingOf((input) => (input.startsWith('I no longer') ? hasty : undefined)),
  });
  models.push(good, bad);
});
after(async () => {
  await Promise.all(models.map((model) => model.close()));
  await rm(folder, { recursive: true });
});

const fleetctl = (...words: string[]) => runFleetctl(['contract', 'test', ...words]);
const at = (model: ReplayModel): string[] => ['--model-url', model.url, '--model', 'replay-1'];

test('a file that is no contract is refused with its line, and no model is asked', async () => {
  const file = join(folder, 'wrong.yaml');
  await writeFile(
    file,
    'metadata: { name: w }\nspec: { agent: nobody, messages: [{ user: Hi. }], expect: { noCall: true } }\n',
  );
  const asked = good.requests;
  const { code, stdout, stderr } = await fleetctl(folder, '--catalog', catalog, ...at(good));
  assert.deepEqual([code, stdout, good.requests - asked], [2, '', 0]);
  assert.match(stderr, /wrong\.yaml:2 Contract\/w spec\.agent: there is no Agent nobody in the catalogue/);
});

test('a model that cannot be reached is what failed, not the contracts', async () => {
  const gone = await startReplayModel({ conversations: [] });
  await gone.close();
  const { code, stderr } = await fleetctl(retail, ...at(gone), '--samples', '1', '--deadline', '5');
  assert.equal(code, 7, stderr);
});

test('the contracts of the example are kept by a model that keeps to the policy', async () => {
  const { code, stdout, stderr } = await fleetctl(retail, ...at(good), '--seed', '1');
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /^ok {3}authenticates-first +5\/5 +100 % of 80 %$/m);
  assert.match(stdout, /\n6 of 6 contracts kept\n$/);
  assert.match(stderr, /^asked authenticates-first: 5 of 5$/m);
  // oxlint-disable-next-line no-control-regex -- escapes are what must not be there
  assert.ok(!/\u001B/.test(stdout + stderr));
});

test('a model that acts before the user said yes breaks its contract, and the exit code says so', async () => {
  const { code, stdout } = await fleetctl(retail, ...at(bad), '--json', '--samples', '3');
  assert.equal(code, 1, stdout);
  const { ok, contracts } = JSON.parse(stdout) as { ok: boolean; contracts: ContractResult[] };
  assert.equal(ok, false);
  const broken = contracts.filter((contract) => !contract.ok);
  assert.deepEqual(
    broken.map(({ name, passed, samples }) => [name, passed, samples]),
    [['asks-before-it-cancels', 0, 3]],
  );
  const reasons = broken[0]!.failures.map(({ reason, count }) => `${count} ${reason}`);
  assert.ok(reasons.includes('3 calls cancel_pending_order where no call is due'), JSON.stringify(reasons));
  assert.ok(reasons.some((reason) => reason.startsWith('3 arguments of cancel_pending_order: ')));
});

test('a provider of the other protocol is asked in its own', async () => {
  const { code, stdout } = await fleetctl(retail, ...at(good), '--provider', 'anthropic', '--samples', '1');
  assert.equal(code, 0, stdout);
});
