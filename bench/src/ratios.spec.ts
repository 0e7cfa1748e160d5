import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { medianRatios, medianRuns } from './medians.js';
import { ratiosOf, ratioTableOf } from './ratios.js';
import type { BenchRun } from './report.js';

const run = (changes: Partial<BenchRun>): BenchRun => ({
  ...{ system: 'toolfleet', plan: 'short', concurrency: 256, cpuSPer1000: 2 },
  ...{ sessionsPerS: 600, p50Ms: 9, p95Ms: 12, p99Ms: 30, peakRssMb: 900, sessions: 1_500, seconds: 15 },
  ...{ cpuSPer1000ByProcess: {}, cpuSPer1000OfLoad: 0.1, cpuSPer1000OfStubs: 0.2, budget: [] },
  ...changes,
});

describe('ratios of ours to a peer', () => {
  const ours = [run({ concurrency: 1, p50Ms: 9 }), run({ concurrency: 32, p99Ms: 30 }), run({})];
  const restate = { system: 'restate' } as const;

  it('compare throughput and CPU at the widest concurrency, p50 at 1 and p99 at 32', () => {
    const theirs = [
      run({ ...restate, concurrency: 1, p50Ms: 18 }),
      run({ ...restate, concurrency: 32, p99Ms: 40 }),
      run({ ...restate, sessionsPerS: 300, cpuSPer1000: 4 }),
    ];
    assert.deepEqual(ratiosOf([...ours, ...theirs]), [
      {
        ...{ system: 'toolfleet', peer: 'restate', plan: 'short', concurrency: 256 },
        ...{ sessionsPerS: 2, p50At1: 0.5, p99At32: 0.75, cpuSPer1000: 0.5 },
      },
    ]);
  });

  it('compare what a step costs, long to short, once both plans were measured', () => {
    const runs = [...ours, run({ plan: 'long', cpuSPer1000: 10 })];
    const theirs = [run({ ...restate, cpuSPer1000: 4 }), run({ ...restate, plan: 'long', cpuSPer1000: 40 })];
    const [, long] = ratiosOf([...runs, ...theirs]);
    assert.equal(long?.plan, 'long');
    assert.equal(long?.longToShort, 0.5);
  });

  it('leave out what was not measured, and are none without peers', () => {
    const ratios = ratiosOf([run({}), run(restate)]);
    assert.deepEqual(Object.keys(ratios[0] ?? {}), [
      ...['system', 'peer', 'plan', 'concurrency'],
      ...['sessionsPerS', 'cpuSPer1000'],
    ]);
    const [titles = '', row = ''] = ratioTableOf(ratios);
    assert.equal(titles.length, row.length);
    assert.match(row, /^toolfleet {2}restate .* 256 .* 1 .* – .* – .* 1 .* –$/);
    assert.deepEqual(ratiosOf(ours), []);
  });
});

describe('several passes', () => {
  it('become one run for each system, plan and concurrency, of each figure the median', () => {
    const budgetOf = (meanMs: number) =>
      [{ kind: 'model', part: 'bench', perSession: 3, meanMs, p99Ms: meanMs }] as const;
    const pass = (sessionsPerS: number, p50Ms: number, kafka: number): BenchRun[] => [
      run({ sessionsPerS, p50Ms, cpuSPer1000ByProcess: { kafka }, budget: budgetOf(kafka) }),
      run({ system: 'loop', sessionsPerS: 2_000 }),
    ];
    const [ours, loop, ...more] = medianRuns([pass(500, 9, 0.3), pass(700, 8, 0.1), pass(600, 20, 0.2)]);
    assert.deepEqual(more, []);
    const budget = budgetOf(0.2);
    assert.deepEqual(ours, run({ sessionsPerS: 600, p50Ms: 9, cpuSPer1000ByProcess: { kafka: 0.2 }, budget }));
    assert.equal(loop?.sessionsPerS, 2_000);
  });

  it('are compared each within itself, and of each ratio the median is told', () => {
    const pass = (ours: number, theirs: number) =>
      ratiosOf([run({ sessionsPerS: ours }), run({ system: 'restate', sessionsPerS: theirs })]);
    const passes = [pass(600, 300), pass(300, 200), pass(450, 450)];
    assert.equal(medianRatios(passes)[0]?.sessionsPerS, 1.5);
  });
});
