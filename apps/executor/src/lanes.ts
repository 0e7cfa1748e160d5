/**
 * How many calls of each class run at once here, live from the catalogue. A call that waits for a place at its upstream
 * does not run: it gives its place in the class to another, so that one saturated upstream holds up no other.
 */
import type { KafkaServer } from '@toolfleet/platform/kafka';
import type { RoleContext } from '@toolfleet/platform/nest';
import type { ExecutorSettings } from './executor.config.js';

export class Lanes {
  readonly #waiting = new Map<string, number>();
  #transport: KafkaServer | undefined;

  constructor(
    private readonly context: Pick<RoleContext, 'catalogue'>,
    private readonly settings: Pick<ExecutorSettings, 'executorConcurrency'>,
    /** In the order of the transport's consumers. */
    private readonly toolClasses: readonly string[],
  ) {}

  concurrencyOf(toolClass: string): number {
    const spec = this.context.catalogue.catalogue.get('ToolClass', toolClass);
    return spec?.concurrencyMax ?? this.settings.executorConcurrency;
  }

  waiting(toolClass: string, change: 1 | -1): void {
    this.#waiting.set(toolClass, (this.#waiting.get(toolClass) ?? 0) + change);
    this.#applyTo(toolClass);
  }

  apply(transport: KafkaServer): void {
    this.#transport = transport;
    for (const toolClass of this.toolClasses) this.#applyTo(toolClass);
  }

  #applyTo(toolClass: string): void {
    const consumer = this.#transport?.consumers[this.toolClasses.indexOf(toolClass)];
    consumer?.setConcurrency(this.concurrencyOf(toolClass) + (this.#waiting.get(toolClass) ?? 0));
  }
}
