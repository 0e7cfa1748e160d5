/**
 * Picks the few tools that a session sees: BM25 over names, descriptions and parameters of the tools its agent may use.
 * An agent with no more tools than may be offered keeps them all, in catalogue order.
 */
import type { AgentSpec, Catalogue, ToolSpec } from '../catalog/manifest.js';
import { globMatches } from '../catalog/manifest.js';
import type { WordCounts } from './posting-lists.js';
import { PostingLists, countWords } from './posting-lists.js';
import { wordsOf } from './words.js';

export interface ScoredTool {
  readonly name: string;
  readonly score: number;
}

export class ToolIndex {
  readonly #names: readonly string[];
  readonly #lists: PostingLists;

  constructor(tools: readonly ToolSpec[]) {
    this.#names = tools.map((tool) => tool.name);
    this.#lists = new PostingLists(tools.map(wordsOfTool));
  }

  /** Best first; fewer than `count` only when the index holds fewer. Tools that match nothing come last, in catalogue order. */
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

  /** Only tools that have a word of the question, best first; equal ones in catalogue order. */
  find(question: string, count: number, without: ReadonlySet<string> = new Set()): ScoredTool[] {
    const scores = this.#lists.score(wordsOf(question.slice(0, questionCharsMax)));
    return bestOf(scores, count, (index) => !without.has(this.#names[index]!)).map((index) => ({
      name: this.#names[index]!,
      score: scores[index]!,
    }));
  }
}

/** Enough for a question; a pasted document would only blur it. */
const questionCharsMax = 4_000;
/** Of the texts of all parameters of a tool; a schema may be of 256 KiB. */
const parameterCharsMax = 16_000;

/** The tools that an agent may ever be given. */
export function visibleTools(catalogue: Catalogue, agent: AgentSpec): ToolSpec[] {
  return catalogue
    .all('Tool')
    .filter((tool) => isOffered(tool) && agent.tools.some((glob) => globMatches(glob, tool.name)));
}

export const isOffered = ({ visibility = 'offered' }: ToolSpec): boolean => visibility === 'offered';

/** Places of the highest scores above zero, highest first; of equal ones the first. One pass, and a short list kept sorted. */
function bestOf(scores: Float64Array, count: number, admits: (index: number) => boolean): number[] {
  const best: number[] = [];
  for (let index = 0; index < scores.length; index++) {
    const score = scores[index]!;
    if (score <= 0 || (best.length >= count && score <= scores[best.at(-1)!]!) || !admits(index)) continue;
    let at = best.length;
    while (at > 0 && scores[best[at - 1]!]! < score) at--;
    best.splice(at, 0, index);
    if (best.length > count) best.pop();
  }
  return best;
}

/** A specification never changes, so of a changed catalogue only what is new in it is read again. */
const counted = new WeakMap<ToolSpec, WordCounts>();

/**
 * The name says most, so it counts twice. The upstream says whose tool it is, which the others often leave out. What is
 * said of parameters says little of what a tool is for, so it counts half.
 */
function wordsOfTool(tool: ToolSpec): WordCounts {
  let counts = counted.get(tool);
  if (!counts) {
    counts = countWords([
      { words: wordsOf(tool.name), weight: 2 },
      { words: wordsOf(tool.http?.upstream ?? ''), weight: 1 },
      { words: wordsOf(tool.description), weight: 1 },
      { words: wordsOf(parameterText(tool.parameters)), weight: 0.5 },
    ]);
    counted.set(tool, counts);
  }
  return counts;
}

function parameterText(parameters: Readonly<Record<string, unknown>>): string {
  const properties = (parameters['properties'] ?? {}) as Record<string, { description?: unknown }>;
  return Object.entries(properties)
    .map(([name, schema]) => `${name} ${typeof schema?.description === 'string' ? schema.description : ''}`)
    .join(' ')
    .slice(0, parameterCharsMax);
}
