import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { buildConversations, conversationsFile, conversationsText } from './conversations-file.js';
import { turnsOf } from './conversations.js';
import { loadTasks, type RecordedAction } from './data.js';

const read = (name: string, args: Record<string, unknown>, result = '', error = false): RecordedAction => ({
  name,
  arguments: args,
  result,
  error,
});
const namesOf = (turns: readonly (readonly RecordedAction[])[]) => turns.map((turn) => turn.map(({ name }) => name));

test('reads of what the customer said stand in one turn', () => {
  const actions = [
    read('find_user_id_by_email', { email: 'a@example.com' }, 'ann_lee_1'),
    read('get_order_details', { order_id: '#W1000' }, '{"order_id":"#W1000"}'),
  ];
  const turns = turnsOf(actions, 'I am a@example.com, my order is #W1000.');
  assert.deepEqual(namesOf(turns), [['find_user_id_by_email', 'get_order_details']]);
});

test('a read that uses an earlier result waits for it', () => {
  const actions = [
    read('find_user_id_by_email', { email: 'a@example.com' }, 'ann_lee_1'),
    read('get_user_details', { user_id: 'ann_lee_1' }, '{"orders":["#W1000","#W2000"]}'),
    read('get_order_details', { order_id: '#W1000' }),
    read('get_order_details', { order_id: '#W2000' }),
  ];
  assert.deepEqual(namesOf(turnsOf(actions, 'I am a@example.com.')), [
    ['find_user_id_by_email'],
    ['get_user_details'],
    ['get_order_details', 'get_order_details'],
  ]);
});

test('a read that failed ends its turn', () => {
  const actions = [
    read('find_user_id_by_email', { email: 'a@example.com' }, 'Error: User not found', true),
    read('find_user_id_by_name_zip', { first_name: 'Ann', last_name: 'Lee', zip: '12345' }, 'ann_lee_1'),
  ];
  assert.equal(turnsOf(actions, 'I am Ann Lee, 12345.').length, 2);
});

test('a write stands alone and splits the reads around it', () => {
  const actions = [
    read('get_order_details', { order_id: '#W1000' }),
    read('cancel_pending_order', { order_id: '#W1000', reason: 'no longer needed' }),
    read('cancel_pending_order', { order_id: '#W2000', reason: 'no longer needed' }),
    read('get_order_details', { order_id: '#W2000' }),
  ];
  assert.equal(turnsOf(actions, '').length, 4);
});

test('the conversations hold every recorded action in order and say everything that must be said', async () => {
  const [tasks, conversations] = await Promise.all([loadTasks(), buildConversations()]);
  assert.equal(conversations.length, 114);
  assert.equal(new Set(conversations.map((conversation) => conversation.input)).size, 114);
  for (const [index, task] of tasks.entries()) {
    const conversation = conversations[index];
    assert.equal(conversation?.id, `retail-${task.id}`);
    const calls = conversation.answers.flatMap((answer) => ('toolCalls' in answer ? answer.toolCalls : []));
    const expected = task.actions.map((action) => ({ name: action.name, arguments: action.arguments }));
    assert.deepEqual(calls, expected);
    const last = conversation.answers.at(-1);
    assert.ok(last !== undefined && 'text' in last);
    for (const said of task.communicate_info) assert.ok(last.text.includes(said), `task ${task.id}: ${said}`);
  }
});

test('some turns hold several reads, so that waves are exercised', async () => {
  const turns = (await buildConversations()).flatMap((conversation) => conversation.answers);
  const waves = turns.filter((answer) => 'toolCalls' in answer && answer.toolCalls.length > 1);
  assert.ok(waves.length >= 40, `${waves.length} waves`);
});

test('the committed conversations are those the recorded tasks give', async () => {
  assert.equal(await readFile(conversationsFile, 'utf8'), await conversationsText());
});
