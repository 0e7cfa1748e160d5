/** Which tools are shown when their schemas together may have so many tokens only: the best first, each as long as it fits. */
import type { AgentSpec, Catalogue, ToolSpec } from '../catalog/manifest.js';
import { isCallable } from '../catalog/tool-standing.js';

export interface Affordable<T> {
  readonly kept: readonly T[];
  readonly leftOut: readonly T[];
}

/** One that does not fit makes room for smaller ones after it. */
export function affordable<T>(
  bestFirst: readonly T[],
  tokensOf: (item: T) => number,
  tokensMax: number,
): Affordable<T> {
  const [kept, leftOut]: [T[], T[]] = [[], []];
  let room = tokensMax;
  for (const item of bestFirst) {
    const tokens = tokensOf(item);
    if (tokens > room) leftOut.push(item);
    else {
      kept.push(item);
      room -= tokens;
    }
  }
  return { kept, leftOut };
}

/** Those that an agent names one by one, and so means for each of its sessions. */
export function fixedTools({ tools }: AgentSpec, catalogue: Catalogue, nowMs: number): ToolSpec[] {
  return tools.flatMap((name) => {
    const tool = name.includes('*') ? undefined : catalogue.get('Tool', name);
    return tool && isCallable(tool, nowMs) ? [tool] : [];
  });
}
