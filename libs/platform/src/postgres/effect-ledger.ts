/**
 * The effect ledger in Postgres. Begins and settles of many calls ride in one statement each, like session commits. A claim,
 * minted by every begin and take-over, tells a statement repeated after a lost connection from another caller's.
 */
import { randomUUID } from 'node:crypto';
import { broken, invalid } from '@toolfleet/kernel';
import { Batcher } from '../batcher.js';
import { databaseUnreachable } from './database-fault.js';
import * as sql from './effect-sql.js';
import { writeGroup } from './group-write.js';
import type { Database } from './pool.js';
import type {
  EffectBegun,
  EffectEntry,
  EffectKey,
  EffectLedger,
  EffectOutcome,
  EffectOwner,
} from './ports/effect-ledger.js';
import { checkId, checkInteger, checkText } from './stored-text.js';

export interface EffectLedgerOptions {
  /** A caller is told DATABASE_UNREACHABLE after this, wherever its entry is then. */
  readonly answerWithinMs?: number;
  readonly observationBytesMax?: number;
}

const groupItemsMax = 256;
const groupBytesMax = 4 * 2 ** 20;
const waitingBytesMax = 64 * 2 ** 20;
/** An entry's share of a statement beside its observation. */
const entryBytes = 400;
const epochMax = 2n ** 63n - 1n;

/** `released`: what kept it from beginning is gone. */
type Begun = EffectBegun | { readonly state: 'released' };
type Timed<T> = T & { readonly deadlineAtMs: number };

export class PostgresEffectLedger implements EffectLedger {
  readonly #database: Database;
  readonly #answerWithinMs: number;
  readonly #observationBytesMax: number;
  readonly #begins: Batcher<Timed<sql.ClaimedEntry>, Begun>;
  readonly #settles: Batcher<Timed<sql.SettledEntry>, boolean>;

