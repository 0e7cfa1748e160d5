import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PlanName } from './plans.js';
import { stepCosts, tableOf, type BenchRun } from './report.js';

const run = (plan: PlanName, concurrency: number, cpuSPer1000: number): BenchRun => ({
  ...{ system: 'toolfleet', plan, concurrency, cpuSPer1000 },
  ...{ sessionsPerS: 100, p50Ms: 1, p95Ms: 2, p99Ms: 3, peakRssMb: 900, sessions: 1_500, seconds: 15 },
  ...{ cpuSPer1000ByProcess: {}, cpuSPer1000OfLoad: 0.1, cpuSPer1000OfStubs: 0.2, budget: [] },
});

describe('the report', () => {
  it('compares the cost of one step: 60 steps in a long session, 6 in a short one', () => {
    const runs = [run('short', 32, 6), run('long', 32, 30), run('short', 256, 3), run('long', 1, 60)];
    assert.deepEqual(stepCosts(runs), [{ system: 'toolfleet', concurrency: 32, longToShort: 0.5 }]);
  });

  it('is a table whose columns stand under each other', () => {
    const lines = tableOf([run('short', 256, 3.25), run('long', 1, 30)]);
    assert.equal(lines.length, 3);
    assert.equal(new Set(lines.map(({ length }) => length)).size, 1);
  });
});
