/**
 * What groups of processes cost, from /proc: CPU seconds of whole process trees, children that have ended included, and
 * the peak of their resident memory. A reading is a sum since each process began; what a run cost is a difference of two.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { broken, invalid } from '@toolfleet/kernel';
import { memoryOf, statOf, ticksPerSecond, treeOf, type ProcStat } from './proc-files.js';

/** By name: the root processes of each part. */
export type ProcessGroups = Readonly<Record<string, number>>;
export type CpuSeconds = Readonly<Record<string, number>>;

/** One look a second costs 3 ms with 300 processes on the machine; memory that comes and goes within one is missed. */
const memoryEveryMs = 1_000;

export function requireProc(): void {
  if (process.platform !== 'linux') {
    throw invalid('LINUX_ONLY', 'The benchmark reads what processes cost from /proc, which only Linux has.');
  }
}

export function readCpuSeconds(groups: ProcessGroups): CpuSeconds {
  const stats = readStats();
  return Object.fromEntries(
    Object.entries(groups).map(([name, root]) => {
      const tree = treeOf(stats, root);
      if (tree.length === 0) throw broken('PROCESS_GONE', `The process of ${name} ended while it was measured.`);
      return [name, tree.reduce((sum, { cpuTicks }) => sum + cpuTicks, 0) / ticksPerSecond];
    }),
  );
}

export function cpuSpent(before: CpuSeconds, after: CpuSeconds): CpuSeconds {
  return Object.fromEntries(Object.entries(after).map(([name, seconds]) => [name, seconds - (before[name] ?? 0)]));
}

/**
 * Begins to count; what it gives tells what each group has spent since, and this process as `load`: as the parent of the others it
 * would have all of them in its tree.
 */
export function meterCpu(groups: ProcessGroups): () => CpuSeconds {
  const [before, loadBefore] = [readCpuSeconds(groups), process.cpuUsage()];
  return () => {
    const { user, system } = process.cpuUsage(loadBefore);
    return { ...cpuSpent(before, readCpuSeconds(groups)), load: (user + system) / 1e6 };
  };
}

/**
 * Resident memory of all groups together, in MB. Shared memory counts once a group, by the member that has touched most
 * of it: the backends of a Postgres all map the same buffers.
 */
export function readMemoryMb(groups: ProcessGroups): number {
  const stats = readStats();
  let kb = 0;
  for (const root of Object.values(groups)) {
    const members = treeOf(stats, root).map(({ pid }) => memoryOf(readOrNothing(`/proc/${pid}/status`)));
    kb += members.reduce((sum, { ownKb }) => sum + ownKb, 0) + Math.max(0, ...members.map(({ sharedKb }) => sharedKb));
  }
  return kb / 1_024;
}

export class MemoryPeak {
  #peakMb: number;
  readonly #timer: NodeJS.Timeout;

  constructor(private readonly groups: ProcessGroups) {
    this.#peakMb = readMemoryMb(groups);
    this.#timer = setInterval(() => this.#look(), memoryEveryMs);
    this.#timer.unref();
  }

  /** Ends the sampling. */
  stop(): number {
    clearInterval(this.#timer);
    this.#look();
    return this.#peakMb;
  }

  #look(): void {
    this.#peakMb = Math.max(this.#peakMb, readMemoryMb(this.groups));
  }
}

function readStats(): Map<number, ProcStat> {
  const stats = new Map<number, ProcStat>();
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? statOf(readOrNothing(`/proc/${name}/stat`)) : undefined;
    if (stat !== undefined) stats.set(stat.pid, stat);
  }
  return stats;
}

/** Processes end between being listed and being read. */
function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
