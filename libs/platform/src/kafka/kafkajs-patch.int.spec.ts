import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Arena } from './conformance/arena.js';
import { drivers } from './conformance/drivers.js';

let arena: Arena;
before(async () => {
  arena = await Arena.open(drivers[0]!);
});
after(() => arena.close());

test('idle connections leave the process asleep: four consumers and a producer set off under 50 timers a second', async () => {
  const timers = new Set<number>();
  let fired = 0;
  const hook = createHook({
    init: (id, type) => void (type === 'Timeout' && timers.add(id)),
    before: (id) => void (timers.has(id) && (fired += 1)),
  }).enable();
  const topic = await arena.topic(8);
  const group = { fetchWaitMs: 250, heartbeatIntervalMs: 1_000, commitIntervalMs: 200 };
  await Promise.all(Array.from({ length: 4 }, () => arena.started({ topics: [topic], group }, () => undefined)));
  await arena.producer.send({ topic, key: 'k', value: Buffer.alloc(1) });
  fired = 0;
  const startedAtMs = Date.now();
  await sleep(2_000);
  const perSecond = (fired * 1_000) / (Date.now() - startedAtMs);
  hook.disable();
  // 16 with the patch, 9,300 without its first half, 106 without its second.
  assert.ok(perSecond < 50, `${perSecond.toFixed(0)} timers a second`);
});
