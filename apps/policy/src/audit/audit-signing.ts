/**
 * Signs the ends of chains: of one that grows fast at once, of every other that has something new each minute, and all of
 * them when the process ends. Any process may sign any chain, because what it signs is in the database already.
 */
import type { AuditCheckpoint, AuditHead, AuditSigner, NewAuditEntry } from '@toolfleet/kernel';
import { limits } from '@toolfleet/kernel';
import type { AuditStore } from '@toolfleet/platform/postgres';

/** Tenants of one statement: so many signatures take some 30 ms. */
const pageMax = 500;

export interface AuditSigningOptions {
  readonly store: AuditStore;
  readonly signer: AuditSigner;
  readonly now: () => number;
  /** How long an entry may stay unsigned. */
  readonly everyMs: number;
}

export class AuditSigning {
  readonly #grown = new Map<string, number>();
  #allSignedAtMs: number;

  constructor(private readonly options: AuditSigningOptions) {
    this.#allSignedAtMs = options.now();
  }

  /** Counts; `tick` signs. */
  appended(entries: readonly Pick<NewAuditEntry, 'tenant'>[]): void {
    for (const { tenant } of entries) this.#grown.set(tenant, (this.#grown.get(tenant) ?? 0) + 1);
  }

  async tick(): Promise<void> {
    const { now, everyMs } = this.options;
    if (now() - this.#allSignedAtMs >= everyMs) return this.signAll();
    const fast = [...this.#grown].filter(([, count]) => count >= limits.auditCheckpointEntries);
    for (const [tenant] of fast) {
      // oxlint-disable-next-line no-await-in-loop -- few at any time
      await this.signHead(tenant);
    }
  }

  /** Of every tenant that has entries behind its last signature. */
  async signAll(): Promise<void> {
    const { store, now } = this.options;
    this.#allSignedAtMs = now();
    this.#grown.clear();
    for (let after = ''; ;) {
      // oxlint-disable-next-line no-await-in-loop -- a page begins where the one before ends
      const heads = await store.unsigned(after, pageMax);
      // oxlint-disable-next-line no-await-in-loop
      if (heads.length > 0) await store.sign(heads.map((head) => this.#signed(head.tenant, head)));
      if (heads.length < pageMax) return;
      after = heads.at(-1)!.tenant;
    }
  }

  /** The end of one chain, signed; its number, 0 when it has no entry. */
  async signHead(tenant: string): Promise<number> {
    const { store } = this.options;
    this.#grown.delete(tenant);
    const head = await store.head(tenant);
    if (head === undefined || head.seq === 0) return 0;
    if (head.seq > head.checkpointSeq) await store.sign([this.#signed(tenant, head)]);
    return head.seq;
  }

  /** That what came up to here was to be deleted. */
  beginning(tenant: string, { seq, hash }: AuditHead): AuditCheckpoint {
    return this.options.signer.checkpoint(tenant, { kind: 'truncated', seq, hash, atMs: this.options.now() });
  }

  #signed(tenant: string, { seq, hash }: AuditHead): { tenant: string; checkpoint: AuditCheckpoint } {
    const facts = { kind: 'head', seq, hash, atMs: this.options.now() } as const;
    return { tenant, checkpoint: this.options.signer.checkpoint(tenant, facts) };
  }
}
