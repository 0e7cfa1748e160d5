/**
 * Keeps the catalogue on the bus equal to the files of directories and applied sets: reads them when they change, refuses
 * them whole when anything is wrong (the old catalogue stays), and publishes what differs. One pass runs at a time; whatever
 * happens during it causes one more.
 */
import type { FSWatcher } from 'node:fs';
import { watch } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { chainOf, faultOf, unreachable } from '@toolfleet/kernel';
import type { LiveCatalogue, Outlet } from '@toolfleet/platform/bus';
import type { FoundFile, LoadOptions, LoadResult, LoadedCatalogue, ManifestFile } from '@toolfleet/platform/catalog';
import {
  ManifestReader,
  findManifestFiles,
  loadCatalogue,
  readManifestFiles,
  textOfProblem,
} from '@toolfleet/platform/catalog';
import type { HealthReport, Logger } from '@toolfleet/platform/telemetry';
import { changeFrom, ownRecords, publish } from './catalogue-publisher.js';
import type { ManifestSets } from './manifest-sets.js';
import { filesOfSets } from './manifest-sets.js';
import { isSetFile } from './set-files.js';

export interface KeeperOptions extends LoadOptions {
  readonly directories: readonly string[];
  readonly sets: ManifestSets;
  readonly live: LiveCatalogue;
  readonly outlet: Outlet;
  /** Tools that the fleet archived, as of now. */
  readonly unused: { archived(): Promise<ReadonlySet<string>> };
  /** Told of each catalogue that is on the bus; what it fails in holds nothing up. */
  readonly onPublished?: (catalogue: LoadedCatalogue) => Promise<void>;
  readonly log: Logger;
  /** How often the files are looked at when no watch reports a change (network drives, swapped mounts). */
  readonly pollMs: number;
}

/** An editor or a copy writes several files in a row. */
const settleMs = 100;
/** Problems that a log line names; the count of all is beside them. */
const problemsLoggedMax = 100;
/** A record is back within milliseconds; a broker restart takes less than 10 s. */
const seenMsMax = 10_000;
const seenPollMs = 20;
/** A router that published an older state meanwhile hears of the newer one within a quarter of a second. */
const settledMsMax = 3_000;

export class CatalogueKeeper {
  readonly #stopped = new AbortController();
  readonly #reader = new ManifestReader();
  #watchers: FSWatcher[] = [];
  #wake: () => void = () => undefined;
  #forced = false;
  #marks = '';
  #loaded: LoadedCatalogue | undefined;
  #problems: readonly string[] = [];
  /** Read and not yet on the bus. */
  #pending = false;
  #published = false;
  /** Passes follow one another. */
  #last: Promise<void> = Promise.resolve();
  #loop: Promise<void> | undefined;

  constructor(private readonly options: KeeperOptions) {}

  /** Resolves after the first pass, whatever it found; from then on changes are followed. */
  async start(): Promise<void> {
    await this.#pass();
    for (const directory of this.options.directories) this.#watch(directory);
    this.options.sets.follow(() => this.#wake());
    this.#loop = this.#follow();
  }

  /** Reads the files again even if nothing seems to have changed. */
  reload(): void {
    this.#forced = true;
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    for (const watcher of this.#watchers) watcher.close();
    await this.options.sets.stop();
    await this.#loop;
  }

  /** What would be loaded with the directories as they are now and these files in place of those of applied sets. */
  async judge(files: readonly ManifestFile[], knownAs?: LoadOptions['knownAs']): Promise<LoadResult> {
    return this.#load(await findManifestFiles(this.options.directories), files, knownAs);
  }

  /** Reads what there is now and publishes it; whether all of it is live then. Another router may be about to undo its own. */
  async settle(): Promise<boolean> {
    await this.#pass();
    if (!this.#pending && this.#problems.length === 0) await this.#until(() => this.#isLive, settledMsMax);
    return this.#isLive;
  }

  /** Of the files as they are now; empty when they were accepted. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  get revision(): string {
    return this.#loaded?.revision ?? '';
  }

  /** A refused catalogue leaves the service ready as long as an older one is there to work with. */
  health(): HealthReport {
    const some = this.options.live.catalogue.all('Tenant').length > 0;
    const ready = this.#published || (this.#loaded === undefined && some);
    const reason = this.#problems.length > 0 ? `the catalogue is refused: ${this.#problems.length} problems` : '';
    return { ready, live: true, reason: reason || (ready ? '' : 'the catalogue is not published yet') };
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      const tick = new AbortController();
      // oxlint-disable-next-line no-await-in-loop -- passes follow one another
      await Promise.race([woken, pause(this.options.pollMs, AbortSignal.any([signal, tick.signal]))]);
      tick.abort();
      // oxlint-disable-next-line no-await-in-loop
      await pause(settleMs, signal);
      // oxlint-disable-next-line no-await-in-loop
      if (!signal.aborted) await this.#pass();
    }
  }

  #pass(): Promise<void> {
    this.#last = this.#last.then(() => this.#passOnce());
    return this.#last;
  }

  async #passOnce(): Promise<void> {
    try {
      await this.#read();
      await this.#publish();
    } catch (error) {
      const fault = faultOf(error);
      if (fault.reason === 'CATALOG_UNREADABLE') return this.#refuse([fault.message]);
      this.options.log.error({ err: fault }, 'the catalogue could not be published; it is tried again');
    }
  }

