import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventsWhileWatched } from './events-while-watched.js';

function worldOf(lingerMs = 60_000) {
  const readers: { closed: boolean; catchUp: () => void }[] = [];
  const world = { readers, caughtUp: 0 };
  const open = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const reader = { closed: false, catchUp: resolve };
    readers.push(reader);
    return {
      caughtUp: promise,
      close: async () => {
        reader.closed = true;
      },
    };
  };
  const events = new EventsWhileWatched(open, () => world.caughtUp++, lingerMs);
  return { world, events };
}

test('nobody watching costs no reader, and many watchers share one', async () => {
  const { world, events } = worldOf();
  assert.equal(world.readers.length, 0);
  for (const count of [1, 2, 1, 2]) events.watchers(count);
  assert.equal(world.readers.length, 1);
  world.readers[0]!.catchUp();
  await Promise.resolve();
  assert.equal(world.caughtUp, 1);
  await events.close();
  assert.ok(world.readers[0]!.closed);
});

test('a watcher that comes back soon finds the reader still there', async () => {
  const { world, events } = worldOf();
  for (const count of [1, 0, 1]) events.watchers(count);
  assert.deepEqual(
    world.readers.map(({ closed }) => closed),
    [false],
  );
  await events.close();
});

test('the last watcher gone for long ends the reader, and the next one opens another', async () => {
  const { world, events } = worldOf(1);
  for (const count of [1, 0]) events.watchers(count);
  while (!world.readers[0]!.closed) await new Promise((resolve) => setTimeout(resolve, 1));
  world.readers[0]!.catchUp();
  events.watchers(1);
  await Promise.resolve();
  // The first reader catches up too late to speak for the second.
  assert.equal(world.caughtUp, 0);
  assert.equal(world.readers.length, 2);
  await events.close();
});

test('a gateway that stops opens no reader any more', async () => {
  const { world, events } = worldOf();
  await events.close();
  events.watchers(1);
  assert.equal(world.readers.length, 0);
});
