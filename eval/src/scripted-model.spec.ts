import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startScriptedModel, type ScriptedModel } from './scripted-model.js';
import { NameBook, stagePlan, type StagedPlan } from './staging.js';

const models: ScriptedModel[] = [];
after(() => Promise.all(models.map((model) => model.close())));

function staged(): StagedPlan {
  const tool = (key: string) => ({
    key,
    name: key,
    description: `Does ${key}.`,
    parameters: {},
    effect: 'read' as const,
  });
  const call = (name: string) => ({ tool: name, arguments: { x: name }, end: { type: 'answered' as const, text: '' } });
  const sessions = [
    {
      id: 's',
      tools: ['sow', 'reap'],
      runs: [
        { input: 'Sow, then reap.', answers: [[call('sow')], [call('reap')]], say: 'Reaped.' },
        { input: 'Thanks.', answers: [], say: 'You are welcome.' },
      ],
    },
  ];
  return stagePlan(
    { tools: [tool('sow'), tool('reap')], sessions, notes: [], score: () => ({}) },
    0,
    'r',
    new NameBook(),
  );
}

interface Said {
  readonly role: 'assistant';
  readonly content: string | null;
  readonly tool_calls?: readonly {
    readonly id: string;
    readonly function: { readonly name: string; readonly arguments: string };
  }[];
}

test('the model searches for a tool that it is not shown, and goes on with its script when it is', async () => {
  const plan = staged();
  const session = plan.sessions[0]!;
  const model = await startScriptedModel(plan.sessions, plan.tools);
  models.push(model);
  const messages: object[] = [{ role: 'user', content: session.inputs[0] }];
  let offered = ['sow', 'find_tools'];
  const say = async (): Promise<string> => {
    const tools = offered.map((name) => ({ type: 'function', function: { name, parameters: {} } }));
    const body = JSON.stringify({ messages, tools });
    const response = await fetch(`${model.url}/chat/completions`, { method: 'POST', body });
    const answer = (await response.json()) as { choices: readonly { message: Said }[] };
    const said = answer.choices[0]!.message;
    messages.push(said);
    for (const { id, function: called } of said.tool_calls ?? []) {
      messages.push({ role: 'tool', tool_call_id: id, content: `of ${called.name}` });
    }
    return (
      (said.tool_calls ?? []).map((call) => `${call.function.name} ${call.function.arguments}`).join() ||
      `${said.content}`
    );
  };
  assert.equal(await say(), 'sow {"x":"sow"}');
  assert.equal(await say(), 'find_tools {"query":"reap Does reap."}');
  assert.equal(await say(), 'find_tools {"query":"reap Does reap."}');
  offered = ['sow', 'reap', 'find_tools'];
  assert.equal(await say(), 'reap {"x":"reap"}');
  assert.equal(await say(), 'Reaped.');
  messages.push({ role: 'user', content: 'Thanks.' });
  assert.equal(await say(), 'You are welcome.');
  const view = model.viewOf(session);
  assert.deepEqual(
    ['sow', 'reap', 'mow'].map((name) => view.offeredOf(name)),
    ['first', 'found', 'never'],
  );
  assert.deepEqual(
    [0, 1, 2].map((position) => view.callsAt(position)),
    [[{ text: 'of sow', turn: 1, index: 0 }], [{ text: 'of reap', turn: 4, index: 0 }], []],
  );
});

test('a search that shows nothing new ends after as many as could show all', async () => {
  const plan = staged();
  const model = await startScriptedModel(plan.sessions, plan.tools);
  models.push(model);
  const messages: object[] = [{ role: 'user', content: plan.sessions[0]!.inputs[0] }];
  const tools = [{ function: { name: 'find_tools' } }];
  const names: string[] = [];
  for (let turn = 0; turn < 9; turn += 1) {
    const body = JSON.stringify({ messages, tools });
    const response = await fetch(`${model.url}/chat/completions`, { method: 'POST', body });
    const answer = (await response.json()) as { choices: readonly { message: Said }[] };
    messages.push(answer.choices[0]!.message);
    names.push(answer.choices[0]!.message.tool_calls?.[0]?.function.name ?? '');
  }
  assert.deepEqual(names, [...Array.from({ length: 8 }, () => 'find_tools'), 'sow']);
});
