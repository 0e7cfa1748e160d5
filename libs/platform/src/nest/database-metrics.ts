/** Figures of the connections of a process to its database, read at the moment of a scrape. */
import type { Database } from '../postgres/pool.js';
import type { Metrics } from '../telemetry/metrics.js';

export function observeDatabase({ meter }: Metrics, database: Database): void {
  const gauges = {
    connections: ['toolfleet_database_connections', 'Connections that are open.'],
    idle: ['toolfleet_database_connections_idle', 'Of those, the ones that nobody uses.'],
    waiting: ['toolfleet_database_waiting', 'Statements that wait for a connection.'],
  } as const;
  for (const [figure, [name, description]] of Object.entries(gauges)) {
    meter
      .createObservableGauge(name, { description })
      .addCallback((result) => result.observe(database.stats[figure as keyof typeof gauges]));
  }
}
