/**
 * Where the time of a session goes, from record to record: what a session takes is the sum of its hops over the bus, its
 * statements, its model turns and its tool calls, and what is left is our own work (`npm run bench -- --budget`).
 */
import type { Histogram, Metrics } from '../telemetry/metrics.js';
import { latencyBuckets } from '../telemetry/metrics.js';

export class Latencies {
  readonly #hops: Histogram;
  readonly #neighbourHops: Histogram;
  readonly #statements: Histogram;

  constructor({ meter }: Metrics) {
    const advice = { explicitBucketBoundaries: latencyBuckets };
    this.#hops = meter.createHistogram('toolfleet_bus_hop_seconds', {
      description: 'From the send of a record to the start of its handler, lanes and queues included.',
      advice,
    });
    this.#neighbourHops = meter.createHistogram('toolfleet_neighbour_hop_seconds', {
      description: 'From handing a record to another process of the host to its arrival there.',
      advice,
    });
    this.#statements = meter.createHistogram('toolfleet_database_statement_seconds', {
      description: 'From asking for a statement to its answer, the wait for a connection included.',
      advice,
    });
  }

  /** Clocks of two machines may differ by more than a hop takes; a negative one counts as none. */
  hop(topic: string, tookMs: number): void {
    this.#hops.record(Math.max(0, tookMs) / 1_000, { topic });
  }

  neighbourHop(topic: string, tookMs: number): void {
    this.#neighbourHops.record(Math.max(0, tookMs) / 1_000, { topic });
  }

  statement(name: string, tookMs: number): void {
    this.#statements.record(tookMs / 1_000, { statement: name });
  }
}
