import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { spanOf } from '../tenancy/placement.js';
import { simulateFleet } from './capacity-report.js';
import { FleetWorld } from './fleet-world.js';
import type { PlannedFault } from './traffic.js';
import { fleet, tenant, traffic } from './traffic.fixture.js';

const tenants = ['a', 'b', 'c', 'd', 'e'].map((name) => tenant(name));
const storm = (name: string): PlannedFault => {
  return { kind: 'storm', tenant: name, factor: 100, fromMs: 10_000, toMs: 30_000 };
};
const loss = (role: string, atMs: number, count = 1): PlannedFault => {
  return { kind: 'replica', role, count, atMs, backAfterMs: 15_000 };
};

test('every session ends exactly once, whatever dies, slows down or storms', () => {
  const faults = fc.record({
    seed: fc.nat(1_000_000),
    losses: fc.array(
      fc.record({
        role: fc.constantFrom('orchestrator', 'read', 'write'),
        atMs: fc.integer({ min: 1_000, max: 39_000 }),
        count: fc.integer({ min: 1, max: 2 }),
      }),
      { maxLength: 4 },
    ),
    factor: fc.integer({ min: 1, max: 50 }),
  });
  fc.assert(
    fc.property(faults, ({ seed, losses, factor }) => {
      const slow: PlannedFault = { kind: 'slow', upstream: 'read', factor, fromMs: 5_000, toMs: 20_000 };
      const planned = [storm('a'), slow, ...losses.map(({ role, atMs, count }) => loss(role, atMs, count))];
      const world = new FleetWorld({ ...traffic(tenants, planned, seed), warmupMs: 0 });
      world.run();
      const { quiet, storm: storming } = world.measures;
      const ends = [quiet, storming].map(({ completed, gaveUp, refused }) => completed + gaveUp + refused);
      assert.deepEqual(ends, [quiet.offered, storming.offered]);
      assert.equal(ends[0]! + ends[1]!, world.sessions);
      assert.ok(world.sessions > 200);
    }),
    { numRuns: 15 },
  );
});

test('the same seed has the same history, and another seed another', () => {
  const faults = [storm('a'), loss('orchestrator', 20_000)];
  const first = simulateFleet(traffic(tenants, faults, 7));
  assert.deepEqual(simulateFleet(traffic(tenants, faults, 7)), first);
  assert.notEqual(simulateFleet(traffic(tenants, faults, 8)).scale.events, first.scale.events);
});

/** A tenant whose span has no partition in common with that of `other`. */
function disjointFrom(other: string): string {
  const taken = spanOf(other, fleet.partitions, fleet.span);
  for (let at = 0; ; at++) {
    const name = `quiet-${at}`;
    if (spanOf(name, fleet.partitions, fleet.span).every((partition) => !taken.includes(partition))) return name;
  }
}

test('a tenant whose span is disjoint from a storm has at most 1.25 × the p99 that it has alone', () => {
  for (const seed of [1, 2, 3]) {
    // Both share every process: what keeps them apart is the share, the span and the lanes.
    const both = [tenant('loud', 2), tenant(disjointFrom('loud'), 8)];
    const alone = simulateFleet(traffic(both, [{ ...storm('loud'), factor: 1 } as PlannedFault], seed));
    const under = simulateFleet(traffic(both, [storm('loud')], seed));
    assert.ok(under.storm.refused > 100, 'the storm is one');
    assert.ok(under.quiet.offered > 200);
    assert.equal(under.quiet.refused, 0);
    const grew = under.quiet.sessionP99Ms / alone.quiet.sessionP99Ms;
    assert.ok(grew <= 1.25, `seed ${seed}: ${grew}`);
  }
});

test('without a share of its own to stop it, the same storm breaks that bound', () => {
  const unbounded = { ...tenant('loud', 2), concurrentSessionsMax: 100_000 };
  const both = [unbounded, tenant(disjointFrom('loud'), 8)];
  const alone = simulateFleet(traffic(both, [{ ...storm('loud'), factor: 1 } as PlannedFault]));
  const under = simulateFleet(traffic(both, [storm('loud')]));
  assert.ok(under.quiet.sessionP99Ms / alone.quiet.sessionP99Ms > 1.25);
});

test("a dead replica's partitions rest 6 to 10 s and then catch up", () => {
  const { faults, series } = simulateFleet(traffic(tenants, [loss('orchestrator', 15_000)]));
  const [felt] = faults;
  assert.ok(felt!.worstMs >= 5_000 && felt!.worstMs <= 11_000, `${felt!.worstMs}`);
  assert.ok(felt!.recoveredAfterMs! >= 6_000 && felt!.recoveredAfterMs! <= 12_000, `${felt!.recoveredAfterMs}`);
  // Half of the partitions never stopped.
  const stopped = series.shardOldestMs.filter((row) => Math.max(...row) > 5_000).length;
  assert.ok(stopped > 0 && stopped <= fleet.partitions / 2);
});

test('calls that no executor takes in time are settled as expired, and their sessions go on', () => {
  const dead: PlannedFault = { kind: 'replica', role: 'write', count: 1, atMs: 6_000, backAfterMs: 60_000 };
  const { quiet } = simulateFleet(traffic(tenants, [dead]));
  assert.ok(quiet.expired > 0);
  assert.equal(quiet.completed, quiet.offered);
});

test('what starts while its upstream is slow takes that many times as long, up to its timeout', () => {
  const usual = simulateFleet(traffic(tenants));
  const slow = (upstream: string, factor: number): PlannedFault => {
    return { kind: 'slow', upstream, factor, fromMs: 0, toMs: 1_000_000 };
  };
  const slower = simulateFleet(traffic(tenants, [slow('model', 3), slow('read', 3), slow('write', 3)]));
  const grew = slower.quiet.sessionP50Ms / usual.quiet.sessionP50Ms;
  assert.ok(grew > 2.5 && grew < 3.2, `${grew}`);
  const atTimeout = simulateFleet(traffic(tenants, [slow('read', 1_000)]));
  const further = simulateFleet(traffic(tenants, [slow('read', 10_000)]));
  assert.equal(further.quiet.sessionP50Ms, atTimeout.quiet.sessionP50Ms);
});

test("a tenant's records lie on its span and nowhere else", () => {
  // While nobody reads, everything that was sent can be seen where it lies.
  const { series } = simulateFleet(traffic([tenant('a', 10)], [loss('orchestrator', 10_000, 2)]));
  const used = series.shardOldestMs.flatMap((row, partition) => (Math.max(...row) > 1_000 ? [partition] : []));
  assert.deepEqual(
    used,
    spanOf('a', fleet.partitions, fleet.span).toSorted((one, other) => one - other),
  );
});
