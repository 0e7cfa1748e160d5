/**
 * Takes applied sets: checks each together with all else, stores it, and publishes. What is refused changes nothing. Checked
 * and stored are the same catalogue: a set is stored only if no other has changed since the check, otherwise it is checked
 * again. Directories are not under that guard; a set that no longer fits to them is refused by the next pass, as a whole.
 */
import type {
  ManifestChange,
  ManifestProblem,
  SetChange,
  SetFile,
  SetFiles,
  SetOutcome,
  SetRevision,
} from '@toolfleet/contracts';
import type { AuditRecord, ToolSpec } from '@toolfleet/kernel';
import {
  auditRecordOf,
  Catalogue,
  chainOf,
  conflict,
  invalid,
  limits,
  missing,
  overloaded,
  toolVersionOf,
} from '@toolfleet/kernel';
import type { LiveCatalogue } from '@toolfleet/platform/bus';
import type { LoadedCatalogue, Problem } from '@toolfleet/platform/catalog';
import type { ManifestSetStore } from '@toolfleet/platform/postgres';
import { digestOfFiles } from '@toolfleet/platform/postgres';
import type { Logger } from '@toolfleet/platform/telemetry';
import type { CatalogueKeeper } from './catalogue-keeper.js';
import { changeFrom } from './catalogue-publisher.js';
import { manifestChanges } from './manifest-changes.js';
import type { AppliedSets, ManifestSets } from './manifest-sets.js';
import { filesOfSets } from './manifest-sets.js';
import { checkAuthor, checkSetFiles, checkSetName, problemFor, setOfFile } from './set-files.js';

export interface SetDeskParts {
  readonly store: ManifestSetStore;
  readonly sets: ManifestSets;
  readonly keeper: CatalogueKeeper;
  readonly live: LiveCatalogue;
  readonly audit: (record: AuditRecord) => Promise<void>;
  readonly log: Logger;
}

export interface JudgedFiles {
  readonly catalogue: Catalogue;
  readonly problems: readonly ManifestProblem[];
}

/** Each lost one means that another set was stored. */
const attemptsMax = 5;
/** With the longest reasons they are half of what a message may have. */
const problemsMax = 500;
/** Names of changed manifests in an entry of the audit; the set's history has them all. */
const changesTold = 20;
/** Each holds its files, 3 MiB at most, and takes seconds in a large catalogue. */
const waitingMax = 8;

export class SetDesk {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(private readonly parts: SetDeskParts) {}

  async apply(change: SetChange, files: readonly SetFile[]): Promise<SetOutcome> {
    checkSetName(change.set);
    checkAuthor(change);
    checkSetFiles(files);
    return this.#inTurn(() => this.#change(change, files, 0));
  }

  async rollback(change: SetChange, toRevision: number): Promise<SetOutcome> {
    checkSetName(change.set);
    checkAuthor(change);
    const files = await this.parts.store.files(change.set, toRevision);
    if (!files) {
      const kept = await this.parts.store.revisions(change.set, limits.setRevisionsKept);
      throw missing('SET_REVISION_UNKNOWN', `The set ${change.set} has no revision ${toRevision}.`, {
        alternatives: kept.slice(0, 20).map(({ revision }) => String(revision)),
      });
    }
    return this.#inTurn(() => this.#change(change, files, toRevision));
  }

