/** Reads a tenant's chain: page by page for people, as a signed log for whoever is to verify it. */
import type { ListedAuditEntry } from '@toolfleet/contracts';
import type { AuditCheckpoint, AuditEntryBody, RecordedTraffic, SealedAs } from '@toolfleet/kernel';
import {
  checkpointLine,
  dayOf,
  entryLine,
  fleetAuditTenant,
  genesisHash,
  headerLine,
  missing,
} from '@toolfleet/kernel';
import type { AuditStore, StoredAuditEntry } from '@toolfleet/platform/postgres';
import type { AuditSigning } from './audit-signing.js';
import type { SubjectKeys } from './subject-keys.js';

export interface AuditPage {
  readonly tenant: string;
  /** 0: from the newest. */
  readonly beforeSeq: number;
  readonly limit: number;
  /** Empty: of all. */
  readonly sessionId: string;
}

/** Entries of one piece of an export, some 250 KB. */
const pageEntries = 500;
const dayMs = 86_400_000;

export class AuditLog {
  constructor(
    private readonly store: AuditStore,
    private readonly keys: Pick<SubjectKeys, 'open' | 'partKeys'>,
    private readonly signing: Pick<AuditSigning, 'signHead'>,
  ) {}

  /** Newest first. */
  async list({ tenant, beforeSeq, limit, sessionId }: AuditPage): Promise<ListedAuditEntry[]> {
    const entries = sessionId
      ? await this.store.ofSession(tenant, sessionId, beforeSeq, limit)
      : await this.store.newest(tenant, beforeSeq, limit);
    const bodies = entries.map(bodyOf);
    // Another session's keys may begin with the same bytes.
    const own = bodies.map(({ session }) => sessionId === '' || session === sessionId);
    const opened = await this.keys.open(tenant, bodies);
    return entries
      .map(({ seq, text }, at) => ({ seq, text, ...peopleOf(bodies[at]!, opened[at]!) }))
      .filter((_, at) => own[at]);
  }

  /**
   * The lines of a log, in pieces. It ends with the entry that was the newest when it was asked for, signed. `open`: with the
   * keys of what is sealed. Rejects with `missing` AUDIT_DELETED when what comes after `after` was deleted by retention.
   */
  async *export(tenant: string, after: number, open: boolean): AsyncGenerator<string> {
    const last = await this.signing.signHead(tenant);
    const beginning = await this.#beginning(tenant);
    if (after > 0 && after < (beginning?.seq ?? 0)) {
      throw missing('AUDIT_DELETED', `The entries up to ${beginning!.seq} were deleted by retention.`, {
        hint: 'Export from the beginning of what there is: leave out what to begin after.',
      });
    }
    const fromStart = after === 0;
    yield headerLine(tenant, after) + (fromStart && beginning ? checkpointLine(beginning) : '');
    let at = fromStart && beginning ? beginning.seq : after;
    let before = at === beginning?.seq ? beginning.hash : ((await this.store.hash(tenant, at)) ?? genesisHash);
    while (at < last) {
      // oxlint-disable-next-line no-await-in-loop -- a piece begins where the one before ends
      const entries = await this.store.entries(tenant, at, last, pageEntries);
      const end = entries.at(-1);
      if (!end) return;
      // oxlint-disable-next-line no-await-in-loop
      const [signed, keys] = await Promise.all([
        this.store.checkpoints(tenant, 'head', { after: at, upTo: end.seq, limit: pageEntries }),
        open ? this.keys.partKeys(tenant, entries.map(bodyOf)) : undefined,
      ]);
      yield linesOf(entries, before, { signed, keys });
      at = end.seq;
      before = end.hash;
    }
  }

  /** Of the last days, today among them; an empty tenant is all. */
  usage(tenant: string, days: number): Promise<RecordedTraffic> {
    const nowMs = Date.now();
    return this.store.traffic(tenant, dayOf(nowMs - (days - 1) * dayMs), nowMs);
  }

  async #beginning(tenant: string): Promise<AuditCheckpoint | undefined> {
    const range = { after: 0, upTo: Number.MAX_SAFE_INTEGER, limit: 1_000 };
    return (await this.store.checkpoints(tenant, 'truncated', range)).at(-1);
  }
}

function linesOf(
  entries: readonly StoredAuditEntry[],
  first: Uint8Array,
  more: { readonly signed: readonly AuditCheckpoint[]; readonly keys: readonly (Buffer | undefined)[][] | undefined },
): string {
  const signed = new Map(more.signed.map((checkpoint) => [checkpoint.seq, checkpoint]));
  let before = first;
  return entries
    .map(({ seq, hash, text }, at) => {
      const keys = more.keys?.[at]!.map((key) => key ?? Buffer.alloc(0));
      const line = entryLine(seq, before, hash, text, keys);
      before = hash;
      const checkpoint = signed.get(seq);
      return checkpoint ? line + checkpointLine(checkpoint) : line;
    })
    .join('');
}

function bodyOf({ text }: Pick<StoredAuditEntry, 'text'>) {
  const body = JSON.parse(text) as AuditEntryBody;
  return { ...body, sealed: body.sealed ?? [] };
}

function peopleOf(
  { sealed, args = '' }: AuditEntryBody & Required<Pick<AuditEntryBody, 'sealed'>>,
  opened: readonly (string | undefined)[],
): Omit<ListedAuditEntry, 'seq' | 'text'> {
  const of = (as: SealedAs) => opened[sealed.findIndex((part) => part.as === as)] ?? '';
  const subject = of('user');
  const acts = sealed.some(({ as }) => as === 'actor');
  return { actor: acts ? of('actor') : subject, subject, comment: of('comment'), argumentsDigest: args };
}

/** What belongs to no tenant is asked for by its own name. */
export const isAuditTenant = (name: string): boolean => name === fleetAuditTenant || /^[A-Za-z0-9]/.test(name);
