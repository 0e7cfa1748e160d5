/**
 * How late this process's event loop runs: what a timer of its own sees beyond its interval, over the last second. A
 * latency measured here has it inside, several times over.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const resolutionMs = 10;
const windowMs = 1_000;

export class EventLoop {
  readonly #delay = monitorEventLoopDelay({ resolution: resolutionMs });
  #lateMs = 0;
  #sinceMs = Date.now();

  constructor() {
    this.#delay.enable();
  }

  /** As of the last whole window; 0 while nobody has asked for long. */
  lateMs(): number {
    const nowMs = Date.now();
    if (nowMs - this.#sinceMs >= windowMs) {
      const isFresh = nowMs - this.#sinceMs < 2 * windowMs && this.#delay.count > 0;
      this.#lateMs = isFresh ? Math.max(0, this.#delay.mean / 1e6 - resolutionMs) : 0;
      this.#sinceMs = nowMs;
      this.#delay.reset();
    }
    return this.#lateMs;
  }

  close(): void {
    this.#delay.disable();
  }
}
