/** A format turns a folder into a plan for the fleet, or into figures where no session is needed. */
import type { Folder } from '../folder.js';
import type { Figures, SessionPlan } from '../plan.js';

export type Reading =
  | { readonly type: 'sessions'; readonly plan: SessionPlan }
  /** A plan that needs something to be started first; its backing ends it. */
  | { readonly type: 'prepared'; readonly prepare: (signal: AbortSignal) => Promise<SessionPlan> }
  /** Measured in this process. */
  | { readonly type: 'direct'; readonly measure: () => Figures; readonly notes: readonly string[] }
  | { readonly type: 'skipped'; readonly reason: string };

export interface Format {
  readonly name: string;
  /** The files by which it is recognised, in words. */
  readonly looksFor: string;
  /** By files and the shape of their first row; never by the folder's name. */
  recognises(folder: Folder): boolean;
  /** Throws `invalid` with the file and row where the folder breaks its own format. `limit`: most sessions or queries. */
  read(folder: Folder, limit: number): Reading;
}

/** Ids of a folder's sessions: where two files use one id, the later one gets a number. */
export class Ids {
  readonly #counts = new Map<string, number>();

  take(id: string): string {
    const count = (this.#counts.get(id) ?? 0) + 1;
    this.#counts.set(id, count);
    return count === 1 ? id : this.take(`${id}#${count}`);
  }
}

/** At most `limit` rows, evenly from all of them: files are often sorted by kind. */
export function sampled<T>(rows: readonly T[], limit: number): T[] {
  if (rows.length <= limit) return [...rows];
  return Array.from({ length: limit }, (_, index) => rows[Math.floor((index * rows.length) / limit)]!);
}
