/** The two files that the kernel keeps of each process, as far as they tell what it costs. Pure: text in, figures out. */

export interface ProcStat {
  readonly pid: number;
  readonly parentPid: number;
  /** Its own CPU time and that of children which have ended and were waited for. */
  readonly cpuTicks: number;
}

/** Resident memory in KiB, told apart because shared memory is seen by each process that has touched it. */
export interface ProcMemory {
  readonly ownKb: number;
  readonly sharedKb: number;
}

/** USER_HZ, which Linux keeps at 100 on every platform Node runs on. */
export const ticksPerSecond = 100;

/** `undefined` when the process ended while it was looked at. The command's name may hold spaces and brackets. */
export function statOf(text: string): ProcStat | undefined {
  const end = text.lastIndexOf(')');
  if (end < 0) return undefined;
  const fields = text.slice(end + 2).split(' ');
  // From field 3 (state) on: 4 is the parent; 14 to 17 are user and system time, its own and its ended children's.
  const number = (field: number): number => Number(fields[field - 3]);
  const cpuTicks = number(14) + number(15) + number(16) + number(17);
  const stat = { pid: Number.parseInt(text, 10), parentPid: number(4), cpuTicks };
  return Object.values(stat).every(Number.isFinite) ? stat : undefined;
}

/** A process without memory (a zombie) counts as nothing. */
export function memoryOf(text: string): ProcMemory {
  const kb = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0);
  return { ownKb: kb('RssAnon') + kb('RssFile'), sharedKb: kb('RssShmem') };
}

/** The root and all its living descendants; empty when the root is gone. */
export function treeOf(stats: ReadonlyMap<number, ProcStat>, root: number): readonly ProcStat[] {
  const first = stats.get(root);
  if (first === undefined) return [];
  const childrenOf = Map.groupBy(stats.values(), ({ parentPid }) => parentPid);
  const tree = [first];
  // Grows while it is walked: each found process brings its children.
  for (const { pid } of tree) tree.push(...(childrenOf.get(pid) ?? []));
  return tree;
}
