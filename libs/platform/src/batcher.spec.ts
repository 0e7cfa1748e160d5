import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { conflict, faultOf } from '@toolfleet/kernel';
import { Batcher } from './batcher.js';

const bounds = { itemsMax: 100, weightMax: 1_000, weightOf: (item: number) => item, waitingMax: 10_000 };

test('a lone item is flushed at once, alone', async () => {
  const flushed: number[][] = [];
  const batcher = new Batcher<number, number>({ ...bounds, flush: async (items) => (flushed.push(items), items) });
  assert.equal(await batcher.add(1), 1);
  assert.equal(await batcher.add(2), 2);
  assert.deepEqual(flushed, [[1], [2]]);
});

test('what arrives while a flush is in flight joins the next one, in order', async () => {
  const flushed: number[][] = [];
  const gate = Promise.withResolvers<void>();
  const batcher = new Batcher<number, number>({
    ...bounds,
    flush: async (items) => {
      flushed.push(items);
      if (flushed.length === 1) await gate.promise;
      return items;
    },
  });
  const first = batcher.add(1);
  await setImmediate();
  const rest = [2, 3, 4].map((item) => batcher.add(item));
  gate.resolve();
  assert.deepEqual(await Promise.all([first, ...rest]), [1, 2, 3, 4]);
  assert.deepEqual(flushed, [[1], [2, 3, 4]]);
});

test('items that may wait keep their order when one’s time ends while a flush is in flight', async () => {
  const flushed: number[][] = [];
  const gate = Promise.withResolvers<void>();
  const batcher = new Batcher<number, number>({
    ...bounds,
    flush: async (items) => {
      flushed.push(items);
      if (flushed.length === 1) await gate.promise;
      return items;
    },
  });
  const all = [batcher.add(1)];
  await setImmediate();
  all.push(batcher.add(2, 1));
  await sleep(20);
  all.push(batcher.add(3, 60_000), batcher.add(4));
  gate.resolve();
  await Promise.all(all);
  assert.deepEqual(flushed, [[1], [2, 3, 4]]);
});

test('items that may wait keep their order when they do not fit into one flush', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const flushed: number[][] = [];
  let batcher: Batcher<number, number>;
  const late: Promise<number>[] = [];
  batcher = new Batcher<number, number>({
    ...{ ...bounds, itemsMax: 2 },
    flush: async (items) => {
      flushed.push(items);
      if (flushed.length === 1) late.push(batcher.add(5, 60_000));
      return items;
    },
  });
  const all = [batcher.add(1, 60_000), batcher.add(2, 60_000), batcher.add(3, 60_000)];
  context.mock.timers.tick(45_000);
  await Promise.all([...all, batcher.add(4)]);
  await Promise.all(late);
  assert.deepEqual(flushed, [[1, 2], [3, 5], [4]]);
});

test('items that may wait gather, then join the next urgent flush, or cause one when their time is over', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const flushed: number[][] = [];
  const batcher = new Batcher<number, number>({ ...bounds, flush: async (items) => (flushed.push(items), items) });
  const joining = [batcher.add(1, 100), batcher.add(2, 100)];
  context.mock.timers.tick(74);
  await batcher.add(3);
  await setImmediate();
  assert.deepEqual([flushed, batcher.size], [[[3]], 2]);
  context.mock.timers.tick(1);
  await Promise.all([...joining, batcher.add(4)]);
  assert.deepEqual(flushed.splice(0), [[3], [1, 2, 4]]);

  const alone = batcher.add(5, 100);
  context.mock.timers.tick(75);
  const company = batcher.add(6, 100);
  context.mock.timers.tick(24);
  await setImmediate();
  assert.deepEqual(flushed, []);
  context.mock.timers.tick(1);
  await Promise.all([alone, company]);
  assert.deepEqual(flushed, [[5, 6]]);
});

test('what may wait is hurried by whoever waits for idle', async () => {
  const flushed: number[][] = [];
  const batcher = new Batcher<number, number>({ ...bounds, flush: async (items) => (flushed.push(items), items) });
  const waits = batcher.add(1, 60_000);
  await batcher.idle();
  assert.deepEqual([await waits, flushed], [1, [[1]]]);
});

