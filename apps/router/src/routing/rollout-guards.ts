/**
 * Takes a version back that fails too often or takes too long. What is counted since a rollout began, and whether it was taken
 * back, is in the database, so every router comes to the same verdict, it outlasts them all, and it stays until the manifest
 * changes. Nobody is given a guarded version before its beginning is written down: what is not watched is not tried.
 */
import type { AuditRecord, Catalogue, GuardBreach, RolloutFigures, RolloutSpec } from '@toolfleet/kernel';
import { auditRecordOf, chainOf, digestOf, guardBreach, percentAt, rolloutFigures } from '@toolfleet/kernel';
import { endsWithin, waitFor } from '@toolfleet/platform';
import type { LiveCatalogue } from '@toolfleet/platform/bus';
import type { RolloutWatchStore, WatchedRollout } from '@toolfleet/platform/postgres';
import type { Logger } from '@toolfleet/platform/telemetry';

export interface RolloutGuardsOptions {
  readonly live: Pick<LiveCatalogue, 'catalogue' | 'onRecord'>;
  readonly store: RolloutWatchStore;
  readonly audit: (record: AuditRecord) => Promise<void>;
  readonly log: Logger;
  readonly everyMs?: number;
}

/** The roll-up follows calls within seconds; a question of a few rows for each rollout. */
const everyMsDefault = 5_000;
/** Sessions are routed after that, without those versions whose verdicts are not known yet. */
const firstLookMs = 5_000;
/** As long as daily figures are kept: what is older cannot be compared with anything. */
const watchKeptMs = 400 * 86_400_000;

export interface RolloutState {
  readonly name: string;
  /** Of sessions that begin, of whom it is meant for. */
  readonly percent: number;
  readonly takenBack: boolean;
  /** Absent: it has not begun, or nobody has counted yet. */
  readonly figures?: RolloutFigures | undefined;
}

interface Watched {
  readonly takenBack: boolean;
  readonly figures: RolloutFigures;
}

export class RolloutGuards {
  readonly #catalogue: Catalogue;
  readonly #watched = new Map<RolloutSpec, Watched>();
  readonly #stopped = new AbortController();
  #woken = Promise.withResolvers<void>();
  #loop: Promise<void> | undefined;
  #stopListening: (() => void) | undefined;

  constructor(private readonly options: RolloutGuardsOptions) {
    this.#catalogue = options.live.catalogue;
  }

  /** Resolves when the verdicts of all that is live are known, or cannot be had for now. */
  async start(): Promise<void> {
    this.#stopListening = this.options.live.onRecord((key) => {
      if (key.startsWith('Rollout/')) this.#woken.resolve();
    });
    const first = this.#lookSafely().then(() => this.#forget());
    await endsWithin(first, firstLookMs);
    this.#loop = first.then(() => this.#follow());
  }

  async stop(): Promise<void> {
    this.#stopListening?.();
    this.#stopped.abort();
    await this.#loop;
  }

  /** Whether no session is given what the rollout is about. */
  isHeldBack(name: string): boolean {
    const rollout = this.#catalogue.get('Rollout', name);
    if (!rollout) return true;
    const watched = this.#watched.get(rollout);
    return watched ? watched.takenBack : rollout.guard !== undefined;
  }

  states(nowMs: number): RolloutState[] {
    return this.#catalogue.all('Rollout').map((rollout) => {
      const watched = this.#watched.get(rollout);
      const percent = this.isHeldBack(rollout.name) ? 0 : percentAt(rollout, nowMs);
      return { name: rollout.name, percent, takenBack: watched?.takenBack ?? false, figures: watched?.figures };
    });
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stopped;
    const { everyMs = everyMsDefault } = this.options;
    while (!signal.aborted) {
      // oxlint-disable-next-line no-await-in-loop -- one look after another
      await waitFor(this.#woken.promise, { withinMs: everyMs, signal }).catch(() => undefined);
      if (signal.aborted) return;
      this.#woken = Promise.withResolvers();
      // oxlint-disable-next-line no-await-in-loop
      await this.#lookSafely();
    }
  }

  async #lookSafely(): Promise<void> {
    await this.#look().catch((error: unknown) =>
      this.options.log.warn({ causes: chainOf(error) }, 'rollouts are not guarded now'),
    );
  }

  async #look(): Promise<void> {
    const present = this.#catalogue.all('Rollout');
    const nowMs = Date.now();
    for (const known of this.#watched.keys()) if (!present.includes(known)) this.#watched.delete(known);
    for (const rollout of present) {
      if (nowMs < rollout.startsAtMs) continue;
      // oxlint-disable-next-line no-await-in-loop -- there are few, and nobody waits
      await this.#lookAt(rollout, nowMs);
    }
  }

  async #lookAt(rollout: RolloutSpec, nowMs: number): Promise<void> {
    const current = this.#catalogue.get('Tool', rollout.tool)?.version;
    if (current === undefined || current === rollout.version) return;
    const of = watchedOf(rollout);
    const watch = await this.options.store.look(of, nowMs);
    if (!watch) return this.#woken.resolve();
    const figures = rolloutFigures(rollout.version, current, watch);
    const breach = watch.takenBack?.because ?? guardBreach(rollout, figures);
    const wasTakenBack = this.#watched.get(rollout)?.takenBack ?? false;
    this.#watched.set(rollout, { figures, takenBack: breach !== undefined });
    if (breach === undefined || wasTakenBack) return;
    this.#tell(rollout, breach, figures);
    if (!watch.takenBack && (await this.options.store.takeBack(of, breach, nowMs))) {
      this.#audit(rollout, breach, { current, atMs: nowMs });
    }
  }

  #tell({ name, tool, version }: RolloutSpec, because: GuardBreach, figures: RolloutFigures): void {
    this.options.log.error({ rollout: name, tool, version, because, ...figures }, 'rollout is taken back');
  }

  #audit(rollout: RolloutSpec, breach: GuardBreach, { current, atMs }: { current: string; atMs: number }): void {
    const { name, tool, version } = rollout;
    const { audit, log } = this.options;
    const why = { errors: 'fails too often', latency: 'takes too long' } as const;
    const record = auditRecordOf({
      ...{ tenant: '', atMs, recordedBy: 'router', actor: 'router', action: 'ROLLOUT_TAKEN_BACK' },
      ...{ tool, toolVersion: version, outcome: `back to ${current}`, comment: `rollout ${name} ${why[breach]}` },
      id: `rollout/${name}/${watchedOf(rollout).digest}/taken-back`,
    });
    audit(record).catch((error: unknown) =>
      log.warn({ causes: chainOf(error) }, 'a taken-back rollout is not audited'),
    );
  }

  async #forget(): Promise<void> {
    const names = this.#catalogue.all('Rollout').map(({ name }) => name);
    await this.options.store
      .forget(names, Date.now() - watchKeptMs)
      .catch((error: unknown) => this.options.log.warn({ causes: chainOf(error) }, 'old rollouts are not forgotten'));
  }
}

const digestBytes = 16;

const watchedOf = (rollout: RolloutSpec): WatchedRollout => ({
  ...{ name: rollout.name, tool: rollout.tool },
  digest: Buffer.from(digestOf(JSON.stringify(rollout)).subarray(0, digestBytes)).toString('hex'),
});
