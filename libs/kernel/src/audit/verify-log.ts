/**
 * Reads an exported log line by line and tells whether it is whole: numbers without a gap, each entry as it was hashed and
 * behind the one that it names, each checkpoint signed by a key that the reader trusts. What stands behind the last
 * checkpoint is chained but not vouched for: whoever can write the file could have written it anew.
 */
import type { KeyObject } from 'node:crypto';
import { entryHashOf, genesisHash } from './chain.js';
import type { AuditCheckpoint } from './checkpoint.js';
import { auditPublicKey, isSigned, publicKeyIdOf } from './checkpoint.js';
import type { AuditEntryBody } from './entry.js';
import type { LogLine } from './log-lines.js';
import { readLogLine } from './log-lines.js';
import { openSealed } from './seal.js';

type EntryLine = Extract<LogLine, { type: 'entry' }>;

export interface LogProblem {
  /** From 1. */
  readonly line: number;
  /** A sentence. */
  readonly problem: string;
}

export interface LogReport {
  readonly tenant: string;
  /** 0: there is none. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly entries: number;
  readonly checkpoints: number;
  /** Everything up to here is signed; 0: nothing. */
  readonly signedSeq: number;
  readonly signedAtMs: number;
  /** Entries behind the last checkpoint. */
  readonly unsignedTail: number;
  readonly problems: readonly LogProblem[];
  readonly problemsTotal: number;
  readonly ok: boolean;
}

/** Whoever mends a file wants the first; the rest mostly follows from it. */
const problemsKept = 20;

export class AuditLogVerifier {
  readonly #keys: ReadonlyMap<string, KeyObject>;
  readonly #after: number | undefined;
  readonly #problems: LogProblem[] = [];
  #problemsTotal = 0;
  #line = 0;
  #tenant: string | undefined;
  #firstSeq = 0;
  /** Of the last entry, or of where the log begins. */
  #seq = 0;
  #hash: Uint8Array | undefined = genesisHash;
  #entries = 0;
  #checkpoints = 0;
  #signedSeq = 0;
  #signedAtMs = 0;

  /** `after`: the reader knows that the log begins behind this entry, because an earlier file ends there. */
  constructor(publicKeys: readonly Uint8Array[], { after }: { readonly after?: number | undefined } = {}) {
    this.#keys = new Map(publicKeys.map((key) => [publicKeyIdOf(key), auditPublicKey(key)]));
    this.#after = after;
  }

  /** One line, without its line feed. */
  line(bytes: Buffer): void {
    this.#line += 1;
    const line = readLogLine(bytes);
    if (line === undefined) return this.#found('This is no line of an audit log, or it was changed.');
    if (line.type === 'header') return this.#header(line);
    if (this.#tenant === undefined) return this.#found('The log has no header before this line.');
    if (line.type === 'entry') this.#entry(line, this.#tenant);
    else this.#checkpoint(line.checkpoint, this.#tenant);
  }

  /** `cut`: the last line has no end. */
  end({ cut = false }: { readonly cut?: boolean } = {}): LogReport {
    if (cut) this.#found('The last line is cut off.');
    if (this.#tenant === undefined) this.#found('The log has no header.');
    if (this.#entries > 0 && this.#signedSeq === 0) this.#found('Nothing of the log is signed.');
    return {
      tenant: this.#tenant ?? '',
      firstSeq: this.#firstSeq,
      lastSeq: this.#entries > 0 ? this.#seq : 0,
      entries: this.#entries,
      checkpoints: this.#checkpoints,
      signedSeq: this.#signedSeq,
      signedAtMs: this.#signedAtMs,
      unsignedTail: this.#entries === 0 ? 0 : Math.min(this.#entries, Math.max(0, this.#seq - this.#signedSeq)),
      problems: this.#problems,
      problemsTotal: this.#problemsTotal,
      ok: this.#problemsTotal === 0,
    };
  }

  #header({ tenant, after }: Extract<LogLine, { type: 'header' }>): void {
    if (this.#line > 1) return this.#found('A second header.');
    this.#tenant = tenant;
    this.#seq = after;
    // What the first entry names as the one before it cannot be looked at here; the next checkpoint vouches for it.
    if (after > 0) this.#hash = undefined;
    if (after > 0 && after !== this.#after) {
      this.#found(`The log begins behind entry ${after}: what came before is not in it.`);
    }
  }

  #entry(line: EntryLine, tenant: string): void {
    const { seq, before, hash, text } = line;
    const expected = this.#seq + 1;
    if (seq > expected) this.#found(`${missingOf(expected, seq - 1)} missing before entry ${seq}.`);
    else if (seq < expected) this.#found(`Entry ${seq} stands behind entry ${this.#seq}.`);
    else if (this.#hash !== undefined && !before.equals(this.#hash)) {
      this.#found(`Entry ${seq} does not follow from the one before it.`);
    }
    if (!hash.equals(entryHashOf(tenant, seq, before, text))) this.#found(`Entry ${seq} was changed.`);
    else if (!opens(line)) this.#found(`The keys of entry ${seq} do not open it.`);
    if (this.#entries === 0) this.#firstSeq = seq;
    this.#entries += 1;
    this.#seq = seq;
    this.#hash = hash;
  }

  #checkpoint(checkpoint: AuditCheckpoint, tenant: string): void {
    const { kind, seq, hash, keyId, atMs } = checkpoint;
    const key = this.#keys.get(keyId);
    if (key === undefined) return this.#found(`The checkpoint at ${seq} is signed by another key, ${keyId}.`);
    if (!isSigned(tenant, checkpoint, key)) return this.#found(`The checkpoint at ${seq} was changed.`);
    this.#checkpoints += 1;
    if (kind === 'truncated') {
      // What was deleted is vouched for by its hash, and that it was to be deleted by the signature.
      if (this.#line !== 2 || this.#seq !== 0) return this.#found(`A beginning at ${seq} stands within the log.`);
      this.#seq = seq;
      this.#hash = hash;
      return undefined;
    }
    if (seq !== this.#seq || this.#hash === undefined || Buffer.compare(hash, this.#hash) !== 0) {
      return this.#found(`The checkpoint at ${seq} signs another entry than the one before it.`);
    }
    this.#signedSeq = seq;
    this.#signedAtMs = atMs;
    return undefined;
  }

  #found(problem: string): void {
    this.#problemsTotal += 1;
    if (this.#problems.length < problemsKept) this.#problems.push({ line: this.#line, problem });
  }
}

const missingOf = (first: number, last: number): string =>
  first === last ? `Entry ${first} is` : `Entries ${first} to ${last} are`;

/** A key that is empty belongs to a person who was erased. */
function opens({ keys, text }: EntryLine): boolean {
  if (keys === undefined) return true;
  const { sealed = [] } = JSON.parse(text.toString('utf8')) as AuditEntryBody;
  if (keys.length !== sealed.length) return false;
  return keys.every((key, at) => key.byteLength === 0 || openSealed(sealed[at]!, key) !== undefined);
}
