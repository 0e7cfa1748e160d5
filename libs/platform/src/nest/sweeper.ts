/** Work that comes round: one pass at a time, the next a while after the last has ended, a failure never the end of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../telemetry/log.js';

export class Sweeper {
  readonly #stopped = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(
    private readonly name: string,
    private readonly everyMs: number,
    private readonly pass: () => Promise<void>,
    private readonly log: Logger,
  ) {}

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Resolves when the pass under way has ended. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      // oxlint-disable-next-line no-await-in-loop -- passes follow one another
      await this.pass().catch((error: unknown) => this.log.warn({ err: error, sweeper: this.name }, 'sweep failed'));
      // oxlint-disable-next-line no-await-in-loop
      await sleep(this.everyMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
