/**
 * How often the router, given all tools of a folder and not only those of a session's agent, would show the tool that is
 * called at once. Documents of one name count as one tool.
 */
import { limits, type ToolSpec } from '@toolfleet/kernel';
import { toolIndexOf } from '@toolfleet/platform/words';
import type { Figures } from './plan.js';
import type { StagedPlan, StagedTool } from './staging.js';

/** Nothing where all fit. */
export function pickedOfAll({ tools, sessions }: StagedPlan): Figures {
  if (tools.length <= limits.toolsOfferedMax) return {};
  const index = toolIndexOf(tools.map(specOf).toSorted((a, b) => (a.name < b.name ? -1 : 1)));
  const documentOf = new Map(tools.map(({ name, tool }) => [name, tool.name]));
  let calls = 0;
  let picked = 0;
  for (const { answers, inputs } of sessions) {
    const shown = new Set(
      index.select(inputs.join('\n'), limits.toolsOfferedMax).map(({ name }) => documentOf.get(name)),
    );
    const called = answers.flat().filter(({ planned: { end } }) => end.type !== 'unknown');
    calls += called.length;
    picked += called.filter(({ name }) => shown.has(documentOf.get(name))).length;
  }
  return calls === 0 ? {} : { [`called tool among ${limits.toolsOfferedMax} of all ${tools.length}`]: picked / calls };
}

/** As the router's index sees a tool; how it runs does not matter there. */
export function indexedTool(tool: Pick<ToolSpec, 'name' | 'description' | 'parameters'>): ToolSpec {
  return {
    ...tool,
    owner: '',
    version: '1',
    toolClass: 'read',
    effect: 'read',
    riskTier: 'low',
    idempotent: true,
    driver: 'builtin',
    builtin: 'none',
    observation: { bytesMax: limits.observationBytesMax },
  };
}

const specOf = ({ name, tool: { description, parameters } }: StagedTool): ToolSpec =>
  indexedTool({ name, description, parameters });
