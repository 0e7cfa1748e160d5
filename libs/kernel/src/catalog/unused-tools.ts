/** Which tools nobody calls. Whoever has no record of the whole window does not know, and a tool that is younger had no time. */
import { dayOf } from '../audit/usage.js';
import type { Fault } from '../fault.js';
import { conflict } from '../fault.js';
import type { ToolSpec } from './manifest.js';

/** Of all tenants and agents. */
export interface ToolVersionUsage {
  readonly tool: string;
  readonly version: string;
  readonly calls: number;
  readonly writes: number;
  readonly failures: number;
  /** The last with a call, as `2026-11-27`, UTC. */
  readonly lastDay: string;
}

export interface UsageWindow {
  readonly nowMs: number;
  readonly days: number;
  /** From the first day of the window on. */
  readonly usage: readonly ToolVersionUsage[];
  /** The first day of which anything is known; absent: of none. */
  readonly knownSinceDay: string | undefined;
  /** By `name@version`; what is not in it is too young. */
  readonly firstSeenMs: ReadonlyMap<string, number>;
}

export interface UnusedTool {
  readonly name: string;
  readonly version: string;
  readonly owner: string;
  readonly firstSeenMs: number;
}

export interface UnusedTools {
  readonly unused: readonly UnusedTool[];
  /** Without a call as well, and younger than the window. */
  readonly young: readonly string[];
}

const dayMs = 86_400_000;

export const firstDayOf = ({ nowMs, days }: Pick<UsageWindow, 'nowMs' | 'days'>): string => dayOf(nowMs - days * dayMs);

/** Why nothing can be said of the window; absent: something can. */
export function windowFault(window: UsageWindow): Fault | undefined {
  const { knownSinceDay, nowMs } = window;
  if (knownSinceDay !== undefined && knownSinceDay <= firstDayOf(window)) return undefined;
  const known = knownSinceDay === undefined ? 0 : Math.floor((nowMs - Date.parse(knownSinceDay)) / dayMs);
  const since = knownSinceDay === undefined ? 'No call is recorded yet' : `Calls are recorded since ${knownSinceDay}`;
  return conflict('USAGE_TOO_SHORT', `${since}, which is less than ${window.days} days.`, {
    hint: known > 0 ? `Ask for at most ${known} days.` : 'Come back when the fleet has run for that long.',
  });
}

/** Those that are archived already are left out, and those that others name: they are used without a call of their own. */
export function unusedTools(tools: readonly ToolSpec[], window: UsageWindow): UnusedTools {
  const { nowMs, days, usage, firstSeenMs } = window;
  const called = new Set(usage.filter(({ calls }) => calls > 0).map(({ tool, version }) => `${tool}@${version}`));
  const alive = tools.filter(({ visibility }) => visibility !== 'archived');
  const named = new Set(alive.flatMap(namesIn));
  const without = alive.filter(({ name, version }) => !called.has(`${name}@${version}`) && !named.has(name));
  const seenOf = ({ name, version }: ToolSpec) => firstSeenMs.get(`${name}@${version}`) ?? Infinity;
  const isOld = (tool: ToolSpec) => seenOf(tool) <= nowMs - days * dayMs;
  return {
    unused: without.filter(isOld).map((tool) => {
      const { name, version, owner } = tool;
      return { name, version, owner, firstSeenMs: seenOf(tool) };
    }),
    young: without.filter((tool) => !isOld(tool)).map(({ name, version }) => `${name}@${version}`),
  };
}

/** Of the reads that a tool declares, which are asked by executors, and of whom it steps aside for. */
const namesIn = ({ reconcile, versionCheck, successor }: ToolSpec): string[] =>
  [reconcile?.tool, versionCheck?.read?.tool, successor].filter((name) => name !== undefined);
