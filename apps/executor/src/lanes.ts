/**
 * How many calls of each class run at once here, live from the catalogue. A call that waits for its credential or for a place
 * at its upstream does not run: it gives its place in the class to another, so that one saturated upstream holds up no other.
 * So does a probe of an upstream that was found down, because it may hang there like those before it.
 */
import type { KafkaServer, KeyedConsumer } from '@toolfleet/platform/kafka';
import type { RoleContext } from '@toolfleet/platform/nest';
import type { ExecutorSettings } from './executor.config.js';

export class Lanes {
  /** Calls of each class that are in hand without a place in it. */
  readonly #placeless = new Map<string, number>();
  #transport: KafkaServer | undefined;

  constructor(
    private readonly context: Pick<RoleContext, 'catalogue'>,
    private readonly settings: Pick<ExecutorSettings, 'executorConcurrency'>,
    /** In the order of the transport's consumers. */
    private readonly toolClasses: readonly string[],
  ) {}

  /** What an operator says while that counts, else what is configured. */
  concurrencyOf(toolClass: string): number {
    return this.#consumerOf(toolClass)?.concurrency ?? this.#configuredOf(toolClass);
  }

  /** +1 when a call of the class gives its place away, -1 when it no longer does. */
  readonly placeless = (toolClass: string, change: 1 | -1): void => {
    const calls = (this.#placeless.get(toolClass) ?? 0) + change;
    this.#placeless.set(toolClass, calls);
    this.#consumerOf(toolClass)?.setPlaceless(calls);
  };

  apply(transport: KafkaServer): void {
    this.#transport = transport;
    for (const toolClass of this.toolClasses)
      this.#consumerOf(toolClass)?.setConcurrency(this.#configuredOf(toolClass));
  }

  #consumerOf(toolClass: string): KeyedConsumer | undefined {
    return this.#transport?.consumers[this.toolClasses.indexOf(toolClass)];
  }

  #configuredOf(toolClass: string): number {
    const spec = this.context.catalogue.catalogue.get('ToolClass', toolClass);
    return spec?.concurrencyMax ?? this.settings.executorConcurrency;
  }
}
