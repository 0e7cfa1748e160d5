/** What sessions of one user may spend together, and what their model is told before it ends. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startReplayModel } from '@toolfleet/platform/model-replay';
import { eventually } from '@toolfleet/testkit';
import { FleetUnderTest } from '../fleet-under-test.js';
import type { RecordingModel } from '../recording-model.js';
import { recordModel } from '../recording-model.js';

const look = { toolCalls: [{ name: 'get_note', arguments: { id: 'a' } }] };
const conversations = {
  'one look': [look, { text: 'seen' }],
  'looks for ever': [...Array.from({ length: 10 }, () => look), { text: 'That is all I have seen.' }],
};

let directory: string;
let replay: Awaited<ReturnType<typeof startReplayModel>>;
let model: RecordingModel;
let fleet: FleetUnderTest;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'toolfleet-budgets-'));
  const lines = Object.entries(conversations).map(([input, answers]) => JSON.stringify({ id: input, input, answers }));
  const file = join(directory, 'conversations.jsonl');
  await writeFile(file, `${lines.join('\n')}\n`);
  replay = await startReplayModel({ conversationFiles: [file] });
  model = await recordModel(replay.url);
  fleet = await FleetUnderTest.start({ conversations, env: { TOOLFLEET_MODEL_BASE_URL: model.url } });
});
after(async () => {
  await fleet?.close();
  await model?.close();
  await replay?.close();
  await rm(directory, { recursive: true, force: true });
});

const of = (user: string) => ({ tenant: 'thrifty', user });

test('two sessions of a user share a budget, a third is refused with when to come back, and another user is not', async () => {
  for (const _ of ['first', 'second']) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const outcome = await fleet.run('one look', of('alice'));
    assert.deepEqual([outcome.status, outcome.answer, outcome.turns], ['completed', 'seen', 2]);
  }
  // Admission looks once a second; until then the first turn is refused.
  const third = await eventually(
    async () => {
      const outcome = await fleet.run('one look', of('alice'));
      assert.deepEqual([outcome.refusal?.reason, outcome.turns], ['BUDGET_EXHAUSTED', 0]);
      return outcome.status === 'rejected' ? outcome : undefined;
    },
    { withinMs: 10_000 },
  );
  assert.equal(third.refusal?.remainingBudget, 0);
  assert.ok((third.refusal?.retryAfterMs ?? 0) > 3_600_000);
  assert.equal((await fleet.run('one look', of('bob'))).status, 'completed');
});

test('a session whose budget ends in its middle is ended as at a limit, with what it did', async () => {
  const outcome = await fleet.run('looks for ever', of('carol'));
  assert.deepEqual([outcome.status, outcome.refusal?.reason, outcome.turns], ['gaveUp', 'BUDGET_EXHAUSTED', 4]);
  assert.equal(outcome.calls.length, 4);
});

test('the model is told before the end of its steps, in the request itself and not in the conversation', async () => {
  const from = model.asked.length;
  const outcome = await fleet.run('looks for ever');
  assert.deepEqual([outcome.status, outcome.refusal?.reason, outcome.turns], ['gaveUp', 'STEPS_MAX', 11]);
  const asked = model.asked.slice(from);
  const notes = asked.map((body) => /(\d+) of 10 steps of this session/.exec(body)?.[1] ?? 'none');
  assert.deepEqual(notes, [...Array.from({ length: 8 }, () => 'none'), '2', '1', 'none']);
});

test('at its limit a model has one turn without tools, and what it says is the answer', async () => {
  const from = model.asked.length;
  const outcome = await fleet.run('looks for ever');
  assert.deepEqual([outcome.answer, outcome.calls.length], ['That is all I have seen.', 10]);
  const asked = model.asked.slice(from);
  const isLast = (body: string) => body.includes('This is your last turn') && body.includes('"tool_choice":"none"');
  assert.deepEqual(asked.map(isLast), [...Array.from({ length: 10 }, () => false), true]);
});

test('an outcome tells what its tokens cost', async () => {
  const { usage } = await fleet.run('one look');
  assert.equal(usage.costMicros, usage.inputTokens * 3 + usage.outputTokens * 15);
  assert.ok(usage.costMicros > 0);
});
