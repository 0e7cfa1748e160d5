/**
 * Picks the few tools that a session sees: BM25 over names, descriptions and parameters of the tools its agent may use.
 * An agent with no more tools than may be offered keeps them all, in catalogue order. What a question costs is bounded,
 * however many tools there are: of its words the rarest count, and those that most tools share tell none apart.
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
  /** In how many names, descriptions and parameters a word stands. */
  readonly #textsWith = new Map<string, number>();

  constructor(tools: readonly ToolSpec[]) {
    this.#names = tools.map((tool) => tool.name);
    this.#search = new MiniSearch({
      idField: 'name',
      fields: ['words', 'description', 'parameters'],
      tokenize: (text) => this.#counted(wordsOf(text)),
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
    const candidates = without.size === 0 ? this.#names : this.#names.filter((name) => !without.has(name));
    if (candidates.length <= count) return candidates.map((name) => ({ name, score: 0 }));
    const found = this.find(question, count, without);
    const known = new Set([...found.map(({ name }) => name), ...without]);
    for (const name of this.#names) {
      if (found.length >= count) break;
      if (!known.has(name)) found.push({ name, score: 0 });
    }
    return found;
  }

  /** Only tools that match the question's rarest words, best first. */
  find(question: string, count: number, without: ReadonlySet<string> = new Set()): ScoredTool[] {
    const words = this.#rarestOf(wordsOf(question.slice(0, questionCharsMax)));
    const hits = this.#search.search(words.join(' '), { filter: (hit) => !without.has(hit.id) });
    return hits.slice(0, count).map((hit) => ({ name: String(hit.id), score: hit.score }));
  }

  /** As many as stand in `textsMax` texts together, at least one. */
  #rarestOf(words: readonly string[]): string[] {
    const textsWith = (word: string): number => this.#textsWith.get(word) ?? 0;
    const known = [...new Set(words)].filter((word) => textsWith(word) > 0);
    let texts = 0;
    return known
      .toSorted((a, b) => textsWith(a) - textsWith(b))
      .filter((word, index) => (texts += textsWith(word)) <= textsMax || index === 0);
  }

  #counted(words: string[]): string[] {
    for (const word of new Set(words)) this.#textsWith.set(word, (this.#textsWith.get(word) ?? 0) + 1);
    return words;
  }
}

/** A text that has a word costs a microsecond, so a question costs a millisecond, with 10,000 tools as with 1,000. */
const textsMax = 1_000;
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
