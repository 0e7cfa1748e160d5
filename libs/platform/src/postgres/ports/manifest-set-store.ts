/** Where applied sets of manifests are kept: what each set is now, and what it was. */
import type { SetFile, SetRevision } from '@toolfleet/contracts';

export interface SetHeads {
  /** Grows with every change of any set. */
  readonly version: number;
  /** The newest revision of each set, by name; one without files is a set that was removed. */
  readonly heads: readonly SetRevision[];
}

export type NewSetRevision = Pick<SetRevision, 'set' | 'atMs' | 'actor' | 'reason' | 'restoredRevision'> & {
  readonly content: readonly SetFile[];
};

export interface ManifestSetStore {
  /** One attempt, so that who asks often hears soon that nobody answers. */
  version(): Promise<number>;
  /** The heads are at least as new as the version says. */
  heads(): Promise<SetHeads>;
  /** Undefined when it is not kept. */
  files(set: string, revision: number): Promise<readonly SetFile[] | undefined>;
  /**
   * Adds a revision if no set has changed since `version`; otherwise undefined, and nothing has happened. One attempt: when the
   * database goes away, the revision may be there.
   */
  append(version: number, revision: NewSetRevision): Promise<SetRevision | undefined>;
  /** Newest first; of all sets where none is named. */
  revisions(set: string | undefined, limit: number): Promise<readonly SetRevision[]>;
}
