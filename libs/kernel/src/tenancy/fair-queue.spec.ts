import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { FairQueue } from './fair-queue.js';

const horizonMs = 600_000;

/** Sessions on a fleet of `capacity` places; time goes from event to event, and places are given as soon as they are free. */
class Arena {
  readonly queue: FairQueue;
  readonly weights = new Map<string, number>();
  readonly waiting = new Map<string, { lengthMs: number; sinceMs: number }[]>();
  readonly heldMs = new Map<string, number>();
  readonly starts: { tenant: string; atMs: number; waitedMs: number }[] = [];
  #running: { tenant: string; startedMs: number; endsMs: number }[] = [];
  nowMs = 1_000_000;

  constructor(readonly capacity: number) {
    this.queue = new FairQueue(capacity, { horizonMs });
  }

  get running(): number {
    return this.#running.length;
  }

  tenant(name: string, weight = 1): void {
    this.weights.set(name, weight);
    this.waiting.set(name, []);
    this.heldMs.set(name, 0);
  }

  offer(tenant: string, ...lengthsMs: readonly number[]): void {
    const line = this.waiting.get(tenant)!;
    line.push(...lengthsMs.map((lengthMs) => ({ lengthMs, sinceMs: this.nowMs })));
    this.#give(tenant);
  }

  /** Until the next session ends, or until `untilMs`. */
  step(untilMs = Infinity): void {
    const [first] = this.#running.toSorted((a, b) => a.endsMs - b.endsMs);
    if (!first || first.endsMs > untilMs) {
      this.nowMs = untilMs;
      return;
    }
    this.nowMs = first.endsMs;
    this.#running = this.#running.filter((one) => one !== first);
    const heldMs = first.endsMs - first.startedMs;
    this.heldMs.set(first.tenant, this.heldMs.get(first.tenant)! + heldMs);
    this.queue.giveBack(first.tenant, this.nowMs, heldMs);
    this.#give(first.tenant);
  }

  run(untilMs: number, refill: () => void = () => undefined): void {
    while (this.nowMs < untilMs) {
      refill();
      this.step(untilMs);
      assert.ok(this.running <= this.capacity);
      // Work conserving: nobody waits while a place is free.
      assert.ok(this.running === this.capacity || [...this.waiting.values()].every((line) => line.length === 0));
    }
  }

  #give(changed: string): void {
    this.queue.want(changed, this.weights.get(changed)!, this.waiting.get(changed)!.length, this.nowMs);
    for (let next = this.queue.next(this.nowMs); next !== undefined; next = this.queue.next(this.nowMs)) {
      const { lengthMs, sinceMs } = this.waiting.get(next)!.shift()!;
      this.#running.push({ tenant: next, startedMs: this.nowMs, endsMs: this.nowMs + lengthMs });
      this.starts.push({ tenant: next, atMs: this.nowMs, waitedMs: this.nowMs - sinceMs });
    }
  }
}

/** Small and seeded by fast-check: lengths from 1 ms to a tenth of the horizon. */
const lengths = fc.array(fc.integer({ min: 1, max: horizonMs / 10 }), { minLength: 5, maxLength: 20 });
const storms = fc.array(fc.record({ weight: fc.integer({ min: 1, max: 8 }), lengths }), { minLength: 2, maxLength: 5 });

