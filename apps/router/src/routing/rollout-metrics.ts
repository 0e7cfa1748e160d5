/** Figures of rollouts, read at the moment of a scrape. Labels are names of the catalogue, which bounds how many there are. */
import type { Metrics } from '@toolfleet/platform/telemetry';
import type { RolloutGuards } from './rollout-guards.js';

export function observeRollouts({ meter }: Pick<Metrics, 'meter'>, guards: Pick<RolloutGuards, 'states'>): void {
  const gauge = (name: string, description: string) => meter.createObservableGauge(name, { description });
  const gauges = {
    share: gauge('toolfleet_rollout_share_percent', 'Of the sessions that begin, of whom the rollout is meant for.'),
    takenBack: gauge('toolfleet_rollout_taken_back', '1: its guard has taken the version back.'),
    calls: gauge('toolfleet_rollout_calls', 'Of the new version since the rollout began.'),
    errors: gauge('toolfleet_rollout_error_times', 'How many times as often as the current version it fails.'),
    latency: gauge('toolfleet_rollout_latency_times', 'How many times as long as the current version it takes.'),
  };
  meter.addBatchObservableCallback((result) => {
    for (const { name: rollout, percent, takenBack, figures } of guards.states(Date.now())) {
      result.observe(gauges.share, percent, { rollout });
      result.observe(gauges.takenBack, Number(takenBack), { rollout });
      if (!figures) continue;
      result.observe(gauges.calls, figures.calls, { rollout });
      result.observe(gauges.errors, figures.errorTimes, { rollout });
      result.observe(gauges.latency, figures.latencyTimes, { rollout });
    }
  }, Object.values(gauges));
}
