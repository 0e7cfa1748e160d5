/**
 * How many calls of each class run at once here, live from the catalogue. A call that waits for its credential or for a place
 * at its upstream does not run: it gives its place in the class to another, so that one saturated upstream holds up no other.
 * So does a probe of an upstream that was found down, because it may hang there like those before it.
 */
import type { KeyedConsumer } from '@toolfleet/platform/kafka';
import type { RoleContext } from '@toolfleet/platform/nest';
import type { ExecutorSettings } from './executor.config.js';

export class Lanes {
  constructor(
    private readonly context: Pick<RoleContext, 'catalogue'>,
    private readonly settings: Pick<ExecutorSettings, 'executorConcurrency'>,
    /** By tool class. */
    private readonly consumers: ReadonlyMap<string, KeyedConsumer>,
  ) {}

  /** What an operator says while that counts, else what is configured. */
  concurrencyOf(toolClass: string): number {
    return this.consumers.get(toolClass)?.concurrency ?? this.#configuredOf(toolClass);
  }

  /** +1 when a call of the class gives its place away, -1 when it no longer does. */
  readonly placeless = (toolClass: string, change: 1 | -1): void => {
    this.consumers.get(toolClass)?.changePlaceless(change);
  };

  followCatalogue(): void {
    for (const [toolClass, consumer] of this.consumers) consumer.setConcurrency(this.#configuredOf(toolClass));
  }

  #configuredOf(toolClass: string): number {
    const spec = this.context.catalogue.catalogue.get('ToolClass', toolClass);
    return spec?.concurrencyMax ?? this.settings.executorConcurrency;
  }
}
