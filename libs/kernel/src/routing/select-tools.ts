/**
 * Picks the few tools that a session sees: BM25 over names, descriptions and parameters of the tools its agent may use.
 * An agent with no more tools than may be offered keeps them all, in catalogue order.
 */
import MiniSearch from 'minisearch';
import type { AgentSpec, Catalogue, ToolSpec } from '../catalog/manifest.js';
import { globMatches } from '../catalog/manifest.js';

export interface ScoredTool {
  readonly name: string;
  readonly score: number;
}

export class ToolIndex {
  readonly #search: MiniSearch;
  readonly #names: readonly string[];

  constructor(tools: readonly ToolSpec[]) {
    this.#names = tools.map((tool) => tool.name);
    this.#search = new MiniSearch({
      idField: 'name',
      fields: ['words', 'description', 'parameters'],
      tokenize: wordsOf,
      searchOptions: { boost: { words: 2 }, tokenize: wordsOf, combineWith: 'OR' },
    });
    this.#search.addAll(
      tools.map(({ name, description, parameters }) => ({
        name,
        words: name,
        description,
        parameters: parameterText(parameters),
      })),
    );
  }

  /** Best first; fewer than `count` only when the index holds fewer. Tools that match nothing come last, by name order. */
  select(question: string, count: number, without: ReadonlySet<string> = new Set()): ScoredTool[] {
    const candidates = this.#names.filter((name) => !without.has(name));
    if (candidates.length <= count) return candidates.map((name) => ({ name, score: 0 }));
    const found = this.find(question, count, without);
    const rest = candidates.filter((name) => !found.some((hit) => hit.name === name));
    return [...found, ...rest.slice(0, count - found.length).map((name) => ({ name, score: 0 }))];
  }

  /** Only tools that match, best first. */
  find(question: string, count: number, without: ReadonlySet<string> = new Set()): ScoredTool[] {
    const hits = this.#search.search(question.slice(0, questionCharsMax), { filter: (hit) => !without.has(hit.id) });
    return hits.slice(0, count).map((hit) => ({ name: String(hit.id), score: hit.score }));
  }
}

/** Enough for a question; a pasted document would only blur it. */
const questionCharsMax = 4_000;

/** The tools that an agent may ever see. */
export function visibleTools(catalogue: Catalogue, agent: AgentSpec): ToolSpec[] {
  return catalogue.all('Tool').filter((tool) => agent.tools.some((glob) => globMatches(glob, tool.name)));
}

/** Splits camelCase, snake_case and dots, so that `getOrderDetails` meets "order details". */
function wordsOf(text: string): string[] {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word.length > 1);
}

function parameterText(parameters: Readonly<Record<string, unknown>>): string {
  const properties = (parameters['properties'] ?? {}) as Record<string, { description?: unknown }>;
  return Object.entries(properties)
    .map(([name, schema]) => `${name} ${typeof schema?.description === 'string' ? schema.description : ''}`)
    .join(' ');
}
