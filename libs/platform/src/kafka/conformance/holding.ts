/** What specs have operators hold. */
import type { Holds } from '@toolfleet/kernel';
import type { ConsumerTuning } from '../consumer-options.js';

export const everything: Holds = { all: true, except: new Set() };
export const only = (...tenants: string[]): Holds => ({ all: false, except: new Set(tenants) });

export function holding(of: (partition: number) => Holds | false): ConsumerTuning {
  return { concurrency: undefined, holdsOf: (partition) => of(partition) || undefined };
}
