/** One search index per agent, built when it is first asked for and again when the catalogue has changed. */
import type { AgentSpec, Catalogue } from '@toolfleet/kernel';
import { ToolIndex, visibleTools } from '@toolfleet/kernel';

/** Names come from the catalogue only, so this bounds nothing but a catalogue that changes its agents all the time. */
const indexesMax = 1_000;

export class ToolIndexes {
  readonly #byAgent = new Map<string, ToolIndex>();
  #revision = -1;

  constructor(private readonly catalogue: Catalogue) {}

  of(agent: AgentSpec): ToolIndex {
    if (this.#revision !== this.catalogue.revision || this.#byAgent.size >= indexesMax) {
      this.#byAgent.clear();
      this.#revision = this.catalogue.revision;
    }
    let index = this.#byAgent.get(agent.name);
    if (!index) {
      // By name: the same catalogue offers the same tools in every process, whatever order its records came in.
      const tools = visibleTools(this.catalogue, agent).toSorted((a, b) => (a.name < b.name ? -1 : 1));
      this.#byAgent.set(agent.name, (index = new ToolIndex(tools)));
    }
    return index;
  }
}
