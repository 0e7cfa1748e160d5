/**
 * Search indexes over the live catalogue: one for each list of tools that agents may see, built when it is first asked for
 * and again when the catalogue has changed. While a catalogue is being read it changes with every record, so an index is
 * built anew no sooner than ten times of what that took (60 ms for 10,000 tools) and lags behind for half a second at most.
 */
import type { AgentSpec, Asked, Catalogue, ScoredTool, WordVectors } from '@toolfleet/kernel';
import { ToolIndex, isFound, nextStandingAtMs, standingOf, visibleTools } from '@toolfleet/kernel';

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
  /** By the dates of its tools it does not serve any longer than that. */
  readonly standsUntilMs: number;
  /** In it only for sessions that begin: a search does not find them. */
  readonly deprecated: ReadonlySet<string>;
}

const none: ReadonlySet<string> = new Set();

export class ToolIndexes {
  readonly #byList = new Map<string, Built>();
  #tools = 0;

  constructor(
    private readonly catalogue: Catalogue,
    private readonly meanings?: WordVectors,
    private readonly now: () => number = () => performance.now(),
    /** Told how long each search took, without the making of its index. */
    private readonly onSearched: (tookMs: number) => void = () => undefined,
    /** By which the dates of tools count. */
    private readonly date: () => number = Date.now,
  ) {}

  select(agent: AgentSpec, question: string, count: number, asked?: Asked): ScoredTool[] {
    const { index, deprecated } = this.#of(agent);
    return this.#search(index, deprecated, () => index.select(question, count, asked));
  }

  find(agent: AgentSpec, question: string, count: number, asked?: Asked): ScoredTool[] {
    const { index, deprecated } = this.#of(agent);
    const without = deprecated.size === 0 ? asked?.without : new Set([...deprecated, ...(asked?.without ?? none)]);
    return this.#search(index, none, () => index.find(question, count, { ...asked, without }));
  }

  #search(index: ToolIndex, deprecated: ReadonlySet<string>, search: () => ScoredTool[]): ScoredTool[] {
    const beganAtMs = performance.now();
    const found = this.#live(search(), deprecated);
    this.onSearched(performance.now() - beganAtMs);
    return found;
  }

  /** How many tools an agent may be given. */
  sizeFor(agent: AgentSpec): number {
    return this.#of(agent).index.size;
  }

  /** A tool that has left the catalogue, or is shown no more, is offered to nobody, however old the index. */
  #live(tools: ScoredTool[], deprecated: ReadonlySet<string>): ScoredTool[] {
    const nowMs = this.date();
    return tools.filter(({ name }) => {
      const tool = this.catalogue.get('Tool', name);
      if (!tool) return false;
      return isFound(tool, nowMs) || (deprecated.has(name) && standingOf(tool, nowMs) === 'deprecated');
    });
  }

  #of(agent: AgentSpec): Built {
    const list = agent.tools.join(' ');
    const built = this.#byList.get(list);
    const current = built?.revision === this.catalogue.revision;
    const stands = built !== undefined && this.date() < built.standsUntilMs;
    if (built && stands && (current || this.now() < built.staysUntilMs)) return built;
    return this.#build(list, agent);
  }

  #build(list: string, agent: AgentSpec): Built {
    const startedMs = this.now();
    // By name: the same catalogue offers the same tools in every process, whatever order its records came in.
    const dateMs = this.date();
    const tools = visibleTools(this.catalogue, agent, dateMs).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const index = new ToolIndex(tools, this.meanings);
    const deprecated = new Set(tools.filter((tool) => !isFound(tool, dateMs)).map(({ name }) => name));
    const endedMs = this.now();
    const staysUntilMs = endedMs + Math.min(lagMsMax, paceRatio * (endedMs - startedMs));
    // A tool that comes to be deprecated may make room for another, which is not among these: its own date says when.
    const standsUntilMs = nextStandingAtMs(this.catalogue.all('Tool'), dateMs);
    const ofCatalogue = { revision: this.catalogue.revision, tools: tools.length };
    const built = { index, deprecated, ...ofCatalogue, staysUntilMs, standsUntilMs };
    this.#tools += built.tools - (this.#byList.get(list)?.tools ?? 0);
    if (this.#tools > toolsMax) {
      this.#byList.clear();
      this.#tools = built.tools;
    }
    this.#byList.set(list, built);
    return built;
  }
}
