/** Figures of tool calls by tool, class and outcome. Only the catalogue's names become labels: a forged call names anything. */
import type { Catalogue, Observation, ToolCall } from '@toolfleet/kernel';
import type { Metrics } from '@toolfleet/platform/telemetry';
import { StepCounter, latencyBuckets } from '@toolfleet/platform/telemetry';

export class CallMetrics {
  readonly #calls;
  readonly #latency;
  readonly #shedByAge;

  constructor(
    { meter }: Metrics,
    private readonly catalogue: Catalogue,
  ) {
    const labels = ['tool', 'class', 'outcome'] as const;
    this.#calls = new StepCounter(meter, 'toolfleet_toolcalls', labels, 'Calls settled by an executor.');
    this.#shedByAge = meter.createCounter('toolfleet_toolcalls_shed_by_age', {
      description: 'Calls that were not run because their queue stood too old, by class and priority.',
    });
    this.#latency = meter.createHistogram('toolfleet_toolcall_latency', {
      description: 'From the start of a call to its end.',
      unit: 's',
      advice: { explicitBucketBoundaries: latencyBuckets },
    });
  }

  settled(call: ToolCall, observation: Observation): void {
    const { outcome, startedAtMs, finishedAtMs } = observation;
    const { name: tool, toolClass } = this.catalogue.get('Tool', call.tool) ?? {
      name: 'unknown',
      toolClass: 'unknown',
    };
    if (observation.refusal?.reason === 'QUEUE_TOO_OLD') {
      this.#shedByAge.add(1, { class: toolClass, priority: call.priority ?? 'normal' });
    }
    this.#calls.add(1, { tool, class: toolClass, outcome });
    if (startedAtMs > 0) this.#latency.record((finishedAtMs - startedAtMs) / 1000, { class: toolClass });
  }
}
