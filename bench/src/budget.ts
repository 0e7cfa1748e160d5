/**
 * Where a session's time goes, hop by hop, so that a regression names its hop: read from the histograms of the services
 * at both ends of a window. Parts that run side by side are counted each, so the sum may exceed what a session takes.
 */
import { samplesOf, scrapeAll } from './metrics.js';
import { rounded } from './report.js';
import type { SystemProcess } from './systems.js';

/** In the line even when they take nothing: an RPC that finds its way into a session shows at once. */
const kinds = ['bus', 'database', 'rpc', 'model', 'tools'] as const;
export type BudgetKind = (typeof kinds)[number];

export interface BudgetRow {
  readonly kind: BudgetKind;
  /** The topic, statement, method, route or tool class. */
  readonly part: string;
  readonly perSession: number;
  readonly meanMs: number;
}

/** By histogram and label: seconds and how often. */
export type Readings = ReadonlyMap<string, { readonly seconds: number; readonly count: number }>;

const histograms: Readonly<Record<string, { readonly kind: BudgetKind; readonly label: string }>> = {
  toolfleet_bus_hop_seconds: { kind: 'bus', label: 'topic' },
  toolfleet_database_statement_seconds: { kind: 'database', label: 'statement' },
  toolfleet_rpc_seconds: { kind: 'rpc', label: 'method' },
  toolfleet_model_latency_seconds: { kind: 'model', label: 'route' },
  toolfleet_toolcall_latency: { kind: 'tools', label: 'class' },
};
/** Parts that take less of a session are noise of the window's edges. */
const perSessionMin = 0.05;

export async function readBudget(processes: readonly SystemProcess[]): Promise<Readings> {
  const texts = await scrapeAll(processes);
  const readings = new Map<string, { seconds: number; count: number }>();
  for (const [name, { kind, label }] of Object.entries(histograms)) {
    for (const [end, figure] of [
      ['sum', 'seconds'],
      ['count', 'count'],
    ] as const) {
      for (const { labels, value } of samplesOf(texts, `${name}_${end}`)) {
        const key = `${kind} ${labels[label] ?? ''}`;
        const known = readings.get(key) ?? { seconds: 0, count: 0 };
        known[figure] += value;
        readings.set(key, known);
      }
    }
  }
  return readings;
}

export function budgetOf(before: Readings, after: Readings, sessions: number): readonly BudgetRow[] {
  return [...after]
    .map(([key, { seconds, count }]) => {
      const [kind, part = ''] = key.split(' ') as [BudgetKind, string];
      const was = before.get(key) ?? { seconds: 0, count: 0 };
      const times = count - was.count;
      const meanMs = times === 0 ? 0 : ((seconds - was.seconds) * 1_000) / times;
      return { kind, part, perSession: rounded(times / sessions, 2), meanMs: rounded(meanMs, 2) };
    })
    .filter(({ perSession }) => perSession >= perSessionMin)
    .toSorted((a, b) => a.kind.localeCompare(b.kind) || b.perSession * b.meanMs - a.perSession * a.meanMs);
}

/** One line: what each kind takes of a session, and in how many parts. */
export function budgetLine(rows: readonly BudgetRow[]): string {
  return kinds
    .map((kind) => {
      const own = rows.filter((row) => row.kind === kind);
      const times = own.reduce((sum, { perSession }) => sum + perSession, 0);
      const ms = own.reduce((sum, { perSession, meanMs }) => sum + perSession * meanMs, 0);
      return `${kind} ${rounded(ms, 1)} in ${rounded(times, 1)}`;
    })
    .join(', ');
}

/** The parts, most of a session first. */
export function budgetTable(rows: readonly BudgetRow[]): readonly string[] {
  return rows.map(
    ({ kind, part, perSession, meanMs }) =>
      `    ${kind.padEnd(9)} ${part.padEnd(36)} ${perSession.toFixed(2).padStart(6)} x ${meanMs.toFixed(2).padStart(8)} ms`,
  );
}
