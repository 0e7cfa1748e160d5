/**
 * What an operator sees of admission: the fleet's places, and each tenant's sessions and longest wait. Names of tenants are
 * labels within a bound: the first that have sessions here, the rest together, so that a catalogue of thousands stays cheap.
 */
import type { Metrics } from '@toolfleet/platform/telemetry';
import type { FleetShare } from './fleet-share.js';
import type { TenantDesks, TenantFigures } from './tenant-desks.js';

/** Three series each: 150, a tenth of what a process exports otherwise. */
const labelledMax = 50;
const others = 'other';

type Figure = Exclude<keyof TenantFigures, 'tenant'>;

export class TenantLabels {
  readonly #labelled = new Set<string>();

  constructor(private readonly max: number = labelledMax) {}

  /** Sums, and for waits the longest, by label. A label that was shown stays, at 0 once its tenant has nobody here. */
  byLabel(figures: readonly TenantFigures[]): ReadonlyMap<string, Readonly<Record<Figure, number>>> {
    const rows = new Map([...this.#labelled].map((label) => [label, { running: 0, waiting: 0, oldestWaitMs: 0 }]));
    for (const { tenant, running, waiting, oldestWaitMs } of figures) {
      if (running + waiting === 0) continue;
      const label = this.#labelOf(tenant);
      const row = rows.get(label) ?? { running: 0, waiting: 0, oldestWaitMs: 0 };
      row.running += running;
      row.waiting += waiting;
      row.oldestWaitMs = Math.max(row.oldestWaitMs, oldestWaitMs);
      rows.set(label, row);
    }
    return rows;
  }

  #labelOf(tenant: string): string {
    if (this.#labelled.has(tenant)) return tenant;
    const label = this.#labelled.size < this.max ? tenant : others;
    this.#labelled.add(label);
    return label;
  }
}

export function observeAdmission({ meter }: Metrics, desks: TenantDesks, fleet: FleetShare): void {
  const labels = new TenantLabels();
  const byTenant = (name: string, description: string, valueOf: (row: Readonly<Record<Figure, number>>) => number) =>
    meter.createObservableGauge(name, { description }).addCallback((result) => {
      for (const [tenant, row] of labels.byLabel(desks.figures())) result.observe(valueOf(row), { tenant });
    });
  byTenant('toolfleet_sessions_running', 'Sessions that hold a place of their tenant.', (row) => row.running);
  byTenant('toolfleet_sessions_waiting', 'Sessions that wait for a place.', (row) => row.waiting);
  byTenant(
    'toolfleet_sessions_oldest_wait_seconds',
    'How long the oldest waiting session has waited, as of the last sweep.',
    (row) => row.oldestWaitMs / 1_000,
  );
  meter
    .createObservableGauge('toolfleet_fleet_places', {
      description: 'Places of the fleet that this process gives out.',
    })
    .addCallback((result) => result.observe(fleet.queue.capacity));
  meter
    .createObservableGauge('toolfleet_fleet_places_used', { description: 'Of those, the ones that are taken.' })
    .addCallback((result) => result.observe(fleet.queue.running));
}
