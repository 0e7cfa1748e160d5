/** What the gateway counts. Ways in and outcomes are short lists; tenants and sessions never are labels. */
import { isFault } from '@toolfleet/kernel';
import { StepCounter, latencyBuckets } from '@toolfleet/platform/telemetry';
import type { Metrics } from '@toolfleet/platform/telemetry';
import type { StartedSession } from './sessions/start-session.js';

export type WayIn = 'http' | 'grpc' | 'kafka';

export class GatewayMetrics {
  readonly #requests;
  readonly #latency;
  readonly #rpcs;

  constructor({ meter }: Metrics, watchers: () => number) {
    const description = 'Session requests by way in and what became of them.';
    this.#requests = new StepCounter(meter, 'toolfleet_gateway_starts', ['way', 'outcome'], description);
    this.#latency = meter.createHistogram('toolfleet_gateway_start_latency_seconds', {
      description: 'From a read request to when something durable answers for its session.',
      advice: { explicitBucketBoundaries: latencyBuckets },
    });
    this.#rpcs = meter.createHistogram('toolfleet_rpc_seconds', {
      description: 'From asking another service to its answer, by method.',
      advice: { explicitBucketBoundaries: latencyBuckets },
    });
    meter
      .createObservableGauge('toolfleet_gateway_watchers', { description: 'Open watches.' })
      .addCallback((result) => result.observe(watchers()));
  }

  rpc(method: string, tookMs: number): void {
    this.#rpcs.record(tookMs / 1_000, { method });
  }

  /** One without a chance, of which no session comes that something would answer for. */
  refused(way: WayIn): void {
    this.#requests.add(1, { way, outcome: 'refused' });
  }

  async start<S extends StartedSession | void>(way: WayIn, starting: () => Promise<S>): Promise<S> {
    const beganAtMs = performance.now();
    let outcome = 'broken';
    try {
      const started = await starting();
      outcome = started?.existing ? 'existing' : 'accepted';
      return started;
    } catch (error) {
      if (isFault(error)) outcome = error.kind;
      throw error;
    } finally {
      this.#requests.add(1, { way, outcome });
      this.#latency.record((performance.now() - beganAtMs) / 1000, { way });
    }
  }
}
