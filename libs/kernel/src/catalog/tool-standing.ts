/**
 * What may still be done with a tool, at a time: the one rule by which tools are offered, found, shown, judged and run. A tool
 * only ever goes down: offered, hidden or deprecated, past its sunset, archived; by its dates alone it never comes back.
 */
import { dayOf } from '../audit/usage.js';
import type { Fault } from '../fault.js';
import { missing } from '../fault.js';
import { findToolsName } from '../toolcall/fleet-tools.js';
import type { Catalogue, ToolSpec } from './manifest.js';

export const toolStandings = ['offered', 'deprecated', 'hidden', 'sunset', 'archived'] as const;
export type ToolStanding = (typeof toolStandings)[number];

/** `found`: new sessions and searches are given it. `called`: a session that has it may call it. */
const may = {
  offered: { found: true, called: true },
  deprecated: { found: false, called: true },
  hidden: { found: false, called: true },
  sunset: { found: false, called: false },
  archived: { found: false, called: false },
} as const satisfies Record<ToolStanding, { readonly found: boolean; readonly called: boolean }>;

type Dated = Pick<ToolSpec, 'visibility' | 'deprecatedAtMs' | 'sunsetAtMs'>;

export function standingOf(tool: Dated, nowMs: number): ToolStanding {
  if (tool.visibility === 'archived') return 'archived';
  if (tool.sunsetAtMs !== undefined && tool.sunsetAtMs <= nowMs) return 'sunset';
  if (tool.visibility === 'hidden') return 'hidden';
  return isDeprecated(tool, nowMs) ? 'deprecated' : 'offered';
}

/** Hidden ones, too. */
export const isDeprecated = ({ deprecatedAtMs }: Dated, nowMs: number): boolean =>
  deprecatedAtMs !== undefined && deprecatedAtMs <= nowMs;

export const isFound = (tool: Dated, nowMs: number): boolean => may[standingOf(tool, nowMs)].found;
export const isCallable = (tool: Dated, nowMs: number): boolean => may[standingOf(tool, nowMs)].called;

/** When the standing of one of these changes next by its dates; Infinity: never. */
export function nextStandingAtMs(tools: Iterable<Dated>, nowMs: number): number {
  let nextMs = Infinity;
  for (const { deprecatedAtMs = Infinity, sunsetAtMs = Infinity } of tools) {
    if (deprecatedAtMs > nowMs && deprecatedAtMs < nextMs) nextMs = deprecatedAtMs;
    if (sunsetAtMs > nowMs && sunsetAtMs < nextMs) nextMs = sunsetAtMs;
  }
  return nextMs;
}

/** The first that sessions are given, going from successor to successor; a circle leads nowhere. */
export function successorOf(
  { name, successor }: Pick<ToolSpec, 'name' | 'successor'>,
  catalogue: Catalogue,
  nowMs: number,
): ToolSpec | undefined {
  const passed = new Set([name]);
  for (let next = successor; next !== undefined && !passed.has(next);) {
    passed.add(next);
    const tool = catalogue.get('Tool', next);
    if (!tool || isFound(tool, nowMs)) return tool;
    next = tool.successor;
  }
  return undefined;
}

/** What a call ends in whose tool nobody may call any more; absent: it may be called. */
export function takenAwayFault(tool: ToolSpec, catalogue: Catalogue, nowMs: number): Fault | undefined {
  const { name, sunsetAtMs } = tool;
  const standing = standingOf(tool, nowMs);
  if (may[standing].called) return undefined;
  const successor = successorOf(tool, catalogue, nowMs)?.name ?? tool.successor;
  const options = {
    alternatives: successor === undefined ? [] : [successor],
    ...(successor === undefined
      ? {}
      : { hint: `Call ${successor} in its place; if you were not given it, ask ${findToolsName} for it.` }),
  };
  if (standing === 'archived')
    return missing('TOOL_DEPRECATED', `The tool ${name} is no longer to be called.`, options);
  return missing('TOOL_SUNSET', `The tool ${name} was taken out of service on ${dayOf(sunsetAtMs!)}.`, options);
}

/** What the model of a session that has it is told; absent: nothing. */
export function deprecationHint(tool: ToolSpec, catalogue: Catalogue, nowMs: number): string | undefined {
  if (!isDeprecated(tool, nowMs)) return undefined;
  const until = tool.sunsetAtMs === undefined ? '' : ` and goes out of service on ${dayOf(tool.sunsetAtMs)}`;
  const successor = successorOf(tool, catalogue, nowMs);
  return `Deprecated: ${tool.name} still works${until}.${successor ? ` Prefer ${successor.name}.` : ''}`;
}
