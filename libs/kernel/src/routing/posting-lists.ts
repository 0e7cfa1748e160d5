/**
 * BM25 over texts held in memory: for each word the texts that have it, and what a match adds to their score. Typed arrays,
 * because a question walks through ten thousands of entries. What a question costs is bounded: its rarest words count, as
 * many as stand in `postingsMax` texts together.
 */
import { Scores } from './scores.js';

/** A text as it is indexed: its distinct words, and how often each stands in it, by the weight of its fields. */
export interface WordCounts {
  readonly words: readonly string[];
  readonly counts: Float32Array;
  readonly length: number;
}

export interface Field {
  readonly words: readonly string[];
  readonly weight: number;
}

export function countWords(fields: readonly Field[]): WordCounts {
  const counts = new Map<string, number>();
  let length = 0;
  for (const { words, weight } of fields) {
    length += words.length * weight;
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + weight);
  }
  return { words: [...counts.keys()], counts: Float32Array.from(counts.values()), length };
}

/** Of BM25, as its authors give them: how soon a repeated word adds no more, and how much a long text loses. */
const [k1, b] = [1.2, 0.75];
/** An entry costs 4 ns, so a question of any length costs less than a millisecond, however many texts there are. */
const postingsMax = 100_000;

export class PostingLists {
  readonly #wordIds = new Map<string, number>();
  /** Where the entries of a word begin; one more at the end. */
  readonly #starts: Uint32Array;
  readonly #texts: Uint32Array;
  readonly #gains: Float32Array;
  /** Of the question at hand. */
  readonly #scores: Scores;

  constructor(texts: readonly WordCounts[]) {
    const frequencies: number[] = [];
    for (const { words } of texts) {
      for (const word of words) {
        const id = this.#wordIds.get(word);
        if (id === undefined) {
          this.#wordIds.set(word, frequencies.length);
          frequencies.push(1);
        } else frequencies[id]!++;
      }
    }
    this.#starts = new Uint32Array(frequencies.length + 1);
    for (const [id, frequency] of frequencies.entries()) this.#starts[id + 1] = this.#starts[id]! + frequency;
    const size = this.#starts.at(-1)!;
    this.#texts = new Uint32Array(size);
    this.#gains = new Float32Array(size);
    this.#scores = new Scores(texts.length);
    this.#fill(texts, frequencies);
  }

  /** Whether any of the texts has this word. */
  knows(word: string): boolean {
    return this.#wordIds.has(word);
  }

  /**
   * The scores of all texts for the words of a question, 0 where none is in a text. A word that is said again counts again,
   * less each time. The object is the same for every question: it holds until the next one.
   */
  score(question: WordCounts): Scores {
    const scores = this.#scores;
    scores.clear();
    for (const { id, said } of this.#rarest(question)) {
      const weight = (2 * said) / (said + 1);
      const end = this.#starts[id + 1]!;
      for (let at = this.#starts[id]!; at < end; at++) scores.add(this.#texts[at]!, weight * this.#gains[at]!);
    }
    return scores;
  }

  #fill(texts: readonly WordCounts[], frequencies: readonly number[]): void {
    const next = this.#starts.slice(0, -1);
    const lengthMean = texts.reduce((sum, { length }) => sum + length, 0) / Math.max(1, texts.length) || 1;
    for (const [text, { words, counts, length }] of texts.entries()) {
      const norm = k1 * (1 - b + (b * length) / lengthMean);
      for (const [index, word] of words.entries()) {
        const id = this.#wordIds.get(word)!;
        const frequency = frequencies[id]!;
        const rarity = Math.log(1 + (texts.length - frequency + 0.5) / (frequency + 0.5));
        const count = counts[index]!;
        const at = next[id]!++;
        this.#texts[at] = text;
        this.#gains[at] = (rarity * count * (k1 + 1)) / (count + norm);
      }
    }
  }

  /** At least one, and of equally rare words the first. What stands in most texts tells none of them from the others. */
  #rarest({ words, counts }: WordCounts): { readonly id: number; readonly said: number }[] {
    const known = words.flatMap((word, index) => {
      const id = this.#wordIds.get(word);
      return id === undefined
        ? []
        : [{ id, said: counts[index]!, frequency: this.#starts[id + 1]! - this.#starts[id]! }];
    });
    known.sort((one, other) => one.frequency - other.frequency);
    const frequencyMax = this.#scores.size / 2;
    let postings = 0;
    return known.filter(
      ({ frequency }, index) => index === 0 || ((postings += frequency) <= postingsMax && frequency <= frequencyMax),
    );
  }
}