test('what arrives while a flush waits for its turn goes with it', async () => {
  const flushed: number[][] = [];
  const gate = Promise.withResolvers<void>();
  const flush = async (items: number[]) => (flushed.push(items), items);
  const batcher = new Batcher<number, number>({ ...bounds, flush, turn: () => gate.promise });
  const first = batcher.add(1);
  await setImmediate();
  const second = batcher.add(2);
  assert.deepEqual(flushed, []);
  gate.resolve();
  await Promise.all([first, second]);
  assert.deepEqual(flushed, [[1, 2]]);
});

test('a flush whose callers all stopped waiting is none, and the next goes on', async () => {
  const flushed: number[][] = [];
  const turns = [sleep(20), Promise.resolve()];
  const batcher = new Batcher<number, number>({
    ...bounds,
    flush: async (items) => (flushed.push(items), items),
    turn: () => turns.shift(),
    deadlineAtMsOf: (item) => Date.now() + (item === 1 ? 5 : 10_000),
  });
  await assert.rejects(batcher.add(1), { reason: 'BATCH_DEADLINE' });
  assert.equal(await batcher.add(2), 2);
  assert.deepEqual(flushed, [[2]]);
});

test('a flush holds no more items and no more weight than it may', async () => {
  const flushed: number[][] = [];
  const flush = async (items: number[]) => (flushed.push(items), items);
  const batcher = new Batcher<number, number>({ ...bounds, itemsMax: 3, weightMax: 10, flush });
  await Promise.all([1, 1, 1, 1, 6, 6, 50, 1].map((item) => batcher.add(item)));
  assert.deepEqual(flushed, [[1, 1, 1], [1, 6], [6], [50], [1]]);
});

test('beyond the waiting bound an item is refused as overloaded, and those before it are not harmed', async () => {
  const gate = Promise.withResolvers<void>();
  const flush = async (items: number[]) => (await gate.promise, items);
  const batcher = new Batcher<number, number>({ ...bounds, waitingMax: 10, flush });
  const inFlight = batcher.add(1);
  await setImmediate();
  const waiting = batcher.add(10);
  const refused = await batcher.add(1).catch(faultOf);
  assert.equal((refused as { kind: string }).kind, 'overloaded');
  gate.resolve();
  assert.deepEqual(await Promise.all([inFlight, waiting]), [1, 10]);
});

test('an item may fail alone; a flush that throws fails all of its own and none of the next', async () => {
  let calls = 0;
  const batcher = new Batcher<number, number>({
    ...bounds,
    flush: async (items) => {
      calls += 1;
      if (calls === 2) throw conflict('WHOLE', 'all of it');
      return items.map((item): PromiseSettledResult<number> =>
        item === 2
          ? { status: 'rejected', reason: conflict('ALONE', 'this one') }
          : { status: 'fulfilled', value: item },
      );
    },
  });
  const reasons = (settled: PromiseSettledResult<number>[]) =>
    settled.map((each) => (each.status === 'fulfilled' ? each.value : faultOf(each.reason).reason));
  assert.deepEqual(reasons(await Promise.allSettled([1, 2, 3].map((item) => batcher.add(item)))), [1, 'ALONE', 3]);
  assert.deepEqual(reasons(await Promise.allSettled([1, 3].map((item) => batcher.add(item)))), ['WHOLE', 'WHOLE']);
  assert.equal(await batcher.add(3), 3);
});

test('a caller waits no longer than its deadline, even while the flush hangs', async () => {
  const gate = Promise.withResolvers<void>();
  const flush = async (items: number[]) => (await gate.promise, items);
  const batcher = new Batcher<number, number>({
    ...bounds,
    waitingMax: 100_000,
    flush,
    deadlineAtMsOf: (item) => Date.now() + item,
  });
  const late = [batcher.add(20), batcher.add(30)];
  const patient = batcher.add(60_000);
  // The sweep does not hold the process by itself: something else must be alive while it is awaited.
  const alive = setInterval(() => undefined, 10);
  const settled = await Promise.allSettled(late);
  clearInterval(alive);
  assert.deepEqual(
    settled.map((each) => each.status === 'rejected' && faultOf(each.reason).kind),
    ['expired', 'expired'],
  );
  gate.resolve();
  assert.equal(await patient, 60_000);
});

test('idle resolves when nothing waits and nothing is in flight', async () => {
  let flushed = 0;
  const flush = async (items: number[]) => (await sleep(1), (flushed += items.length), items);
  const batcher = new Batcher<number, number>({ ...bounds, itemsMax: 1, flush });
  await batcher.idle();
  for (const item of [1, 2, 3]) void batcher.add(item);
  await batcher.idle();
  assert.equal(flushed, 3);
  assert.equal(batcher.size, 0);
});
