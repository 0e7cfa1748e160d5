import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RecordedTraffic } from '../blast-radius/blast-radius.js';
import type { RolloutSpec } from './rollout.js';
import { planRollout } from './rollout-plan.js';

const rollout: RolloutSpec = {
  ...{ name: 'search-2', tool: 'search', version: '2', tenants: ['acme', 'beta-*'], startsAtMs: 60_000 },
  steps: [
    { percent: 0, minutes: 1 },
    { percent: 10, minutes: 60 },
    { percent: 100, minutes: 0 },
  ],
  guard: { errorTimes: 2, callsMin: 24 },
};
const call = (tenant: string, agent: string, calls: number, tool = 'search') => ({
  ...{ tenant, agent, tool, calls, writes: calls / 2, failures: 0 },
});
const traffic: RecordedTraffic = {
  ...{ days: 2, truncated: false },
  tools: [
    call('acme', 'shop', 400),
    call('beta-1', 'desk', 80),
    call('globex', 'shop', 900),
    call('acme', 'shop', 7, 'other'),
  ],
  sessions: [
    { tenant: 'acme', agent: 'shop', sessions: 100, failures: 0 },
    { tenant: 'acme', agent: 'desk', sessions: 900, failures: 0 },
    { tenant: 'beta-1', agent: 'desk', sessions: 20, failures: 0 },
    { tenant: 'globex', agent: 'shop', sessions: 50, failures: 0 },
  ],
};

describe('the plan of a rollout', () => {
  it('is of whom it is for and whose agents call the tool, each step its share of them', () => {
    const { tenants, steps, current, days } = planRollout(rollout, '1', traffic);
    assert.deepEqual([current, days], ['1', 2]);
    assert.deepEqual(tenants, [
      { tenant: 'acme', sessionsPerDay: 50, callsPerDay: 200, writesPerDay: 100 },
      { tenant: 'beta-1', sessionsPerDay: 10, callsPerDay: 40, writesPerDay: 20 },
    ]);
    assert.deepEqual(steps, [
      { fromMs: 60_000, untilMs: 120_000, percent: 0, sessionsPerDay: 0, callsPerDay: 0, writesPerDay: 0 },
      { fromMs: 120_000, untilMs: 3_720_000, percent: 10, sessionsPerDay: 6, callsPerDay: 24, writesPerDay: 12 },
      { fromMs: 3_720_000, untilMs: undefined, percent: 100, sessionsPerDay: 60, callsPerDay: 240, writesPerDay: 120 },
    ]);
  });

  it('says when the guard has seen enough, where there is one and anybody calls', () => {
    assert.equal(planRollout(rollout, '1', traffic).guardSeesAfterMs, 86_400_000);
    assert.equal(planRollout({ ...rollout, guard: undefined }, '1', traffic).guardSeesAfterMs, undefined);
    const nobody = planRollout({ ...rollout, tenants: ['nobody'] }, '1', traffic);
    assert.deepEqual([nobody.guardSeesAfterMs, nobody.tenants], [undefined, []]);
  });
});
