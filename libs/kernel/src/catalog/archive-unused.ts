/**
 * Which tools the fleet may archive by itself. It takes away only what nobody called for all of the window, as far as that is
 * known: a window that is not recorded whole, or a record that stands still, says nothing, and a tool that others name is used
 * without a call of its own. Few at a time, so that a mistake shows before everything is gone.
 */
import { dayOf } from '../audit/usage.js';
import type { Fault } from '../fault.js';
import { conflict } from '../fault.js';
import { limits } from '../limits.js';
import type { RolloutSpec } from '../rollout/rollout.js';
import type { ToolSpec } from './manifest.js';
import type { UnusedTool, UsageWindow } from './unused-tools.js';
import { unusedTools, windowFault } from './unused-tools.js';

export interface ToArchive {
  /** The oldest first. */
  readonly tools: readonly UnusedTool[];
  /** More that are unused as well. */
  readonly later: number;
  /** Why nothing can be said; then there are none. */
  readonly fault?: Fault | undefined;
}

const dayMs = 86_400_000;

export function toolsToArchive(
  tools: readonly ToolSpec[],
  rollouts: readonly RolloutSpec[],
  window: UsageWindow,
): ToArchive {
  const fault = windowFault(window) ?? silenceFault(window);
  if (fault) return { tools: [], later: 0, fault };
  const kept = new Set(tools.flatMap(({ name, archiveUnused }) => (archiveUnused === false ? [name] : [])));
  const tried = new Set(rollouts.map(({ tool, version }) => `${tool}@${version}`));
  const unused = unusedTools(tools, window)
    .unused.filter(({ name, version }) => !kept.has(name) && !tried.has(`${name}@${version}`))
    .toSorted((a, b) => a.firstSeenMs - b.firstSeenMs || (a.name < b.name ? -1 : 1));
  const now = unused.slice(0, limits.toolsArchivedAtOnce);
  return { tools: now, later: unused.length - now.length };
}

/** A fleet in which nobody calls anything, or whose audit is off: both look alike from here. */
function silenceFault({ nowMs, usage }: UsageWindow): Fault | undefined {
  const since = dayOf(nowMs - limits.usageSilenceDaysMax * dayMs);
  if (usage.some(({ calls, lastDay }) => calls > 0 && lastDay >= since)) return undefined;
  return conflict('USAGE_SILENT', `No call of any tool is recorded since ${since}.`, {
    hint: 'Look whether TOOLFLEET_AUDIT is off somewhere, or policy does not store the audit.',
  });
}
