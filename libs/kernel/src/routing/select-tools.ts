/**
 * Picks the few tools that a session sees, of those that its agent may use: by the words that a question shares with a tool
 * (BM25), and by the meaning of those that it does not share, where word vectors are given. An agent with no more tools than
 * may be offered keeps them all, in catalogue order. With 10,000 tools an index takes 0.5 s (60 ms when few have changed) and
 * 20 MB, a selection 0.3 ms, 0.02 when only ids differ from one before: `node --expose-gc
 * libs/platform/dist/words/select-tools.bench.js`. What is found is in decision 32 of ARCHITECTURE.md.
 */
import type { AgentSpec, Catalogue, ToolSpec } from '../catalog/manifest.js';
import { matchesAny, upstreamNameOf } from '../catalog/manifest.js';
import { currentTools } from '../catalog/tool-versions.js';
import { isFound, standingOf, successorOf } from '../catalog/tool-standing.js';
import { keepNewest } from '../keep-newest.js';
import type { WordCounts } from './posting-lists.js';
import { PostingLists, countWords } from './posting-lists.js';
import type { Scores } from './scores.js';
import { VectorTable, type WordVectors } from './word-vectors.js';
import { wordsOf } from './words.js';

export interface ScoredTool {
  readonly name: string;
  readonly score: number;
}

/** How near a question is to a tool by an account of its own, on any scale; absent while that is not known. */
export type Nearness = (tool: string) => number | undefined;

export interface Asked {
  /** Tools that are known already. */
  readonly without?: ReadonlySet<string> | undefined;
  /** Reorders the best candidates, when it knows all of them. */
  readonly nearness?: Nearness | undefined;
}

export class ToolIndex {
  readonly #names: readonly string[];
  readonly #lists: PostingLists;
  readonly #vectors: VectorTable | undefined;
  /** 0, 1, 2, … */
  readonly #places: Uint32Array;
  /** Of the question at hand. */
  readonly #worth: Uint32Array;
  readonly #cosines: Float64Array;
  /** What was found for a question, by the words of it that count and how many were asked for. */
  readonly #found = new Map<string, readonly ScoredTool[]>();

  constructor(
    tools: readonly ToolSpec[],
    private readonly meanings?: WordVectors,
  ) {
    const texts = tools.map(wordsOfTool);
    this.#names = tools.map((tool) => tool.name);
    this.#lists = new PostingLists(texts);
    this.#places = Uint32Array.from(texts, (_, place) => place);
    this.#worth = new Uint32Array(Math.max(texts.length, looksMax));
    this.#cosines = new Float64Array(this.#worth.length);
    this.#vectors =
      meanings &&
      new VectorTable(
        texts.map((text) => meanings.vectorOf(text)),
        meanings.dimensions,
      );
  }

  get size(): number {
    return this.#names.length;
  }

  /** Best first; fewer than `count` only when the index holds fewer. Tools that match nothing come last, in catalogue order. */
  select(question: string, count: number, asked: Asked = {}): ScoredTool[] {
    const { without = none } = asked;
    const candidates = without.size === 0 ? this.#names : this.#names.filter((name) => !without.has(name));
    if (candidates.length <= count) return candidates.map((name) => ({ name, score: 0 }));
    const found = this.find(question, count, asked);
    const known = new Set([...found.map(({ name }) => name), ...without]);
    for (const name of this.#names) {
      if (found.length >= count) break;
      if (!known.has(name)) found.push({ name, score: 0 });
    }
    return found;
  }