  /** The catalogue that these files would make in place of the set's, or what is wrong with them. Nothing is stored. */
  async judge(set: string, files: readonly SetFile[]): Promise<JudgedFiles> {
    checkSetName(set);
    checkSetFiles(files);
    return this.#inTurn(async () => {
      const applied = await this.parts.sets.fresh();
      const result = await this.parts.keeper.judge(filesOfSets(applied, { set, files }));
      const catalogue = new Catalogue();
      if (!result.ok) return { catalogue, problems: refused(set, 0, result.problems).problems };
      for (const manifest of result.catalogue.manifests) catalogue.put(manifest);
      return { catalogue, problems: [] };
    });
  }

  /** The files of a set as it is now; revision 0: it was never applied. */
  async current(set: string): Promise<SetFiles> {
    checkSetName(set);
    const present = (await this.parts.sets.fresh()).sets.get(set);
    return { revision: present?.head.revision ?? 0, files: present?.files ?? [] };
  }

  revisions(set: string | undefined, limit: number): Promise<readonly SetRevision[]> {
    if (set !== undefined) checkSetName(set);
    return this.parts.store.revisions(set, limit);
  }

  /** Two changes of one process would only have each other checked twice. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= waitingMax)
      throw overloaded('SETS_BUSY', 'Other sets are being applied.', { retryAfterMs: 5_000 });
    this.#waiting += 1;
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result.finally(() => (this.#waiting -= 1));
  }

  async #change(change: SetChange, files: readonly SetFile[], restoredRevision: number): Promise<SetOutcome> {
    const { store, sets, keeper, live, log } = this.parts;
    const { set, dryRun, actor, reason } = change;
    // What comes back was known before it was changed, and going back must always be possible.
    const knownAs = (tool: ToolSpec, file: string) =>
      setOfFile(file) === set ? toolVersionOf(live.catalogue, tool.name, tool.version) : undefined;
    for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
      // oxlint-disable-next-line no-await-in-loop -- attempts follow one another
      const applied = await sets.fresh();
      const head = applied.sets.get(set)?.head;
      checkChange(change, applied, files);
      // oxlint-disable-next-line no-await-in-loop
      const result = await keeper.judge(
        filesOfSets(applied, { set, files }),
        restoredRevision > 0 ? undefined : knownAs,
      );
      const revision = head?.revision ?? 0;
      if (!result.ok) return refused(set, revision, result.problems);
      const would = acceptedBy(set, live, result.catalogue);
      const isSame = head?.digest === digestOfFiles(files);
      if (dryRun) return { ...would, revision, stored: false, live: false };
      // oxlint-disable-next-line no-await-in-loop
      if (isSame) return { ...would, revision, stored: false, live: await keeper.settle() };
      const added = { set, actor, reason, restoredRevision, atMs: Date.now(), content: files };
      // oxlint-disable-next-line no-await-in-loop
      const stored = await store.append(applied.version, added);
      if (!stored) continue;
      log.info({ set, revision: stored.revision, actor, reason, files: files.length }, 'manifest set applied');
      this.#audit(change, stored, would.changes);
      // oxlint-disable-next-line no-await-in-loop
      return { ...would, revision: stored.revision, stored: true, live: await keeper.settle() };
    }
    throw conflict('SETS_CONTENDED', 'Other sets are applied all the time.', { retryAfterMs: 1_000 });
  }

  #audit({ set, actor, reason }: SetChange, { revision, atMs }: SetRevision, changes: readonly ManifestChange[]): void {
    const signs = { added: '+', changed: '~', removed: '-' } as const;
    const what = changes.slice(0, changesTold).map(({ action, kind, name }) => `${signs[action]}${kind}/${name}`);
    const record = auditRecordOf({
      ...{ tenant: '', atMs, recordedBy: 'router', actor, action: 'CATALOG_CHANGED', comment: reason },
      outcome: [`${set}@${revision}`, ...what].join(' '),
      id: `catalog/${set}/${revision}`,
    });
    this.parts
      .audit(record)
      .catch((error: unknown) =>
        this.parts.log.warn({ causes: chainOf(error) }, 'a change of manifests is not audited'),
      );
  }
}

function checkChange({ set, ifRevision }: SetChange, { sets }: AppliedSets, files: readonly SetFile[]): void {
  const present = sets.get(set);
  const revision = present?.head.revision ?? 0;
  if (ifRevision !== undefined && ifRevision !== revision) {
    throw conflict('SET_REVISION_DIFFERS', `The set ${set} is at revision ${revision}, not ${ifRevision}.`, {
      hint: 'Look with `fleetctl catalog history` and `diff` at what came between.',
      details: { revision: String(revision) },
    });
  }
  if (files.length === 0 && !present) {
    const alternatives = [...sets.values()].filter(({ files }) => files.length > 0).map(({ head }) => head.set);
    throw missing('SET_UNKNOWN', `There is no applied set ${set}.`, { alternatives: alternatives.slice(0, 20) });
  }
  const others = [...sets.values()].filter(({ head, files }) => head.set !== set && files.length > 0);
  if (files.length > 0 && others.length >= limits.setsMax)
    throw invalid('TOO_MANY_SETS', `A fleet has at most ${limits.setsMax} applied sets.`);
  const bytes = others.reduce((sum, { head }) => sum + head.bytes, 0);
  if (bytes + files.reduce((sum, { content }) => sum + content.length, 0) > limits.setsBytesMax)
    throw invalid('SETS_TOO_LARGE', `Applied sets have at most ${limits.setsBytesMax} bytes together.`);
}

function refused(set: string, revision: number, problems: readonly Problem[]): SetOutcome {
  return {
    ...{ set, revision, stored: false, live: false, catalogueRevision: '', changes: [], changesTotal: 0 },
    problems: problems.slice(0, problemsMax).map((one) => problemFor(set, one)),
    problemsTotal: problems.length,
  };
}

function acceptedBy(set: string, live: LiveCatalogue, loaded: LoadedCatalogue) {
  const { changes, total } = manifestChanges(live.catalogue, changeFrom(live, loaded));
  const ofProblems = { problems: [], problemsTotal: 0 };
  return { set, ...ofProblems, changes, changesTotal: total, catalogueRevision: loaded.revision };
}