describe('a fair queue', () => {
  test('shares running time by weight within 5 % of the fleet, whatever the sessions’ lengths', () => {
    fc.assert(
      fc.property(storms, fc.integer({ min: 2, max: 16 }), (tenants, capacity) => {
        const arena = new Arena(capacity);
        for (const [index, { weight }] of tenants.entries()) arena.tenant(`t${index}`, weight);
        const refill = () => {
          for (const [index, { lengths: mine }] of tenants.entries()) {
            if (arena.waiting.get(`t${index}`)!.length < capacity) arena.offer(`t${index}`, ...mine);
          }
        };
        arena.run(arena.nowMs + 20 * horizonMs, refill);
        const all = [...arena.heldMs.values()].reduce((sum, ms) => sum + ms, 0);
        const weights = tenants.reduce((sum, { weight }) => sum + weight, 0);
        for (const [index, { weight }] of tenants.entries()) {
          const share = arena.heldMs.get(`t${index}`)! / all;
          assert.ok(Math.abs(share - weight / weights) < 0.05, `${share} for ${weight} of ${weights}`);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('starts a quiet tenant within one freed place for each tenant, whatever a storm offers', () => {
    const storm = fc.record({ size: fc.integer({ min: 1, max: 500 }), lengths });
    fc.assert(
      fc.property(fc.array(storm, { minLength: 1, maxLength: 5 }), fc.integer({ min: 1, max: 8 }), (all, capacity) => {
        const arena = new Arena(capacity);
        arena.tenant('quiet');
        for (const index of all.keys()) arena.tenant(`storm${index}`);
        for (const [index, { size, lengths: mine }] of all.entries()) {
          arena.offer(`storm${index}`, ...Array.from({ length: size }, (_, at) => mine[at % mine.length]!));
        }
        for (let step = 0; step < 20; step++) arena.step();
        const before = arena.starts.length;
        arena.offer('quiet', 1_000);
        const isQuiet = ({ tenant }: { tenant: string }) => tenant === 'quiet';
        while (!arena.starts.some(isQuiet)) arena.step();
        const overtaken = arena.starts.findIndex(isQuiet) - before;
        assert.ok(overtaken <= all.length, `${overtaken} of ${all.length} storms went first`);
      }),
      { numRuns: 100 },
    );
  });

  test('gives a tenant that splits its storm over users and request ids nothing: only tenants are accounts', () => {
    const shareOf = (batches: readonly number[]) => {
      const arena = new Arena(4);
      arena.tenant('a');
      arena.tenant('b');
      arena.offer('b', ...Array.from({ length: 200 }, () => 1_000));
      for (const size of batches) arena.offer('a', ...Array.from({ length: size }, () => 1_000));
      arena.run(arena.nowMs + 40_000);
      return arena.heldMs.get('a')! / (arena.heldMs.get('a')! + arena.heldMs.get('b')!);
    };
    assert.equal(shareOf([200]), shareOf(Array.from({ length: 200 }, () => 1)));
    assert.ok(Math.abs(shareOf([200]) - 0.5) < 0.05);
  });

  test('stores no credit in idleness: who comes back takes its share, not what it left unused', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 * horizonMs }), fc.boolean(), (idleMs, storm) => {
        const arena = new Arena(4);
        arena.tenant('busy');
        arena.tenant('back');
        const eight = Array.from({ length: 8 }, () => 5_000);
        const alone = () => {
          if (storm) arena.offer('busy', ...eight);
          else while (arena.running < arena.capacity) arena.offer('busy', 5_000);
        };
        arena.run(arena.nowMs + idleMs, alone);
        const [fromMs, busyMs] = [arena.nowMs, arena.heldMs.get('busy')!];
        const both = () => {
          for (const name of ['back', 'busy']) if (arena.waiting.get(name)!.length < 8) arena.offer(name, ...eight);
        };
        arena.run(fromMs + 100_000, both);
        const lead = arena.heldMs.get('back')! - (arena.heldMs.get('busy')! - busyMs);
        // Its credit is one session; besides, what the other held at its return counts for the other: four sessions.
        assert.ok(lead <= 5 * 5_000 && lead >= -5 * 5_000, String(lead));
      }),
      { numRuns: 40 },
    );
  });

  test('never lets a tenant wait longer than the horizon for a place, however much it has cost before', () => {
    const arena = new Arena(1);
    arena.tenant('heavy');
    arena.offer('heavy', 20 * horizonMs);
    for (let index = 0; index < 50; index++) arena.tenant(`light${index}`);
    arena.step();
    const from = arena.nowMs;
    const refill = () => {
      for (let index = 0; index < 50; index++) {
        if (arena.waiting.get(`light${index}`)!.length === 0) arena.offer(`light${index}`, 1_000);
      }
    };
    refill();
    arena.offer('heavy', 1_000);
    arena.run(from + horizonMs + 2_000, refill);
    assert.equal(arena.starts.filter(({ tenant }) => tenant === 'heavy').length, 2);
  });

  test('gives the same order for the same history', () => {
    fc.assert(
      fc.property(storms, fc.integer({ min: 1, max: 8 }), (tenants, capacity) => {
        const [one, other] = [0, 1].map(() => {
          const arena = new Arena(capacity);
          for (const [index, { weight, lengths: mine }] of tenants.entries()) {
            arena.tenant(`t${index}`, weight);
            arena.offer(`t${index}`, ...mine);
          }
          arena.run(arena.nowMs + horizonMs);
          return arena.starts;
        });
        assert.deepEqual(one, other);
      }),
      { numRuns: 30 },
    );
  });
});

describe('the places of a fair queue', () => {
  test('that become free at once are shared before any has cost anything', () => {
    const queue = new FairQueue(6);
    queue.want('a', 1, 9, 0);
    queue.want('b', 2, 9, 0);
    const order = Array.from({ length: 6 }, () => queue.next(0));
    assert.deepEqual(order.toSorted(), ['a', 'a', 'b', 'b', 'b', 'b']);
  });

  test('go to a newcomer before those that have cost more, also when another has cost far more than they', () => {
    const queue = new FairQueue(4);
    for (let index = 0; index < 4; index++) queue.take('long', 1, 0);
    queue.want('short', 1, 9, 0);
    queue.giveBack('long', 60_000, 60_000);
    assert.equal(queue.next(60_000), 'short');
    queue.take('long', 1, 60_000);
    queue.want('new', 1, 1, 60_000);
    for (let index = 0; index < 2; index++) queue.giveBack('long', 60_000, 60_000);
    assert.equal(queue.next(60_000), 'new');
  });

  test('are counted beyond the capacity when sessions are found running, and none is given until they are fewer', () => {
    const queue = new FairQueue(2);
    for (let index = 0; index < 3; index++) queue.take('found', 1, 0);
    queue.want('waits', 1, 1, 0);
    queue.giveBack('found', 1, 1);
    assert.equal(queue.next(1), undefined);
    queue.giveBack('found', 2, 2);
    assert.deepEqual([queue.running, queue.free, queue.next(2)], [1, 1, 'waits']);
  });

  test('go with a tenant that leaves, and what it gives back later changes nothing', () => {
    const queue = new FairQueue(2);
    queue.take('a', 1, 0);
    queue.take('b', 1, 0);
    queue.leave('a');
    queue.giveBack('a', 1, 1);
    assert.equal(queue.running, 1);
  });

  test('are expected by weight among those that wait, beside what the others hold', () => {
    const queue = new FairQueue(10);
    assert.equal(queue.placesOf('a', 1), Infinity);
    for (let index = 0; index < 6; index++) queue.take('a', 1, 0);
    for (let index = 0; index < 2; index++) queue.take('b', 3, 0);
    for (let index = 0; index < 2; index++) queue.take('calm', 1, 0);
    queue.want('a', 1, 5, 0);
    queue.want('b', 3, 5, 0);
    assert.deepEqual([queue.placesOf('a', 1), queue.placesOf('b', 3)], [2, 6]);
    assert.equal(queue.placesOf('new', 4), 4);
  });
});