  async #read(): Promise<void> {
    const { directories, sets } = this.options;
    const found = await findManifestFiles(directories);
    const applied = await sets.current();
    const archived = await this.options.unused.archived();
    const marks = marksOf(found, applied.version, archived);
    if (marks === this.#marks && !this.#forced) return;
    this.#forced = false;
    const files = filesOfSets(applied);
    const result = await this.#load(found, files);
    // Only now: files that vanished while they were read are looked at again.
    this.#marks = marks;
    if (!result.ok) return this.#refuse(result.problems.map(textOfProblem));
    this.#problems = [];
    this.#loaded = result.catalogue;
    this.#pending = true;
    const { revision, manifests } = result.catalogue;
    this.options.log.info(
      { revision, manifests: manifests.length, files: found.length + files.length },
      'catalogue read',
    );
    if (!manifests.some(({ kind }) => kind === 'Policy')) {
      this.options.log.warn('the catalogue has no Policy: every tool call will be denied');
    }
  }

  /** Directories without a manifest are refused, whatever is applied: an empty mount must not take their manifests away. */
  async #load(
    found: readonly FoundFile[],
    ofSets: readonly ManifestFile[],
    knownAs?: LoadOptions['knownAs'],
  ): Promise<LoadResult> {
    const files = [...(await readManifestFiles(found)), ...ofSets];
    const archived = await this.options.unused.archived();
    const result = loadCatalogue(files, { ...this.options, knownAs, archived, reader: this.#reader });
    if (!result.ok || [...result.catalogue.files.values()].some((path) => !isSetFile(path))) return result;
    return { ok: false, problems: [{ file: '', line: 0, reason: 'the catalogue directories hold no manifest' }] };
  }

  #refuse(problems: readonly string[]): void {
    if (problems.join('\n') === this.#problems.join('\n')) return;
    this.#problems = problems;
    this.options.log.error(
      { count: problems.length, problems: problems.slice(0, problemsLoggedMax) },
      'catalogue refused; the one before stays',
    );
  }

  /** Only what these files changed: two routers whose files differ for a while must not overwrite each other in turns. */
  async #publish(): Promise<void> {
    const { live, outlet, log } = this.options;
    const loaded = this.#loaded;
    if (!loaded || !this.#pending) return;
    const change = changeFrom(live, loaded);
    const [put, removed] = [change.put.length, change.remove.length];
    if (put + removed > 0) {
      const seen = ownRecords(live, change, loaded);
      try {
        await publish(outlet, change, loaded);
        await this.#until(() => seen.left() === 0, seenMsMax);
        if (seen.left() > 0 && !this.#stopped.signal.aborted)
          throw unreachable('CATALOG_UNSEEN', 'What was published does not come back.');
      } finally {
        seen.stop();
      }
      log.info({ revision: loaded.revision, put, removed }, 'catalogue published');
    }
    this.#pending = false;
    this.#published = true;
    await this.options
      .onPublished?.(loaded)
      .catch((error: unknown) => log.warn({ causes: chainOf(error) }, 'the age of tools could not be kept'));
  }

  get #isLive(): boolean {
    if (!this.#loaded || this.#pending || this.#problems.length > 0) return false;
    const { put, remove } = changeFrom(this.options.live, this.#loaded);
    return put.length + remove.length === 0;
  }

  async #until(isSo: () => boolean, withinMs: number): Promise<void> {
    const deadlineAtMs = Date.now() + withinMs;
    while (!isSo() && Date.now() < deadlineAtMs && !this.#stopped.signal.aborted) {
      // oxlint-disable-next-line no-await-in-loop -- a bounded wait
      await pause(seenPollMs, this.#stopped.signal);
    }
  }

  #watch(directory: string): void {
    try {
      const watcher = watch(directory, { recursive: true, persistent: false }, () => this.#wake());
      watcher.on('error', () => watcher.close());
      this.#watchers.push(watcher);
    } catch {
      // Not every file system can be watched; the poll finds changes there.
    }
  }
}

const marksOf = (found: readonly FoundFile[], setsVersion: number, archived: ReadonlySet<string>) =>
  [...found.map(({ path, mark }) => `${path} ${mark}`), `sets ${setsVersion}`, ...[...archived].toSorted()].join('\n');

const pause = (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }).catch(() => undefined);
