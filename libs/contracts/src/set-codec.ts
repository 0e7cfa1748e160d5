/** Applied sets between their types and their bytes: what is asked of the router, and what it answers. */
import type { ManifestKind } from '@toolfleet/kernel';
import { WireEnum, wireType } from './wire.js';

export type ManifestAction = 'added' | 'changed' | 'removed';

export const manifestActionWords = new WireEnum<ManifestAction>('toolfleet.catalog.v1.ManifestAction', [
  'added',
  'changed',
  'removed',
]);

export interface FieldChange {
  /** `http.path`, `rules[2].when` */
  readonly path: string;
  /** JSON text, shortened; empty where the field is absent. */
  readonly before: string;
  readonly after: string;
}

export interface ManifestChange {
  readonly kind: ManifestKind;
  readonly name: string;
  readonly action: ManifestAction;
  readonly fields: readonly FieldChange[];
}

export interface ManifestProblem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly reason: string;
}

export interface SetOutcome {
  readonly set: string;
  /** That the set is at now; 0: it was never applied. */
  readonly revision: number;
  /** Whether this call made that revision. */
  readonly stored: boolean;
  /** Whether all of the catalogue is on the topic. */
  readonly live: boolean;
  /** Of the whole catalogue; empty when it is refused. */
  readonly catalogueRevision: string;
  readonly problems: readonly ManifestProblem[];
  readonly problemsTotal: number;
  readonly changes: readonly ManifestChange[];
  readonly changesTotal: number;
}

export interface SetRevision {
  readonly set: string;
  /** From 1. */
  readonly revision: number;
  readonly atMs: number;
  readonly actor: string;
  readonly reason: string;
  /** Of the files: equal files have an equal digest. */
  readonly digest: string;
  readonly files: number;
  readonly bytes: number;
  /** The older one that it brought back; 0: none. */
  readonly restoredRevision: number;
}

/** A manifest, or a descriptor set that one names. */
export interface SetFile {
  /** Relative, with forward slashes. */
  readonly path: string;
  readonly content: Uint8Array;
}

export interface SetChange {
  readonly set: string;
  readonly actor: string;
  readonly reason: string;
  readonly dryRun: boolean;
  /** The revision that the set must be at; 0: none. Absent: any. */
  readonly ifRevision?: number | undefined;
}

const applyType = wireType('toolfleet.catalog.v1.ApplySetRequest');
const rollbackType = wireType('toolfleet.catalog.v1.RollbackSetRequest');
const listType = wireType('toolfleet.catalog.v1.ListSetRevisionsRequest');
/** The answer to a rollback has the same form. */
const outcomeType = wireType('toolfleet.catalog.v1.ApplySetResponse');
const revisionsType = wireType('toolfleet.catalog.v1.ListSetRevisionsResponse');

export const encodeApplySet = (change: SetChange, files: readonly SetFile[]) => applyType.encode({ ...change, files });
export const encodeRollbackSet = (change: SetChange, toRevision: number) =>
  rollbackType.encode({ ...change, toRevision });
export const encodeListSetRevisions = (set: string, limit: number) => listType.encode({ set, limit });

export function decodeSetOutcome(bytes: Uint8Array): SetOutcome {
  const { outcome } = outcomeType.decode(bytes) as {
    outcome: SetOutcome & { changes: (ManifestChange & { action: unknown })[] };
  };
  const { set, revision, stored, live, catalogueRevision, problemsTotal, changesTotal } = outcome;
  return {
    ...{ set, revision, stored, live, catalogueRevision, problemsTotal, changesTotal },
    problems: outcome.problems.map(({ file, line, reason }) => ({ file, line, reason })),
    changes: outcome.changes.map(({ kind, name, action, fields }) => ({
      ...{ kind, name, action: manifestActionWords.word(action) },
      fields: fields.map(({ path, before, after }) => ({ path, before, after })),
    })),
  };
}

export function decodeSetRevisions(bytes: Uint8Array): SetRevision[] {
  const { revisions } = revisionsType.decode(bytes) as never as { revisions: readonly SetRevision[] };
  return revisions.map(({ set, revision, atMs, actor, reason, digest, files, bytes, restoredRevision }) => {
    return { set, revision, atMs, actor, reason, digest, files, bytes, restoredRevision };
  });
}
