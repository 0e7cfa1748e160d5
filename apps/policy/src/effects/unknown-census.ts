/** How many writes nobody knows the end of, as last counted: every policy process counts all of them, once a minute. */
import type { OpenEffects } from '@toolfleet/platform/postgres';
import type { Metrics } from '@toolfleet/platform/telemetry';

export class UnknownCensus {
  #known: Awaited<ReturnType<OpenEffects['census']>> = { count: 0, oldestAtMs: undefined };

  constructor(
    private readonly open: Pick<OpenEffects, 'census'>,
    { meter }: Pick<Metrics, 'meter'>,
  ) {
    const gauge = (name: string, description: string) => meter.createObservableGauge(name, { description });
    gauge('toolfleet_effects_unknown', 'Writes of all tenants whose end nobody knows.').addCallback((result) =>
      result.observe(this.#known.count),
    );
    gauge('toolfleet_effects_unknown_age_seconds', 'How long the oldest of them is unknown.').addCallback((result) => {
      const { oldestAtMs } = this.#known;
      result.observe(oldestAtMs === undefined ? 0 : Math.max(0, Date.now() - oldestAtMs) / 1_000);
    });
  }

  async pass(): Promise<void> {
    this.#known = await this.open.census();
  }
}
