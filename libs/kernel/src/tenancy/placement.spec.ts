import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { Placement, spanOf } from './placement.js';

const tenant = fc.string({ minLength: 1, maxLength: 64 });

describe('placement', () => {
  it('keeps every record of a tenant on its span, the same in every process', () => {
    fc.assert(
      fc.property(tenant, fc.string(), (name, key) => {
        const [one, other] = [new Placement(64, 4), new Placement(64, 4)];
        assert.ok(spanOf(name, 64, 4).includes(one.partitionOf(name, key)));
        assert.equal(one.partitionOf(name, key), other.partitionOf(name, key));
        assert.ok(one.span(name).includes(one.homeOf(name)));
      }),
    );
  });

  it('never changes: these values are where the records of running fleets lie', () => {
    assert.deepEqual(
      ['acme', 'globex', 'initech'].map((name) => spanOf(name, 8, 4)),
      [
        [7, 5, 1, 2],
        [1, 2, 0, 6],
        [7, 0, 1, 2],
      ],
    );
  });

  it('gives a span of distinct partitions, all of them when there are fewer', () => {
    fc.assert(
      fc.property(
        tenant,
        fc.integer({ min: 1, max: 128 }),
        fc.integer({ min: 1, max: 8 }),
        (name, partitions, width) => {
          const span = spanOf(name, partitions, width);
          assert.equal(new Set(span).size, Math.min(width, partitions));
          assert.ok(span.every((partition) => partition >= 0 && partition < partitions));
        },
      ),
    );
  });

  it('moves a tenant only onto new partitions when their number grows', () => {
    fc.assert(
      fc.property(tenant, fc.integer({ min: 4, max: 64 }), fc.integer({ min: 1, max: 64 }), (name, before, more) => {
        const [old, grown] = [spanOf(name, before, 4), spanOf(name, before + more, 4)];
        assert.ok(grown.every((partition) => partition >= before || old.includes(partition)));
      }),
    );
  });

  it('spreads tenants over partitions, and the keys of a tenant over its span', () => {
    const tenants = Array.from({ length: 2_000 }, (_, index) => `tenant-${index}`);
    const load = Array.from({ length: 64 }, () => 0);
    for (const name of tenants) for (const partition of spanOf(name, 64, 4)) load[partition]! += 1;
    // 125 are expected on each; a fair spread stays within four standard deviations (11).
    assert.ok(Math.min(...load) > 80 && Math.max(...load) < 170, `${Math.min(...load)} to ${Math.max(...load)}`);
    const placement = new Placement(64, 4);
    const keys = new Map<number, number>();
    for (let index = 0; index < 4_000; index++) {
      const partition = placement.partitionOf('acme', `session-${index}`);
      keys.set(partition, (keys.get(partition) ?? 0) + 1);
    }
    for (const count of keys.values()) assert.ok(count > 850 && count < 1_150, String(count));
  });

  it('lets two tenants share all of their span next to never', () => {
    const spans = Array.from({ length: 300 }, (_, index) => spanOf(`tenant-${index}`, 64, 4));
    let shared = 0;
    let same = 0;
    for (const [index, one] of spans.entries()) {
      for (const other of spans.slice(index + 1)) {
        const common = one.filter((partition) => other.includes(partition)).length;
        if (common > 0) shared++;
        if (common === 4) same++;
      }
    }
    const pairs = (300 * 299) / 2;
    assert.ok(same <= 2, `${same} of ${pairs} pairs`);
    // 1 - C(60,4)/C(64,4) = 0.233 of all pairs share at least one partition.
    assert.ok(Math.abs(shared / pairs - 0.233) < 0.03, String(shared / pairs));
  });
});
