import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { CountsByVersion, VersionCounts } from './rollout-guard.js';
import { guardBreach, rolloutFigures } from './rollout-guard.js';

const guard = { errorTimes: 2, latencyTimes: 3, callsMin: 20 };
const counts = (calls: number, failures: number, meanMs = 10): VersionCounts => ({
  ...{ calls, failures, runs: calls, latencyMs: calls * meanMs },
});
const breach = (canary: VersionCounts, current: VersionCounts, before: CountsByVersion = {}, over: object = {}) => {
  const figures = rolloutFigures('2', '1', { before, now: { 1: current, 2: canary } });
  return guardBreach({ guard: { ...guard, ...over } }, figures);
};

describe('the guard of a rollout', () => {
  it('takes a version back that fails so many times more often, not before it was called enough', () => {
    assert.equal(breach(counts(19, 19), counts(100, 1)), undefined);
    assert.equal(breach(counts(20, 3), counts(100, 5)), 'errors');
    assert.equal(breach(counts(20, 2), counts(100, 5)), undefined);
    assert.equal(breach(counts(100, 2), counts(100, 0)), undefined);
    assert.equal(breach(counts(100, 3), counts(0, 0)), 'errors');
    const figures = rolloutFigures('2', '1', { before: {}, now: { 2: counts(100, 100) } });
    assert.equal(guardBreach({ guard: undefined }, figures), undefined);
    assert.equal(guardBreach({ guard }, rolloutFigures('2', '1', { before: {}, now: {} })), undefined);
  });

  it('takes a version back that takes so many times as long on average, of what anybody notices', () => {
    assert.equal(breach(counts(20, 0, 301), counts(100, 0, 100)), 'latency');
    assert.equal(breach(counts(20, 0, 300), counts(100, 0, 100)), undefined);
    assert.equal(breach(counts(20, 0, 50), counts(100, 0, 1)), undefined);
    assert.equal(breach(counts(20, 0, 61), counts(100, 0, 1)), 'latency');
    assert.equal(breach(counts(20, 0, 900), counts(100, 0, 1), {}, { latencyTimes: undefined }), undefined);
    assert.equal(breach(counts(19, 0, 900), counts(100, 0, 1)), undefined);
  });

  it('counts from the beginning of its rollout, of both versions', () => {
    const before = { 1: counts(1_000, 500), 2: counts(100, 100, 900) };
    const after = (version: 1 | 2, more: VersionCounts): VersionCounts => {
      const { calls, failures, runs, latencyMs } = before[version];
      return {
        ...{ calls: calls + more.calls, failures: failures + more.failures },
        ...{ runs: runs + more.runs, latencyMs: latencyMs + more.latencyMs },
      };
    };
    assert.equal(breach(after(2, counts(50, 0)), after(1, counts(50, 0)), before), undefined);
    assert.equal(breach(after(2, counts(50, 5)), after(1, counts(50, 0)), before), 'errors');
  });

  it('is told by figures, whatever is counted', () => {
    const any = fc.record({ calls: fc.nat(), failures: fc.nat(), runs: fc.nat(), latencyMs: fc.nat() });
    fc.assert(
      fc.property(any, any, any, (before, one, other) => {
        const figures = rolloutFigures('2', '1', { before: { 1: before, 2: before }, now: { 1: one, 2: other } });
        return Object.values(figures).every((figure) => Number.isFinite(figure) && figure >= 0);
      }),
    );
  });
});
