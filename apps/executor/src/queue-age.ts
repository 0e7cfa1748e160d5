/** Asks of every call that starts whether its queue stands too old, one state for each class and tenant. */
import type { Fault, QueueAgeTarget, StandingQueue, ToolCall } from '@toolfleet/kernel';
import { judgeQueueAge, keepNewest, limits } from '@toolfleet/kernel';
import type { BusRecord, Delivery } from '@toolfleet/platform/kafka';

export class QueueAge {
  /** Only queues above the target; the one that was looked at longest ago is first. */
  readonly #standing = new Map<string, StandingQueue>();

  constructor(private readonly target: QueueAgeTarget) {}

  /** What the call ends in instead of being run. A call that is tried again did not wait for its queue: it is not asked. */
  shed(call: ToolCall, { timestampMs }: BusRecord, { attempt }: Delivery): Fault | undefined {
    if (attempt > 1) return undefined;
    const queue = `${call.toolClass}/${call.tenant}`;
    const now = Date.now();
    const verdict = judgeQueueAge(
      this.#standing.get(queue),
      { ageMs: now - timestampMs, priority: call.priority ?? 'normal' },
      this.target,
      now,
    );
    this.#standing.delete(queue);
    if (verdict.standing !== undefined) {
      keepNewest(this.#standing, queue, verdict.standing, limits.queueAgeTenantsMax);
    }
    return verdict.shed;
  }
}
