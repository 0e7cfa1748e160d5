/**
 * Turns the catalogue's rules into the bundle that every orchestrator evaluates, and sees to it that the newest on the
 * topic is the one of the present rules. Equal rules have an equal revision, so several policy services agree on it and a
 * restart publishes nothing.
 */
import { decodePolicyBundle } from '@toolfleet/contracts';
import type { Catalogue, PolicyBundle } from '@toolfleet/kernel';
import { CompiledPolicy, bundleOf, faultOf } from '@toolfleet/kernel';
import type { LiveCatalogue, Outlet } from '@toolfleet/platform/bus';
import type { BusRecord } from '@toolfleet/platform/kafka';
import type { HealthReport, Logger } from '@toolfleet/platform/telemetry';

/** A catalogue arrives as many records within milliseconds; a bundle made between two of them would be half of one. */
const settleMs = 100;
const retryMs = 1_000;

export interface BundleKeeperOptions {
  readonly live: LiveCatalogue;
  readonly outlet: Outlet;
  readonly log: Logger;
  /** Reads the bundle topic; `caughtUp` resolves when what is there has been handed over. */
  readonly read: (onRecord: (record: BusRecord, tombstone: boolean) => void) => {
    readonly caughtUp: Promise<void>;
    close(): Promise<void>;
  };
}

export class BundleKeeper {
  #current = new CompiledPolicy(bundleOf([], 0));
  /** Of the newest bundle that was read from the topic. */
  #published = '';
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #reader: ReturnType<BundleKeeperOptions['read']> | undefined;
  #started = false;

  constructor(private readonly options: BundleKeeperOptions) {}

  /** The rules of the catalogue as it is now. */
  get current(): CompiledPolicy {
    return this.#current;
  }

  async start(): Promise<void> {
    this.#reader = this.options.read((record, tombstone) => this.#heard(record, tombstone));
    await this.#reader.caughtUp;
    this.#started = true;
    this.options.live.onChange(() => this.#plan(settleMs));
    await this.#settle();
  }

  async stop(): Promise<void> {
    this.#started = false;
    clearTimeout(this.#timer);
    await this.#sending;
    await this.#reader?.close();
  }

  health(): HealthReport {
    const ready = this.#published === this.#current.revision;
    return { ready, live: true, reason: ready ? '' : 'the rules are not published yet' };
  }

  /** Another service may publish rules that are older than ours: what counts is the last record, so ours follows. */
  #heard(record: BusRecord, tombstone: boolean): void {
    try {
      this.#published = tombstone ? '' : decodePolicyBundle(record.value).revision;
    } catch (error) {
      this.#published = '';
      this.options.log.error({ err: error, offset: String(record.offset) }, 'policy bundle skipped');
    }
    if (this.#started && this.#published !== this.#current.revision) this.#plan(retryMs);
  }

  #plan(inMs: number): void {
    if (!this.#started) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#settle(), inMs).unref();
  }

  async #settle(): Promise<void> {
    if (this.#sending) return this.#plan(settleMs);
    this.#sending = this.#publish().finally(() => {
      this.#sending = undefined;
    });
    await this.#sending;
  }

  async #publish(): Promise<void> {
    const { live, outlet, log } = this.options;
    try {
      const bundle = rulesOf(live.catalogue);
      this.#current = new CompiledPolicy(bundle);
      if (this.#published === bundle.revision) return;
      await outlet.policyBundle(bundle);
      log.info({ revision: bundle.revision, rules: bundle.rules.length }, 'policy bundle published');
      if (bundle.rules.length === 0) log.warn('no Policy in the catalogue: every tool call will be denied');
    } catch (error) {
      log.error({ err: faultOf(error) }, 'policy bundle not published; it is tried again');
      this.#plan(retryMs);
    }
  }
}

/** In the order of the policies' names: records of the catalogue arrive in another order in each process. */
export function rulesOf(catalogue: Catalogue): PolicyBundle {
  const policies = catalogue.all('Policy').toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return bundleOf(
    policies.flatMap((policy) => policy.rules),
    Date.now(),
  );
}
