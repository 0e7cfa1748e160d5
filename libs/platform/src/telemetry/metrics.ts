/**
 * Metrics through the OpenTelemetry API, scraped in Prometheus form at /metrics. Instruments are made once per process by
 * whoever owns the number; labels are bounded sets (class, outcome, topic), never ids.
 */
import { metrics } from '@opentelemetry/api';
import type { Meter } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';

export type { Counter, Histogram, Meter, ObservableGauge } from '@opentelemetry/api';

/** Seconds; from a bus hop to a bulk export. */
export const latencyBuckets = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

export class Metrics {
  readonly #exporter = new PrometheusExporter({ preventServerStart: true });
  readonly #serializer = new PrometheusSerializer();
  readonly #provider = new MeterProvider({ readers: [this.#exporter] });
  readonly meter: Meter = this.#provider.getMeter('toolfleet');

  constructor() {
    metrics.setGlobalMeterProvider(this.#provider);
  }

  async scrape(): Promise<string> {
    const { resourceMetrics } = await this.#exporter.collect();
    return this.#serializer.serialize(resourceMetrics);
  }

  async close(): Promise<void> {
    await this.#provider.shutdown();
  }
}
