import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { LaneGroup, Lanes, heldIn } from './lanes.js';

interface Item {
  readonly laneKey: string;
  readonly tenant: string;
  readonly bytes: number;
  readonly id: number;
}

const item = (id: number, laneKey: string, tenant = 'a', bytes = 100): Item => ({ id, laneKey, tenant, bytes });

function takeAll(lanes: Lanes<Item>): Item[] {
  const taken: Item[] = [];
  for (let next = lanes.take(); next !== undefined; next = lanes.take()) taken.push(next);
  return taken;
}

test('one lane gives out one record at a time, in order', () => {
  const lanes = new Lanes<Item>({ limit: 10 });
  const group = new LaneGroup<Item>();
  const items = [item(1, 'k'), item(2, 'k'), item(3, 'k')];
  for (const each of items) lanes.add(group, each);
  const order: number[] = [];
  for (let next = lanes.take(); next !== undefined; next = lanes.take()) {
    assert.equal(lanes.take(), undefined);
    order.push(next.id);
    lanes.release(group, next);
  }
  assert.deepEqual(order, [1, 2, 3]);
  assert.equal(group.lanes.size, 0);
});

test('never more than the limit run at once, and raising it live lets more start', () => {
  const lanes = new Lanes<Item>({ limit: 2 });
  const group = new LaneGroup<Item>();
  for (let id = 0; id < 10; id += 1) lanes.add(group, item(id, `k${id}`));
  assert.equal(takeAll(lanes).length, 2);
  lanes.limit = 5;
  assert.equal(takeAll(lanes).length, 3);
  assert.equal(lanes.running, 5);
});

test('a tenant with few records does not wait behind a tenant with many', () => {
  const lanes = new Lanes<Item>({ limit: 1_000 });
  const group = new LaneGroup<Item>();
  for (let id = 0; id < 500; id += 1) lanes.add(group, item(id, `big${id}`, 'big'));
  for (let id = 0; id < 5; id += 1) lanes.add(group, item(1_000 + id, `small${id}`, 'small'));
  const first = takeAll(lanes).slice(0, 10);
  assert.equal(first.filter(({ tenant }) => tenant === 'small').length, 5);
});

test('a tenant with large records gets fewer of them, by their cost', () => {
  const lanes = new Lanes<Item>({ limit: 40 });
  const group = new LaneGroup<Item>();
  for (let id = 0; id < 100; id += 1) {
    lanes.add(group, item(id, `large${id}`, 'large', 3 * 16 * 1024));
    lanes.add(group, item(id, `light${id}`, 'light'));
  }
  // A large record costs four small ones: of 40 places, 32 to 8.
  assert.equal(takeAll(lanes).filter(({ tenant }) => tenant === 'large').length, 8);
});

test('a parked record keeps its lane and gives its slot away', () => {
  const lanes = new Lanes<Item>({ limit: 1 });
  const group = new LaneGroup<Item>();
  const [first, second, other] = [item(1, 'k'), item(2, 'k'), item(3, 'other')];
  for (const each of [first, second, other]) lanes.add(group, each);
  assert.equal(lanes.take(), first);
  lanes.park(group);
  assert.equal(lanes.take(), other);
  lanes.unpark(group, first);
  lanes.release(group, other);
  assert.equal(lanes.take(), first);
  lanes.release(group, first);
  assert.equal(lanes.take(), second);
});

test('a record whose lane moved on runs again before all that waits in its lane', () => {
  const lanes = new Lanes<Item>({ limit: 1 });
  const group = new LaneGroup<Item>();
  const items = [item(1, 'k'), item(2, 'k'), item(3, 'k')] as const;
  for (const each of items) lanes.add(group, each);
  const first = lanes.take() as Item;
  lanes.release(group, first);
  assert.equal(lanes.take(), items[1]);
  lanes.addFirst(group, first);
  lanes.release(group, items[1]);
  assert.equal(lanes.take(), items[0]);
});

test('a held group takes records in and gives none out until it is opened', () => {
  const lanes = new Lanes<Item>({ limit: 10 });
  const group = new LaneGroup<Item>();
  group.held = true;
  lanes.add(group, item(1, 'k'));
  assert.equal(lanes.take(), undefined);
  lanes.open(group);
  assert.equal(lanes.take()?.id, 1);
});

test('a held tenant gives nothing out and delays nobody, and runs in order once it is released', () => {
  const lanes = new Lanes<Item>({ limit: 10 });
  const group = new LaneGroup<Item>();
  const other = new LaneGroup<Item>();
  for (const id of [1, 2]) lanes.add(group, item(id, 'k'));
  lanes.hold(group, { all: false, except: new Set(['a']) });
  lanes.add(group, item(3, 'k'));
  lanes.add(group, item(4, 'z', 'b'));
  lanes.add(other, item(5, 'k'));
  assert.deepEqual(
    takeAll(lanes)
      .map(({ id }) => id)
      .toSorted(),
    [4, 5],
  );
  assert.deepEqual([heldIn(group), heldIn(other).records], [{ records: 3, bytes: 300 }, 0]);
  lanes.hold(group, undefined);
  const order: number[] = [];
  for (let next = lanes.take(); next !== undefined; next = lanes.take()) {
    order.push(next.id);
    lanes.release(group, next);
  }
  assert.deepEqual([order, heldIn(group).records], [[1, 2, 3], 0]);
});

