/** What an evaluation found, folder by folder: as a table for people, whole as JSON. */
import colors from 'picocolors';
import type { Mismatch, Tally } from './call-verdict.js';
import type { Figures } from './plan.js';
import type { UnusableTool } from './staging.js';

export interface FolderReport {
  readonly folder: string;
  readonly path: string;
  /** Absent when it has none that is known. */
  readonly format?: string;
  readonly status: 'scored' | 'skipped' | 'failed';
  /** Why it was skipped or failed. */
  readonly reason?: string;
  readonly hint?: string;
  readonly notes: readonly string[];
  readonly tools?: number;
  /** Tools that the catalogue does not take. */
  readonly unusableTools?: readonly UnusableTool[];
  /** Absent where no session ran. */
  readonly tally?: Tally;
  readonly figures: Figures;
  /** Calls that did not end as recorded. */
  readonly mismatches: readonly Mismatch[];
  readonly sessionsNotCompleted: readonly { readonly id: string; readonly status: string; readonly problem?: string }[];
}

export interface EvalReport {
  readonly startedAt: string;
  readonly seconds: number;
  readonly isRight: boolean;
  readonly folders: readonly FolderReport[];
}

/**
 * Nothing stuck, lost, run twice, run unasked or answered otherwise than recorded. A check of arguments that disagrees
 * with a set is told and counted; who of the two is right is for a reader to say.
 */
export function isRight(folders: readonly FolderReport[]): boolean {
  return folders.every(({ status, tally, mismatches }) => {
    if (status !== 'scored' || tally === undefined) return status !== 'failed';
    const allCompleted = tally.completed === tally.sessions && tally.stuck === 0;
    return allCompleted && tally.strays === 0 && mismatches.every(({ disagreement }) => disagreement);
  });
}

const shareText = (part: number, all: number): string =>
  all === 0 ? '–' : part === all ? `${all}` : `${part} of ${all}`;

const columns = [
  'set',
  'sessions',
  'stuck',
  'validated',
  'routed',
  'executed',
  'exact',
  'refused',
  'disagree',
] as const;

export function tableOf(folders: readonly FolderReport[]): string[] {
  const rows = folders.flatMap(({ folder, tally }) => (tally === undefined ? [] : [rowOf(folder, tally)]));
  if (rows.length === 0) return [];
  const widths = columns.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]!.length)));
  const lineOf = (cells: readonly string[]): string =>
    cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join('  ');
  return [colors.bold(lineOf(columns)), ...rows.map(lineOf)];
}

function rowOf(folder: string, tally: Tally): string[] {
  return [
    folder,
    shareText(tally.completed, tally.sessions),
    String(tally.stuck),
    shareText(tally.validated, tally.calls),
    shareText(tally.routed, tally.toRoute),
    shareText(tally.executed, tally.toAnswer),
    shareText(tally.exact, tally.toAnswer),
    shareText(tally.refusedAsRecorded, tally.toRefuse),
    String(tally.disagreements),
  ];
}

/** Whole numbers as they are, shares to four digits. */
const figureText = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(4));

export function figureLines({
  folder,
  format,
  status,
  reason,
  hint,
  notes,
  figures,
  unusableTools = [],
}: FolderReport): string[] {
  const head = colors.bold(`${folder}${format === undefined ? '' : ` (${format})`}`);
  if (status === 'failed') return [head, colors.red(`  ${reason}`), ...(hint === undefined ? [] : [`  ${hint}`])];
  if (status === 'skipped') return [head, colors.yellow(`  skipped: ${reason}`)];
  const width = Math.max(0, ...Object.keys(figures).map((name) => name.length));
  return [
    head,
    ...Object.entries(figures).map(([name, value]) => `  ${name.padEnd(width)}  ${figureText(value)}`),
    ...unusableTools.map(({ name, reason: why }) => `  not taken by the catalogue: ${name}: ${why}`),
    ...notes.map((note) => colors.dim(`  ${note}`)),
  ];
}

/** The rest is in the JSON. */
const problemsShown = 5;

export function problemLines({ folder, mismatches, sessionsNotCompleted }: FolderReport): string[] {
  const bad = mismatches.filter(({ disagreement }) => !disagreement);
  const lines = [
    ...sessionsNotCompleted.map(({ id, status, problem = '' }) => `${folder} ${id}: ${status} ${problem}`),
    ...bad.map(({ session, tool, expected, got }) => `${folder} ${session}: ${tool}: expected ${expected}; got ${got}`),
  ];
  const more = lines.length - problemsShown;
  return [...lines.slice(0, problemsShown), ...(more > 0 ? [`${folder}: and ${more} more`] : [])];
}
