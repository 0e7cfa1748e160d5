import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@toolfleet/testkit';
import { BroadcastWhileWanted } from './broadcast-while-wanted.js';

function worldOf(lingerMs = 60_000) {
  const readers: { closed: boolean; catchUp: () => void }[] = [];
  const world = { readers, caughtUp: 0 };
  const open = () => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const reader = { closed: false, catchUp: resolve };
    readers.push(reader);
    return {
      caughtUp: promise,
      close: async () => {
        reader.closed = true;
        reject(new Error('closed'));
      },
    };
  };
  const broadcast = new BroadcastWhileWanted(open, { caughtUp: () => world.caughtUp++, lingerMs });
  return { world, broadcast };
}

test('wanted by nobody it costs no reader, and many who want it share one', async () => {
  const { world, broadcast } = worldOf();
  assert.equal(world.readers.length, 0);
  for (const count of [1, 2, 1, 2]) broadcast.wanted(count);
  assert.equal(world.readers.length, 1);
  world.readers[0]!.catchUp();
  await Promise.resolve();
  assert.equal(world.caughtUp, 1);
  await broadcast.close();
  assert.ok(world.readers[0]!.closed);
});

test('who comes back soon finds the reader still there', async () => {
  const { world, broadcast } = worldOf();
  for (const count of [1, 0, 1]) broadcast.wanted(count);
  assert.deepEqual(
    world.readers.map(({ closed }) => closed),
    [false],
  );
  await broadcast.close();
});

test('the last one gone for long ends the reader, and the next one opens another', async () => {
  const { world, broadcast } = worldOf(1);
  for (const count of [1, 0]) broadcast.wanted(count);
  await eventually(() => world.readers[0]!.closed, { withinMs: 5_000 });
  world.readers[0]!.catchUp();
  broadcast.wanted(1);
  await Promise.resolve();
  // The first reader catches up too late to speak for the second.
  assert.equal(world.caughtUp, 0);
  assert.equal(world.readers.length, 2);
  await broadcast.close();
});

test('who wants it without holding it finds it open for the time it lingers', async () => {
  const { world, broadcast } = worldOf(1);
  broadcast.wanted(0);
  assert.equal(world.readers.length, 1);
  await eventually(() => world.readers[0]!.closed, { withinMs: 5_000 });
  await broadcast.close();
});

test('nothing is waited for once nothing later can be missed, and before it is as long as it takes', async () => {
  const { world, broadcast } = worldOf();
  broadcast.wanted(0);
  let heard = false;
  const listening = broadcast.listening()!.then(() => (heard = true));
  await Promise.resolve();
  assert.ok(!heard);
  world.readers[0]!.catchUp();
  await listening;
  assert.equal(broadcast.listening(), undefined);
  await broadcast.close();
});

test('a reader that ends before it has caught up leaves nobody waiting', async () => {
  const { broadcast } = worldOf();
  broadcast.wanted(0);
  const listening = broadcast.listening();
  await broadcast.close();
  await listening;
});

test('a gateway that stops opens no reader any more', async () => {
  const { world, broadcast } = worldOf();
  await broadcast.close();
  broadcast.wanted(1);
  assert.equal(world.readers.length, 0);
});