test('a hold keeps back a parked record too, and its slot stays free', () => {
  const lanes = new Lanes<Item>({ limit: 1 });
  const group = new LaneGroup<Item>();
  lanes.add(group, item(1, 'k'));
  const parked = lanes.take()!;
  lanes.park(group);
  lanes.hold(group, { all: true, except: new Set(['b']) });
  lanes.unpark(group, parked);
  lanes.add(group, item(2, 'z', 'b'));
  assert.deepEqual([lanes.take()?.id, lanes.take()?.id, group.running], [2, undefined, 1]);
});

test('a closed group gives nothing out, whatever still happens to its records', () => {
  const lanes = new Lanes<Item>({ limit: 10 });
  const group = new LaneGroup<Item>();
  const other = new LaneGroup<Item>();
  lanes.add(group, item(1, 'k'));
  lanes.add(group, item(2, 'k'));
  const running = lanes.take() as Item;
  lanes.add(group, item(3, 'l'));
  lanes.close(group);
  lanes.add(other, item(4, 'k'));
  assert.deepEqual(
    takeAll(lanes).map(({ id }) => id),
    [4],
  );
  lanes.release(group, running);
  lanes.unpark(group, running);
  lanes.addFirst(group, running);
  assert.equal(lanes.take(), undefined);
  assert.equal(lanes.running, 1);
  assert.equal(group.waiting, 0);
});

type Step =
  | { readonly kind: 'add'; readonly key: number; readonly tenant: number }
  | { readonly kind: 'take' | 'release' | 'park' | 'unpark' };

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('add' as const), key: fc.nat(6), tenant: fc.nat(2) }) },
  { weight: 4, arbitrary: fc.constant<Step>({ kind: 'take' }) },
  { weight: 4, arbitrary: fc.constant<Step>({ kind: 'release' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'park' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'unpark' }) },
);

test('whatever happens, lanes stay serial and in order, the limit holds, and every record comes out once', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 4 }), (steps, limit) => {
      const lanes = new Lanes<Item>({ limit });
      const group = new LaneGroup<Item>();
      const running: Item[] = [];
      const parked: Item[] = [];
      const finished: Item[] = [];
      let added = 0;
      const take = () => {
        const next = lanes.take();
        if (next === undefined) return false;
        assert.ok(![...running, ...parked].some(({ laneKey }) => laneKey === next.laneKey), 'two of one lane at once');
        running.push(next);
        assert.ok(running.length <= limit && lanes.running === running.length);
        return true;
      };
      const release = () => {
        const next = running.shift();
        if (next === undefined) return;
        lanes.release(group, next);
        finished.push(next);
      };
      const unpark = () => {
        const next = parked.shift();
        if (next !== undefined) lanes.unpark(group, next);
      };
      const park = () => {
        const next = running.shift();
        if (next === undefined) return;
        lanes.park(group);
        parked.push(next);
      };
      const act = { take, release, park, unpark };
      for (const each of steps) {
        if (each.kind === 'add') lanes.add(group, item((added += 1), `k${each.key}`, `t${each.tenant}`));
        else act[each.kind]();
        assert.equal(group.waiting, added - running.length - parked.length - finished.length);
      }
      while (parked.length > 0) unpark();
      while (take() || running.length > 0) release();
      assert.equal(finished.length, added);
      assert.equal(group.waitingBytes, 0);
      assert.equal(group.lanes.size, 0);
      for (const key of new Set(finished.map(({ laneKey }) => laneKey))) {
        const ids = finished.filter(({ laneKey }) => laneKey === key).map(({ id }) => id);
        assert.deepEqual(
          ids,
          ids.toSorted((a, b) => a - b),
        );
      }
    }),
    { numRuns: 500 },
  );
});

test('tenants with work all the time are served equally', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 50, max: 200 }), { minLength: 2, maxLength: 5 }), (backlogs) => {
      const lanes = new Lanes<Item>({ limit: 50 });
      const group = new LaneGroup<Item>();
      let id = 0;
      for (const [tenant, count] of backlogs.entries()) {
        for (let each = 0; each < count; each += 1) lanes.add(group, item((id += 1), `k${id}`, `t${tenant}`));
      }
      const served = backlogs.map(() => 0);
      for (const { tenant } of takeAll(lanes)) served[Number(tenant.slice(1))]! += 1;
      assert.ok(Math.max(...served) - Math.min(...served) <= 1, `served ${served.join(' ')}`);
    }),
  );
});

test('a record that is through is let go, though its lane has more', async () => {
  const lanes = new Lanes<Item>({ limit: 1 });
  const group = new LaneGroup<Item>();
  for (const id of [1, 2, 3]) lanes.add(group, item(id, 'k'));
  const through = new WeakRef(lanes.take()!);
  lanes.release(group, through.deref()!);
  // What a WeakRef was asked for lives until its turn of the event loop is over.
  await setImmediate();
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  assert.equal(through.deref(), undefined);
  assert.equal(lanes.take()?.id, 2);
});
