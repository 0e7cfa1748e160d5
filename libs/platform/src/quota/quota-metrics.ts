/** Figures of quotas. Labels come from the catalogue and only for quotas that somebody configured, so they are few. */
import type { Quota } from '@toolfleet/kernel';
import type { Metrics } from '../telemetry/metrics.js';
import type { QuotaListener } from './quota-leases.js';

export class QuotaMetrics implements QuotaListener {
  readonly #leased;
  readonly #used;
  readonly #refused;

  constructor({ meter }: Metrics) {
    this.#leased = meter.createCounter('toolfleet_quota_leased', { description: 'Granted to this process.' });
    // Goes down when a model used fewer tokens than were taken for it.
    this.#used = meter.createUpDownCounter('toolfleet_quota_used', {
      description: 'Calls run, or tokens of model turns.',
    });
    this.#refused = meter.createCounter('toolfleet_quota_refused', { description: 'Calls and turns without room.' });
  }

  leased(quota: Quota, amount: number): void {
    this.#leased.add(amount, labelsOf(quota));
  }

  used(quota: Quota, amount: number): void {
    this.#used.add(amount, labelsOf(quota));
  }

  refused(quota: Quota): void {
    this.#refused.add(1, labelsOf(quota));
  }
}

const labelsOf = ({ tenant, scope, unit }: Quota) => ({ tenant, class: scope, unit });
