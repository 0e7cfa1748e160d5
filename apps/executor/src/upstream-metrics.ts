/** Figures of each upstream, read at the moment of a scrape. Names come from the catalogue, so the labels are bounded. */
import { breakerStates } from '@toolfleet/platform/breaker';
import type { Metrics } from '@toolfleet/platform/telemetry';
import type { Upstreams } from './drivers/upstreams.js';

export function observeUpstreams({ meter }: Metrics, upstreams: Upstreams): void {
  const state = meter.createObservableGauge('toolfleet_upstream_breaker_state', {
    description: '1 for the state in effect, 0 for the others.',
  });
  state.addCallback((result) => {
    for (const { upstream, state: inEffect } of upstreams.figures()) {
      for (const word of breakerStates) result.observe(word === inEffect ? 1 : 0, { upstream, state: word });
    }
  });
  const probes = meter.createObservableGauge('toolfleet_upstream_probes', {
    description: 'Calls at the upstream beside its limit, to find out whether it is well again.',
  });
  probes.addCallback((result) => {
    for (const { upstream, probes: running } of upstreams.figures()) result.observe(running, { upstream });
  });
  const gauges = {
    limit: 'Calls that the adaptive limit allows at once.',
    inFlight: 'Calls at the upstream.',
    waiting: 'Calls that wait for a place at the upstream.',
  } as const;
  for (const [figure, description] of Object.entries(gauges)) {
    const name = `toolfleet_upstream_${figure === 'inFlight' ? 'in_flight' : figure}`;
    meter.createObservableGauge(name, { description }).addCallback((result) => {
      for (const { upstream, gate } of upstreams.figures()) {
        if (gate) result.observe(gate[figure as keyof typeof gauges], { upstream });
      }
    });
  }
}
