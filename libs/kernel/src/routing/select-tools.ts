/**
 * Picks the few tools that a session sees, of those that its agent may use: by the words that a question shares with a tool
 * (BM25), and by the meaning of those that it does not share, where word vectors are given. An agent with no more tools than
 * may be offered keeps them all, in catalogue order. Figures of the choice are in decision 32 of ARCHITECTURE.md.
 */
import type { AgentSpec, Catalogue, ToolSpec } from '../catalog/manifest.js';
import { globMatches } from '../catalog/manifest.js';
import type { WordCounts } from './posting-lists.js';
import { PostingLists, countWords } from './posting-lists.js';
import { VectorTable, type WordVectors } from './word-vectors.js';
import { wordsOf } from './words.js';

export interface ScoredTool {
  readonly name: string;
  readonly score: number;
}

export class ToolIndex {
  readonly #names: readonly string[];
  readonly #lists: PostingLists;
  readonly #vectors: VectorTable | undefined;

  constructor(
    tools: readonly ToolSpec[],
    private readonly meanings?: WordVectors,
  ) {
    const texts = tools.map(wordsOfTool);
    this.#names = tools.map((tool) => tool.name);
    this.#lists = new PostingLists(texts);
    this.#vectors =
      meanings &&
      new VectorTable(
        texts.map((text) => meanings.vectorOf(text)),
        meanings.dimensions,
      );
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

  /** Only tools that share words with the question or are near to it, best first; equal ones in catalogue order. */
  find(question: string, count: number, without: ReadonlySet<string> = new Set()): ScoredTool[] {
    const words = countWords([{ words: wordsOf(question.slice(0, questionCharsMax)), weight: 1 }]);
    const scores = this.#lists.score(words);
    scaleToBest(scores);
    if (this.#vectors && this.meanings) addMeaning(scores, this.#vectors.cosines(this.meanings.vectorOf(words)));
    return bestOf(scores, count, (index) => !without.has(this.#names[index]!)).map((index) => ({
      name: this.#names[index]!,
      score: scores[index]!,
    }));
  }
}

/**
 * Of what shared words give at most. Vectors of single words blur a long text, so they only tip the balance: from 0.1 to 0.2
 * the figures hardly move, above it they fall where tools are many and alike.
 */
const meaningShare = 0.15;
/** A tool without a word of the question is found from here on: nearer than most that have nothing to do with it. */
const cosineLeast = 0.5;
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

function scaleToBest(scores: Float64Array): void {
  let best = 0;
  for (const score of scores) if (score > best) best = score;
  if (best > 0) for (let index = 0; index < scores.length; index++) scores[index]! /= best;
}

/** How much nearer than the average tool, as a share of what the nearest is: spaces differ in how near all things are. */
function addMeaning(scores: Float64Array, cosines: Float64Array): void {
  let [sum, most] = [0, 0];
  for (const cosine of cosines) {
    sum += cosine;
    if (cosine > most) most = cosine;
  }
  const average = sum / Math.max(1, cosines.length);
  if (most <= average) return;
  const scale = meaningShare / (most - average);
  for (let index = 0; index < scores.length; index++) {
    const cosine = cosines[index]!;
    if (cosine > average && (scores[index]! > 0 || cosine >= cosineLeast)) scores[index]! += scale * (cosine - average);
  }
}

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
 * The upstream says whose tool it is, which the other texts often leave out. What is said of parameters says little of what
 * a tool is for, so it counts half.
 */
function wordsOfTool(tool: ToolSpec): WordCounts {
  let counts = counted.get(tool);
  if (!counts) {
    counts = countWords([
      { words: wordsOf(tool.name), weight: 1 },
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
