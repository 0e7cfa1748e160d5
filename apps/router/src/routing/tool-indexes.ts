/**
 * Search indexes over the live catalogue: one for each list of tools that agents may see, built when it is first asked for
 * and again when the catalogue has changed. While a catalogue is being read it changes with every record, so an index is
 * built anew no sooner than ten times of what that took (60 ms for 10,000 tools) and lags behind for half a second at most.
 */
import type { AgentSpec, Asked, Catalogue, ScoredTool, WordVectors } from '@toolfleet/kernel';
import { ToolIndex, isOffered, visibleTools } from '@toolfleet/kernel';

/** Of all indexes together, at 1.2 KB a tool. Lists come from the catalogue only, so it bounds one with very many of them. */
const toolsMax = 300_000;
const paceRatio = 10;
const lagMsMax = 500;

interface Built {
  readonly index: ToolIndex;
  readonly revision: number;
  readonly tools: number;
  /** Until then it serves although the catalogue has changed. */
  readonly staysUntilMs: number;
}

export class ToolIndexes {
  readonly #byList = new Map<string, Built>();
  #tools = 0;

  constructor(
    private readonly catalogue: Catalogue,
    private readonly meanings?: WordVectors,
    private readonly now: () => number = () => performance.now(),
    /** Told how long each search took, without the making of its index. */
    private readonly onSearched: (tookMs: number) => void = () => undefined,
  ) {}

  select(agent: AgentSpec, question: string, count: number, asked?: Asked): ScoredTool[] {
    return this.#search(this.#of(agent), (index) => index.select(question, count, asked));
  }

  find(agent: AgentSpec, question: string, count: number, asked?: Asked): ScoredTool[] {
    return this.#search(this.#of(agent), (index) => index.find(question, count, asked));
  }

  #search(index: ToolIndex, search: (index: ToolIndex) => ScoredTool[]): ScoredTool[] {
    const beganAtMs = performance.now();
    const found = this.#live(search(index));
    this.onSearched(performance.now() - beganAtMs);
    return found;
  }

  /** How many tools an agent may be given. */
  sizeFor(agent: AgentSpec): number {
    return this.#of(agent).size;
  }

  /** A tool that has left the catalogue, or is shown no more, is offered to nobody, however old the index. */
  #live(tools: ScoredTool[]): ScoredTool[] {
    return tools.filter(({ name }) => {
      const tool = this.catalogue.get('Tool', name);
      return tool !== undefined && isOffered(tool);
    });
  }

  #of(agent: AgentSpec): ToolIndex {
    const list = agent.tools.join(' ');
    const built = this.#byList.get(list);
    const current = built?.revision === this.catalogue.revision;
    if (built && (current || this.now() < built.staysUntilMs)) return built.index;
    return this.#build(list, agent).index;
  }

  #build(list: string, agent: AgentSpec): Built {
    const startedMs = this.now();
    // By name: the same catalogue offers the same tools in every process, whatever order its records came in.
    const tools = visibleTools(this.catalogue, agent).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const index = new ToolIndex(tools, this.meanings);
    const endedMs = this.now();
    const staysUntilMs = endedMs + Math.min(lagMsMax, paceRatio * (endedMs - startedMs));
    const built = { index, revision: this.catalogue.revision, tools: tools.length, staysUntilMs };
    this.#tools += built.tools - (this.#byList.get(list)?.tools ?? 0);
    if (this.#tools > toolsMax) {
      this.#byList.clear();
      this.#tools = built.tools;
    }
    this.#byList.set(list, built);
    return built;
  }
}
