/** The calls that run here, so that a cancel from the bus reaches them, also before they start. */
import type { ToolCallCancel } from '@toolfleet/contracts';
import { decodeToolCallCancel } from '@toolfleet/contracts';
import type { KillSwitch, KillableCall } from '@toolfleet/kernel';
import { TransientMap, killCovers } from '@toolfleet/kernel';
import type { TopicReader } from '@toolfleet/platform/kafka';
import { readBroadcast } from '@toolfleet/platform/kafka';
import type { RoleContext } from '@toolfleet/platform/nest';

/** Cancelled calls that may still lie in a queue: some seconds of a busy fleet, about a megabyte. */
const cancelledMax = 10_000;

interface RunningCall {
  readonly controller: AbortController;
  readonly call: KillableCall | undefined;
}

export class RunningCalls {
  readonly #byId = new TransientMap<string, RunningCall>();
  /** Oldest first. Ids of calls are never used twice. */
  readonly #cancelled = new Set<string>();
  #reader: TopicReader | undefined;

  constructor(private readonly context: Pick<RoleContext, 'connection' | 'names' | 'log'>) {}

  get size(): number {
    return this.#byId.size;
  }

  async start(): Promise<void> {
    const { connection, names, log } = this.context;
    this.#reader = readBroadcast({
      connection,
      topic: names.of('toolcall.cancel'),
      onRecord: (record) => {
        try {
          this.cancel(decodeToolCallCancel(record.value));
        } catch (error) {
          log.warn({ err: error, offset: String(record.offset) }, 'cancel skipped');
        }
      },
    });
    await this.#reader.caughtUp;
  }

  async close(): Promise<void> {
    await this.#reader?.close();
  }

  cancel({ callIds }: ToolCallCancel): void {
    for (const callId of callIds) {
      this.#byId.get(callId)?.controller.abort();
      this.#cancelled.add(callId);
      if (this.#cancelled.size > cancelledMax) this.#cancelled.delete(this.#cancelled.values().next().value!);
    }
  }

  /** Cancels what runs now and the switch covers, where it says so. */
  follow(thrown: KillSwitch): void {
    if (!thrown.cancelRunning) return;
    for (const { controller, call } of this.#byId.values()) if (call && killCovers(thrown, call)) controller.abort();
  }

  /** `call`: what a kill switch knows it by. */
  async with<T>(callId: string, work: (cancelled: AbortSignal) => Promise<T>, call?: KillableCall): Promise<T> {
    const controller = new AbortController();
    if (this.#cancelled.has(callId)) controller.abort();
    this.#byId.set(callId, { controller, call });
    try {
      return await work(controller.signal);
    } finally {
      if (this.#byId.get(callId)?.controller === controller) this.#byId.delete(callId);
    }
  }
}
