/** The whole recorded truth: 114 tasks, 550 actions, each result and each end state, against the shop as it runs. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { databaseForTests, type TestDatabase } from '@toolfleet/testkit';
import { loadTasks, type RecordedAction, type RecordedTask } from '../data.js';
import { ShopClient, type ShopReply } from './client.js';
import { operations } from './operations.js';
import { startShop, type Shop } from './start.js';

let database: TestDatabase;
let shop: Shop;
let client: ShopClient;
let tasks: readonly RecordedTask[];

before(async () => {
  database = await databaseForTests();
  shop = await startShop({ databaseUrl: database.url });
  client = new ShopClient(shop.url);
  tasks = await loadTasks();
});

after(async () => {
  await shop.close();
  await database.stop();
});

/** Runs a task's actions in its own copy, each compared with what was recorded. */
async function play(task: RecordedTask, copy: string): Promise<void> {
  for (const [index, action] of task.actions.entries()) {
    const reply = await client.call(action.name, action.arguments, { copy, idempotencyKey: `${copy}:${index}` });
    compare(reply, action, `task ${task.id}, action ${index}, ${action.name}`);
  }
}

function compare(reply: ShopReply, action: RecordedAction, where: string): void {
  if (action.error) {
    assert.ok(reply.status >= 400 && reply.status < 500, `${where}: ${reply.status}`);
    assert.equal(reply.contentType, 'application/problem+json', where);
    const problem = JSON.parse(reply.text) as { error: string; message: string };
    assert.equal(`Error: ${problem.message}`, action.result, where);
    assert.match(problem.error, /^[A-Z_]+$/, where);
    return;
  }
  assert.equal(reply.status, 200, `${where}: ${reply.text}`);
  if (reply.contentType === 'application/json') {
    const [actual, expected] = [JSON.parse(reply.text) as unknown, JSON.parse(action.result) as unknown];
    assert.deepEqual(actual, expected, where);
    // Fields come in the recorded order too: a model reads them in it.
    assert.equal(JSON.stringify(actual), JSON.stringify(expected), where);
  } else {
    assert.equal(reply.text, action.result, where);
  }
}

test('every recorded action gives its recorded result, and every task ends in its recorded state', async () => {
  // Eight at a time: copies do not see each other.
  const waiting = tasks.values();
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (const task of waiting) {
        const copy = `task-${task.id}`;
        await play(task, copy);
        assert.deepEqual(await client.changes(copy), task.db_changes, `end state of task ${task.id}`);
      }
    }),
  );
  const actions = tasks.flatMap((task) => task.actions);
  assert.equal(tasks.length, 114);
  assert.equal(actions.length, 550);
  assert.equal(actions.filter((action) => action.error).length, 18);
});

test('playing every task again with the same keys changes nothing and runs no write twice', async () => {
  const writes = new Set(operations.filter((each) => each.effect === 'write').map((each) => each.name));
  for (const task of tasks.slice(0, 40)) {
    const copy = `task-${task.id}`;
    for (const [index, action] of task.actions.entries()) {
      if (!writes.has(action.name)) continue;
      const reply = await client.call(action.name, action.arguments, { copy, idempotencyKey: `${copy}:${index}` });
      assert.ok(reply.replayed, `task ${task.id}, action ${index}`);
      compare(reply, action, `task ${task.id}, action ${index} again`);
    }
    assert.deepEqual(await client.changes(copy), task.db_changes, `end state of task ${task.id}`);
    const effects = await client.effects(copy);
    const expected = task.actions.filter((action) => writes.has(action.name)).length;
    assert.deepEqual(effects, { executions: expected, duplicates: 0, replays: expected });
  }
});
