/** Figures of what a process has handed to others of its host, read at the moment of a scrape. */
import type { Neighbours } from '../bus/neighbours.js';
import type { Metrics } from '../telemetry/metrics.js';

export function observeNeighbours({ meter }: Metrics, neighbours: Neighbours): void {
  meter
    .createObservableGauge('toolfleet_neighbours', { description: 'Other processes of the host that are connected.' })
    .addCallback((result) => result.observe(neighbours.connected));
  meter
    .createObservableGauge('toolfleet_neighbour_waiting', {
      description: 'Records that a neighbour was handed and has not told the end of.',
    })
    .addCallback((result) => result.observe(neighbours.waiting));
}