  /**
   * Only tools that share words with the question or are near to it, best first; equal ones in catalogue order. Services ask in
   * templates, whose numbers and ids no tool knows: what counts in their questions is the same, and it is looked up once.
   */
  find(question: string, count: number, { without = none, nearness }: Asked = {}): ScoredTool[] {
    const words = countWords([{ words: wordsOf(question.slice(0, questionCharsMax)), weight: 1 }]);
    if (without.size > 0 || nearness) return this.#search(words, count, { without, nearness });
    const key = `${count} ${this.#knownOf(words)}`;
    let found = this.#found.get(key);
    if (!found) {
      found = this.#search(words, count, {});
      if (key.length <= foundKeyCharsMax) keepNewest(this.#found, key, found, foundMax);
    }
    return [...found];
  }

  /** In the order of their first mention, with how often each was said. */
  #knownOf({ words, counts }: WordCounts): string {
    let known = '';
    for (const [index, word] of words.entries()) {
      if (this.#lists.knows(word) || this.meanings?.knows(word)) known += `${word} ${counts[index]} `;
    }
    return known;
  }

  #search(words: WordCounts, count: number, { without = none, nearness }: Asked): ScoredTool[] {
    const scores = this.#lists.score(words);
    // Scores are told as shares of the best by words.
    const unit = scores.most || 1;
    const admits = (place: number): boolean => !without.has(this.#names[place]!);
    const wanted = nearness ? Math.max(count, candidatesMax) : count;
    const byWords = scores.best(wanted, admits);
    const best = this.#addMeaning(scores, unit, words, byWords, wanted) ? scores.best(wanted, admits) : byWords;
    const found = best.map((place) => ({ name: this.#names[place]!, score: scores.of(place) / unit }));
    return nearness ? reordered(found, nearness).slice(0, count) : found;
  }

  /**
   * Meaning adds `meaningShare` of a `unit` at most, so it is looked at only where that may change who is among the `wanted` best, and
   * where thousands of tools are alike, at those of them that share the most. How much nearer a tool is than the average
   * counts, as a share of what the nearest is: spaces differ in how near all things are.
   */
  #addMeaning(scores: Scores, unit: number, question: WordCounts, byWords: readonly number[], wanted: number): boolean {
    const vector = this.meanings?.vectorOf(question);
    if (!vector || !this.#vectors) return false;
    const scoreLeast = byWords.length < wanted ? 0 : scores.of(byWords.at(-1)!) - meaningShare * unit;
    const worth = this.#worthALook(scores, byWords, scoreLeast);
    const [vectors, cosines, average] = [this.#vectors, this.#cosines, this.#vectors.cosineAverage(vector)];
    let most = average;
    for (let at = 0; at < worth.length; at++) {
      const cosine = (cosines[at] = vectors.cosine(worth[at]!, vector));
      if (cosine > most) most = cosine;
    }
    if (most === average) return false;
    const scale = (meaningShare * unit) / (most - average);
    for (let at = 0; at < worth.length; at++) {
      const [place, cosine] = [worth[at]!, cosines[at]!];
      if (cosine > average && (cosine >= cosineLeast || scores.of(place) > 0)) {
        scores.add(place, scale * (cosine - average));
      }
    }
    return true;
  }

  /** Each place once, the best by words first. */
  #worthALook(scores: Scores, byWords: readonly number[], scoreLeast: number): Uint32Array {
    const least = Math.max(scoreLeast, scores.boundOfRank(looksMax));
    const worth = this.#worth;
    worth.set(byWords);
    let count = byWords.length;
    const seen = new Set(byWords);
    const all = least > 0 ? scores.touched : this.#places;
    for (let at = 0; at < all.length && count < looksMax; at++) {
      const place = all[at]!;
      if (scores.of(place) >= least && !seen.has(place)) worth[count++] = place;
    }
    return worth.subarray(0, count);
  }
}

/** Above the largest recorded set, so that none of its figures is by a bound; a look costs 40 ns. */
const looksMax = 2_000;

const none: ReadonlySet<string> = new Set();
/** Questions whose answer is kept, of an index: some 2 MB. The oldest goes first. */
const foundMax = 1_000;
/** A longer question is hardly a template. */
const foundKeyCharsMax = 1_000;
/** Whoever knows more than words is asked about these: what comes after them is hardly ever what was meant. */
const candidatesMax = 200;

function reordered(found: ScoredTool[], nearness: Nearness): ScoredTool[] {
  const near = found.map(({ name }) => nearness(name));
  if (!near.every((value) => value !== undefined)) return found;
  const average = near.reduce((sum, value) => sum + value, 0) / near.length;
  const range = near.reduce((most, value) => Math.max(most, value), -Infinity) - average;
  if (!(range > 0)) return found;
  return found
    .map(({ name, score }, index) => ({
      name,
      score: score + nearnessShare * Math.max(0, (near[index]! - average) / range),
    }))
    .toSorted((a, b) => b.score - a.score);
}

/**
 * Of what shared words give at most. Vectors of single words blur a long text, so they only tip the balance: from 0.1 to 0.2
 * the figures hardly move, above it they fall where tools are many and alike.
 */
const meaningShare = 0.15;
/** Of the same, for a nearness that is computed from whole texts. */
const nearnessShare = 0.5;
/** A tool without a word of the question is found from here on: nearer than most that have nothing to do with it. */
const cosineLeast = 0.5;
/** Enough for a question; a pasted document would only blur it. */
const questionCharsMax = 4_000;
/** Of the texts of all parameters of a tool; a schema may be of 256 KiB. */
const parameterCharsMax = 16_000;

/** The tools that a session of this agent may begin with: a deprecated one only where its successor cannot be given. */
export function visibleTools(catalogue: Catalogue, agent: AgentSpec, nowMs: number): ToolSpec[] {
  const mayUse = ({ name }: ToolSpec) => matchesAny(agent.tools, name);
  const isAlone = (tool: ToolSpec) => {
    const successor = successorOf(tool, catalogue, nowMs);
    return !successor || !mayUse(successor);
  };
  return currentTools(catalogue).filter(
    (tool) => (isFound(tool, nowMs) || (standingOf(tool, nowMs) === 'deprecated' && isAlone(tool))) && mayUse(tool),
  );
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
      { words: wordsOf(upstreamNameOf(tool) ?? ''), weight: 1 },
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
