/**
 * At most so many calls at once, the rest in one bounded queue, first come, first served. A wait ends with a place, the
 * caller's deadline or its abort; whoever gets in must leave, once.
 */
import { TransientSet, expired, overloaded } from '@toolfleet/kernel';

interface Waiter {
  readonly enter: () => void;
}

export class Gate {
  #inside = 0;
  /** Insertion order is the queue; a waiter that gives up leaves from the middle at no cost. */
  readonly #queue = new TransientSet<Waiter>();

  constructor(
    private readonly insideMax: number,
    private readonly queueMax: number,
  ) {}

  get inside(): number {
    return this.#inside;
  }

  get queued(): number {
    return this.#queue.size;
  }

  /** Returns undefined when there is a place at once, so that the common way costs no promise. */
  enter(deadlineAtMs: number, signal: AbortSignal): Promise<void> | undefined {
    signal.throwIfAborted();
    if (this.#inside < this.insideMax) {
      this.#inside += 1;
      return undefined;
    }
    if (this.#queue.size >= this.queueMax) {
      throw overloaded('MODEL_QUEUE_FULL', 'Too many calls wait for this model.', { retryAfterMs: 1_000 });
    }
    return this.#wait(deadlineAtMs, signal);
  }

  /** The place goes to the next in the queue without becoming free, so that nobody overtakes. */
  leave(): void {
    const [next] = this.#queue;
    if (next === undefined) this.#inside -= 1;
    else next.enter();
  }

  #wait(deadlineAtMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.#queue.delete(waiter);
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      };
      const waiter: Waiter = {
        enter: () => {
          end();
          resolve();
        },
      };
      const onAbort = (): void => {
        end();
        reject(signal.reason as Error);
      };
      const timer = setTimeout(
        () => {
          end();
          reject(expired('DEADLINE_PASSED', 'The deadline passed while the call waited for a free place.'));
        },
        Math.max(deadlineAtMs - Date.now(), 0),
      );
      signal.addEventListener('abort', onAbort, { once: true });
      this.#queue.add(waiter);
    });
  }
}
