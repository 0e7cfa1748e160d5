/** The only way a test waits: on a value, with a bound. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expired } from '@toolfleet/kernel';

const pauseMs = 20;

export interface EventuallyOptions {
  readonly withinMs: number;
}

/**
 * Calls `check` until it returns something other than `undefined`, `null` or `false`, and resolves with that. A check that
 * throws counts as "not yet"; its last error is the cause of the fault that ends the wait.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  options: EventuallyOptions,
): Promise<Exclude<T, undefined | null | false | void>> {
  const deadlineAtMs = Date.now() + options.withinMs;
  let last: unknown;
  do {
    try {
      const value = await check();
      if (value !== undefined && value !== null && value !== false) {
        return value as Exclude<T, undefined | null | false | void>;
      }
      last = value;
    } catch (error) {
      last = error;
    }
    await sleep(pauseMs);
  } while (Date.now() < deadlineAtMs);
  throw expired('NOT_YET', `The awaited value did not come within ${options.withinMs} ms.`, { cause: last });
}