  constructor(database: Database, options: EffectLedgerOptions = {}) {
    this.#database = database;
    this.#answerWithinMs = options.answerWithinMs ?? 15_000;
    this.#observationBytesMax = options.observationBytesMax ?? 2 ** 20;
    const bounds = {
      itemsMax: groupItemsMax,
      weightMax: groupBytesMax,
      waitingMax: waitingBytesMax,
      deadlineAtMsOf: ({ deadlineAtMs }: { deadlineAtMs: number }) => deadlineAtMs,
      onDeadline: () => databaseUnreachable(),
    };
    this.#begins = new Batcher<Timed<sql.ClaimedEntry>, Begun>({
      ...bounds,
      weightOf: () => entryBytes,
      flush: (entries) => writeGroup(entries, (group) => this.#beginGroup(group)),
    });
    this.#settles = new Batcher<Timed<sql.SettledEntry>, boolean>({
      ...bounds,
      weightOf: ({ observation }) => entryBytes + observation.byteLength,
      flush: (entries) => writeGroup(entries, (group) => this.#settleGroup(group)),
    });
  }

  async begin(entry: EffectEntry): Promise<EffectBegun> {
    checkKey(entry);
    checkOwner(entry);
    checkText('tool', entry.tool);
    checkText('argumentsDigest', entry.argumentsDigest);
    if (entry.holds) {
      checkText('holds', entry.holds.key);
      checkInteger('holdsUntilMs', entry.holds.untilMs, 53);
    }
    const deadlineAtMs = Date.now() + this.#answerWithinMs;
    for (;;) {
      const timed = { ...entry, claim: randomUUID(), sinceMs: Date.now(), deadlineAtMs };
      // oxlint-disable-next-line no-await-in-loop -- what it holds was let go of meanwhile
      const begun = await this.#begins.add(timed);
      if (begun.state !== 'released') return begun;
    }
  }

  async settle(held: EffectKey & EffectOwner, outcome: EffectOutcome, observation: Uint8Array): Promise<boolean> {
    checkKey(held);
    checkOwner(held);
    if (observation.byteLength > this.#observationBytesMax) {
      throw invalid('OBSERVATION_TOO_LARGE', 'An observation is too large for the ledger; keep it as an artifact.', {
        details: { bytes: String(observation.byteLength), bytesMax: String(this.#observationBytesMax) },
      });
    }
    const settledAtMs = Date.now();
    const deadlineAtMs = settledAtMs + this.#answerWithinMs;
    return this.#settles.add({ ...held, outcome, observation, settledAtMs, deadlineAtMs });
  }

  async takeOver(key: EffectKey, from: EffectOwner, to: EffectOwner): Promise<boolean> {
    checkKey(key);
    checkOwner(from);
    checkOwner(to);
    if (to.epoch <= from.epoch) {
      return false;
    }
    const claim = randomUUID();
    const values = [
      ...[key.tenant, key.sessionId, key.callId, from.ownerId, from.epoch.toString()],
      ...[to.ownerId, to.epoch.toString(), claim, Date.now()],
    ];
    return this.#database.repeat(async () => {
      const taken = await this.#database.query(sql.takeOverStatement, values);
      return taken.length > 0 || (await this.#find(key))?.claim === claim;
    });
  }

  /** Resolves when every begin and settle taken so far has ended. */
  async drained(): Promise<void> {
    await Promise.all([this.#begins.idle(), this.#settles.idle()]);
  }

  async #beginGroup(entries: readonly sql.ClaimedEntry[]): Promise<PromiseSettledResult<Begun>[]> {
    const values = sql.beginValuesOf(entries);
    const rows = await this.#database.repeat(() => this.#database.query(sql.beginStatement, values));
    const reserved = new Set(rows.map((row) => row['claim'] as string));
    return Promise.allSettled(
      entries.map((entry) => (reserved.has(entry.claim) ? { state: 'reserved' as const } : this.#explainBegin(entry))),
    );
  }

  async #explainBegin(entry: sql.ClaimedEntry): Promise<Begun> {
    const found = await this.#find(entry);
    if (found === undefined) {
      if (entry.holds) return this.#holderOf(entry.holds.key);
      throw broken('EFFECT_VANISHED', 'An entry of the effect ledger was removed while it was read.');
    }
    if (found.tool !== entry.tool || found.argumentsDigest !== entry.argumentsDigest) {
      throw invalid('EFFECT_ARGUMENTS_DIFFER', 'This call id was used for another tool or other arguments.', {
        details: { callId: entry.callId },
      });
    }
    if (found.observation !== null && found.state !== 'executing') {
      return { state: 'settled', outcome: found.state, observation: found.observation };
    }
    // Made by this begin, in a run of the statement whose answer was lost.
    if (found.claim === entry.claim) {
      return { state: 'reserved' };
    }
    return { state: 'executing', ownerId: found.ownerId, epoch: found.epoch, sinceMs: found.sinceMs };
  }

  async #holderOf(key: string): Promise<Begun> {
    const [row] = await this.#database.read(sql.holderStatement, [key]);
    if (row === undefined) return { state: 'released' };
    const [sinceMs, untilMs] = [row['since_ms'] as number, row['holds_until_ms'] as number];
    const now = Date.now();
    if (untilMs >= now) return { state: 'held', sinceMs, untilMs };
    await this.#database.repeat(() => this.#database.query(sql.releaseStatement, [key, now]));
    return { state: 'released' };
  }

  async #settleGroup(entries: readonly sql.SettledEntry[]): Promise<PromiseSettledResult<boolean>[]> {
    const values = sql.settleValuesOf(entries);
    const rows = await this.#database.repeat(() => this.#database.query(sql.settleStatement, values));
    const settled = new Set(rows.map((row) => row['ordinal'] as number));
    return Promise.allSettled(entries.map((entry, at) => settled.has(at + 1) || this.#isSettledSo(entry)));
  }

  async #isSettledSo(entry: sql.SettledEntry): Promise<boolean> {
    const found = await this.#find(entry);
    return (
      found !== undefined &&
      found.state === entry.outcome &&
      found.ownerId === entry.ownerId &&
      found.epoch === entry.epoch &&
      found.observation !== null &&
      Buffer.compare(found.observation, entry.observation) === 0
    );
  }

  async #find(key: EffectKey): Promise<sql.FoundEntry | undefined> {
    const [row] = await this.#database.read(sql.findStatement, [key.tenant, key.sessionId, key.callId]);
    return row === undefined ? undefined : sql.foundOf(row);
  }
}

function checkKey(key: EffectKey): void {
  checkId('tenant', key.tenant);
  checkId('sessionId', key.sessionId);
  checkId('callId', key.callId);
}

function checkOwner(owner: EffectOwner): void {
  checkId('ownerId', owner.ownerId);
  if (owner.epoch < 0n || owner.epoch > epochMax) {
    throw invalid('NUMBER_INVALID', 'An epoch must fit into 63 bits.', { details: { field: 'epoch' } });
  }
}
