/**
 * Tells the bus every few seconds what only this process knows of its consumers: handlers running, the concurrency in effect,
 * ages, what is held. On the bus and not scraped, because an operator reaches the brokers, and not every pod. The newest
 * record of a consumer counts, so one that is lost is made good by the next.
 */
import type { ConsumerStatus } from '@toolfleet/contracts';
import type { ConsumerStats } from '../kafka/consumer-options.js';
import type { Outlet } from './outlet.js';

/** At 8 records a process in one batch, some 4 ms of CPU: a thousandth. */
export const statusEveryMs = 5_000;

/** A stopping process has other things to finish; what it cannot take back is recognised by its age. */
const takeBackMsMax = 1_000;

interface Reported {
  readonly groupId: string;
  readonly memberId: string;
  stats(): ConsumerStats;
}

export class StatusBoard {
  readonly #consumers: Reported[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isTelling = false;

  constructor(
    private readonly outlet: Outlet,
    private readonly instance: string,
  ) {}

  add(consumer: Reported): void {
    this.#consumers.push(consumer);
  }

  start(): void {
    this.#timer = setInterval(() => void this.#tell(), statusEveryMs);
    this.#timer.unref();
    void this.#tell();
  }

  /** Takes back what it told; consumers that are gone are no longer listed as running. */
  async close(): Promise<void> {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    const { instance, outlet } = this;
    const deadlineAtMs = Date.now() + takeBackMsMax;
    await Promise.allSettled(
      this.#consumers.map(({ groupId: group }) => outlet.removeConsumerStatus({ group, instance }, deadlineAtMs)),
    );
  }

  /** While the bus is away one round waits and the others are left out. */
  async #tell(): Promise<void> {
    if (this.#isTelling) return;
    this.#isTelling = true;
    const deadlineAtMs = Date.now() + statusEveryMs;
    await Promise.allSettled(
      this.#consumers.map((each) => this.outlet.consumerStatus(statusOf(each, this.instance), deadlineAtMs)),
    );
    this.#isTelling = false;
  }
}

function statusOf(consumer: Reported, instance: string): ConsumerStatus {
  const { groupId: group, memberId } = consumer;
  const { concurrency, configuredConcurrency, partitions } = consumer.stats();
  return { group, instance, memberId, atMs: Date.now(), concurrency, configuredConcurrency, partitions };
}
