/** The figures of a run, and how they are told: JSON for programs, a table for people. */
import { cpus, release, totalmem } from 'node:os';
import type { BudgetRow } from './budget.js';
import type { PlanName } from './plans.js';
import { plans } from './plans.js';
import type { SystemName } from './systems.js';

export interface BenchRun {
  readonly system: SystemName;
  readonly plan: PlanName;
  readonly concurrency: number;
  readonly sessionsPerS: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** All processes of the system, its Kafka and Postgres included; load and stubs are told apart below. */
  readonly cpuSPer1000: number;
  readonly peakRssMb: number;
  /** Sessions done within the window, see `Taken`, and its length. */
  readonly sessions: number;
  readonly seconds: number;
  /** CPU seconds per 1,000 sessions of each process of the system, and of what measures it. */
  readonly cpuSPer1000ByProcess: Readonly<Record<string, number>>;
  readonly cpuSPer1000OfLoad: number;
  readonly cpuSPer1000OfStubs: number;
  /** Where a session's time goes, by hop. */
  readonly budget: readonly BudgetRow[];
}

export interface StepCost {
  readonly system: SystemName;
  readonly concurrency: number;
  /** CPU of one step of the long plan divided by that of one step of the short plan: above 1, long sessions cost extra. */
  readonly longToShort: number;
}

/** One of our figures divided by the peer's; absent when either was not measured. */
export interface PeerRatio {
  readonly system: SystemName;
  readonly peer: SystemName;
  readonly plan: PlanName;
  /** The widest concurrency that was measured; sessions, CPU and steps are compared there. */
  readonly concurrency: number;
  readonly sessionsPerS?: number;
  readonly p50At1?: number;
  readonly p99At32?: number;
  readonly cpuSPer1000?: number;
  /** Of what a step costs in a long session to what it costs in a short one; told with the long plan. */
  readonly longToShort?: number;
}

export interface BenchReport {
  /** Of several passes the median of each figure. */
  readonly runs: readonly BenchRun[];
  /** What each pass measured. */
  readonly passes: readonly (readonly BenchRun[])[];
  /** Of several passes the median of each ratio within a pass. */
  readonly ratios: readonly PeerRatio[];
  readonly cpuPerStep: readonly StepCost[];
  readonly machine: Machine;
  readonly startedAt: string;
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly kernel: string;
  readonly node: string;
}

export function machineFacts(): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memoryGb: rounded(totalmem() / 2 ** 30, 1),
    kernel: release(),
    node: process.version,
  };
}

export function stepCosts(runs: readonly BenchRun[]): readonly StepCost[] {
  return runs.flatMap((long) => {
    const { system, concurrency } = long;
    const short = runs.find((run) => run.plan === 'short' && run.system === system && run.concurrency === concurrency);
    if (long.plan !== 'long' || short === undefined) return [];
    const ofLong = long.cpuSPer1000 / plans.long.steps;
    const ofShort = short.cpuSPer1000 / plans.short.steps;
    return [{ system, concurrency, longToShort: rounded(ofLong / ofShort, 2) }];
  });
}

const columns: readonly (readonly [string, (run: BenchRun) => string])[] = [
  ['system', (run) => run.system],
  ['plan', (run) => run.plan],
  ['at once', (run) => String(run.concurrency)],
  ['sessions/s', (run) => String(run.sessionsPerS)],
  ['p50 ms', (run) => String(run.p50Ms)],
  ['p95 ms', (run) => String(run.p95Ms)],
  ['p99 ms', (run) => String(run.p99Ms)],
  ['CPU s/1000', (run) => String(run.cpuSPer1000)],
  ['load', (run) => String(run.cpuSPer1000OfLoad)],
  ['stubs', (run) => String(run.cpuSPer1000OfStubs)],
  ['peak MB', (run) => String(run.peakRssMb)],
];
const textColumns = 2;

export function tableOf(runs: readonly BenchRun[]): readonly string[] {
  return aligned(
    [columns.map(([title]) => title), ...runs.map((run) => columns.map(([, cell]) => cell(run)))],
    textColumns,
  );
}

/** Columns under each other: text to the left, figures to the right. */
export function aligned(rows: readonly (readonly string[])[], textColumns: number): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, column: number): string =>
    column < textColumns ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return rows.map((row) => row.map(pad).join('  '));
}

/** CPU of each process of the system, most expensive first. */
export function processesLine({ cpuSPer1000ByProcess }: BenchRun): string {
  const sorted = Object.entries(cpuSPer1000ByProcess).toSorted(([, left], [, right]) => right - left);
  return sorted.map(([name, seconds]) => `${name} ${seconds}`).join(', ');
}

export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
