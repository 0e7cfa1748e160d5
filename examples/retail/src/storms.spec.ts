/** The rules for storms over the recorded tasks: none of them is one. Prints how near the nearest comes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RecentCall, StormCall, StormKind, StormThreshold } from '@toolfleet/kernel';
import { limits, stormDefaults, stormKinds, stormsIn } from '@toolfleet/kernel';
import { loadTasks } from './data.js';
import { operations } from './shop/operations.js';

const effects = new Map(operations.map(({ name, effect }) => [name, effect] as const));

/** Every step of a pattern up to the longest that a session remembers, so that the length of each run is told. */
const everyLength: StormThreshold[] = Array.from({ length: limits.recentCallsKept - 1 }, (_, at) => ({
  calls: at + 2,
  action: 'park',
}));
const measured = Object.fromEntries(stormKinds.map((kind) => [kind, everyLength])) as Record<
  StormKind,
  StormThreshold[]
>;

test('none of the recorded retail tasks is taken for a storm', async () => {
  const longest = new Map<StormKind, number[]>(stormKinds.map((kind) => [kind, []]));
  let calls = 0;
  const tasks = await loadTasks();
  for (const { id, actions } of tasks) {
    const recent: RecentCall[] = [];
    const lengths = new Map<StormKind, number>();
    for (const { name, arguments: args, result, error } of actions) {
      const effect = effects.get(name) ?? 'read';
      const call: StormCall = { name, arguments: JSON.stringify(args), effect, forbidden: false };
      const history = { tallies: [], recent };
      assert.deepEqual(stormsIn(history, [], call), [], `task ${id}`);
      for (const { storm, calls: length } of stormsIn(history, [], call, measured))
        lengths.set(storm, Math.max(lengths.get(storm) ?? 0, length));
      const { arguments: text } = call;
      recent.push({ tool: name, arguments: text, effect, outcome: error ? 'failed' : 'ok', text: String(result) });
      calls += 1;
    }
    for (const [kind, all] of longest) all.push(lengths.get(kind) ?? 0);
  }
  assert.ok(tasks.length > 100 && calls > 500, `${tasks.length} tasks, ${calls} calls`);
  for (const [kind, all] of longest) {
    const most = Math.max(...all);
    const least = Math.min(...stormDefaults[kind].map((threshold) => threshold.calls));
    console.log(
      `${kind}: at most ${most} of ${least} calls in ${tasks.length} tasks, median ${all.toSorted((a, b) => a - b)[all.length >> 1]}`,
    );
    // A task of twice the length must not be one either.
    assert.ok(2 * most <= least || kind === 'forbidden', `${kind}: ${most} of ${least}`);
  }
});
