/** Figures of quotas. Labels come from the catalogue and only for quotas that somebody configured, so they are few. */
import type { Quota } from '@toolfleet/kernel';
import type { Metrics } from '../telemetry/metrics.js';
import { StepCounter } from '../telemetry/step-counter.js';
import type { QuotaListener } from './quota-leases.js';

const names = ['tenant', 'class', 'unit'] as const;

export class QuotaMetrics implements QuotaListener {
  readonly #leased;
  readonly #used;
  readonly #refused;

  constructor({ meter }: Metrics) {
    const counter = (name: string, description: string) => new StepCounter(meter, name, names, description);
    this.#leased = counter('toolfleet_quota_leased', 'Granted to this process.');
    // Goes down when a model used fewer tokens than were taken for it.
    const used = 'Calls run, or what turns used of their budgets.';
    this.#used = new StepCounter(meter, 'toolfleet_quota_used', names, used, { goesDown: true });
    this.#refused = counter('toolfleet_quota_refused', 'Calls and turns without room.');
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
