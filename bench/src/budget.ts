/**
 * Where a session's time goes, hop by hop, so that a regression names its hop: read from the histograms of the services
 * at both ends of a window. Parts that run side by side are counted each, so the sum may exceed what a session takes.
 */
import { samplesOf, scrapeAll } from './metrics.js';
import { rounded } from './report.js';
import type { SystemProcess } from './systems.js';

/** In the line even when they take nothing: an RPC that finds its way into a session shows at once. */
const kinds = ['bus', 'neighbour', 'database', 'rpc', 'model', 'tools'] as const;
export type BudgetKind = (typeof kinds)[number];

export interface BudgetRow {
  readonly kind: BudgetKind;
  /** The topic, statement, method, route or tool class. */
  readonly part: string;
  readonly perSession: number;
  readonly meanMs: number;
  /** Within the histogram's bucket it is taken to be spread evenly, as Prometheus does. */
  readonly p99Ms: number;
}

/** Of one histogram and label: seconds, how often, and how often up to each bound. */
interface Reading {
  seconds: number;
  count: number;
  readonly upTo: Map<number, number>;
}

/** By histogram and label. */
export type Readings = ReadonlyMap<string, Readonly<Reading>>;

const histograms: Readonly<Record<string, { readonly kind: BudgetKind; readonly label: string }>> = {
  toolfleet_bus_hop_seconds: { kind: 'bus', label: 'topic' },
  toolfleet_neighbour_hop_seconds: { kind: 'neighbour', label: 'topic' },
  toolfleet_database_statement_seconds: { kind: 'database', label: 'statement' },
  toolfleet_rpc_seconds: { kind: 'rpc', label: 'method' },
  toolfleet_model_latency_seconds: { kind: 'model', label: 'route' },
  toolfleet_toolcall_latency: { kind: 'tools', label: 'class' },
};
/** Parts that take less of a session are noise of the window's edges. */
const perSessionMin = 0.05;

export async function readBudget(processes: readonly SystemProcess[]): Promise<Readings> {
  const texts = await scrapeAll(processes);
  const readings = new Map<string, Reading>();
  for (const [name, { kind, label }] of Object.entries(histograms)) {
    const add = (end: string, to: (reading: Reading, value: number, bound: number) => void): void => {
      for (const { labels, value } of samplesOf(texts, `${name}_${end}`)) {
        const key = `${kind} ${labels[label] ?? ''}`;
        const known = readings.get(key) ?? nothing();
        readings.set(key, known);
        to(known, value, labels['le'] === '+Inf' ? Infinity : Number(labels['le']));
      }
    };
    add('sum', (reading, value) => (reading.seconds += value));
    add('count', (reading, value) => (reading.count += value));
    add('bucket', ({ upTo }, value, bound) => upTo.set(bound, (upTo.get(bound) ?? 0) + value));
  }
  return readings;
}

const nothing = (): Reading => ({ seconds: 0, count: 0, upTo: new Map() });

export function budgetOf(before: Readings, after: Readings, sessions: number): readonly BudgetRow[] {
  return [...after]
    .map(([key, { seconds, count, upTo }]) => {
      const [kind, part = ''] = key.split(' ') as [BudgetKind, string];
      const was = before.get(key) ?? nothing();
      const times = count - was.count;
      const meanMs = times === 0 ? 0 : ((seconds - was.seconds) * 1_000) / times;
      const within = [...upTo].map(([bound, all]) => [bound, all - (was.upTo.get(bound) ?? 0)] as const);
      const p99Ms = rounded(quantileOf(within, 0.99 * times) * 1_000, 1);
      return { kind, part, perSession: rounded(times / sessions, 2), meanMs: rounded(meanMs, 2), p99Ms };
    })
    .filter(({ perSession }) => perSession >= perSessionMin)
    .toSorted((a, b) => a.kind.localeCompare(b.kind) || b.perSession * b.meanMs - a.perSession * a.meanMs);
}

/** Seconds below which `rank` of them lie; beyond the last bound nobody knows more than that one. */
function quantileOf(upTo: readonly (readonly [bound: number, count: number])[], rank: number): number {
  let [from, below] = [0, 0];
  for (const [bound, count] of upTo.toSorted(([one], [other]) => one - other)) {
    if (count >= rank && count > below) {
      return bound === Infinity ? from : from + ((bound - from) * (rank - below)) / (count - below);
    }
    [from, below] = [bound, count];
  }
  return from;
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
    ({ kind, part, perSession, meanMs, p99Ms }) =>
      `    ${kind.padEnd(9)} ${part.padEnd(36)} ${perSession.toFixed(2).padStart(6)} x ${meanMs.toFixed(2).padStart(8)} ms` +
      ` (p99 ${p99Ms.toFixed(1)})`,
  );
}
