/** The policy of this process, fed by the compacted bundle topic. Until a bundle arrives, every call is denied. */
import { bundleOf, CompiledPolicy } from '@toolfleet/kernel';
import { decodePolicyBundle } from '@toolfleet/contracts';
import type { TopicReader } from '@toolfleet/platform/kafka';
import { readCompacted } from '@toolfleet/platform/kafka';
import type { RoleContext } from '@toolfleet/platform/nest';

export class LivePolicy {
  #current = new CompiledPolicy(bundleOf([], 0));
  #reader: TopicReader | undefined;

  constructor(private readonly context: Pick<RoleContext, 'connection' | 'names' | 'log'>) {}

  get current(): CompiledPolicy {
    return this.#current;
  }

  async start(): Promise<void> {
    const { connection, names, log } = this.context;
    this.#reader = readCompacted({
      connection,
      topic: names.of('policy.bundle'),
      onRecord: (record, tombstone) => {
        if (tombstone) return;
        try {
          this.#current = new CompiledPolicy(decodePolicyBundle(record.value));
          log.info({ revision: this.#current.revision }, 'policy in force');
        } catch (error) {
          log.error({ err: error, offset: String(record.offset) }, 'policy bundle skipped, the one before stays');
        }
      },
    });
    await this.#reader.caughtUp;
  }

  async close(): Promise<void> {
    await this.#reader?.close();
  }
}
