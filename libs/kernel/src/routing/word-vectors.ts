/**
 * Words as directions in a space where words of like meaning are near each other; a text is the sum of its words. Far less
 * than a sentence encoder knows, for a ten-thousandth of its time: enough to tell tools apart that share no word with a question.
 */
import type { WordCounts } from './posting-lists.js';

export class WordVectors {
  readonly #places: ReadonlyMap<string, number>;
  readonly #vectors = new WeakMap<WordCounts, Float32Array>();

  /** `words` as `wordsOf` gives them; of each, in the same order, `dimensions` parts of a vector. All are of one length. */
  constructor(
    words: readonly string[],
    readonly dimensions: number,
    private readonly parts: Int8Array,
  ) {
    if (parts.length !== words.length * dimensions) throw new RangeError('The vectors are not as many as the words.');
    this.#places = new Map(words.map((word, place) => [word, place]));
  }

  knows(word: string): boolean {
    return this.#places.has(word);
  }

  /** Of length 1, all zero when none of the words is known. Of the same object it is the same vector. */
  vectorOf(text: WordCounts): Float32Array {
    let vector = this.#vectors.get(text);
    if (!vector) this.#vectors.set(text, (vector = this.#unitVector(text)));
    return vector;
  }

  #unitVector({ words, counts }: WordCounts): Float32Array {
    const sum = new Float32Array(this.dimensions);
    for (const [index, word] of words.entries()) this.#add(sum, word, counts[index]!);
    let squares = 0;
    for (const part of sum) squares += part * part;
    const length = Math.sqrt(squares) || 1;
    for (let part = 0; part < sum.length; part++) sum[part]! /= length;
    return sum;
  }

  #add(sum: Float32Array, word: string, weight: number): void {
    const place = this.#places.get(word);
    if (place === undefined) return;
    const from = place * this.dimensions;
    for (let part = 0; part < this.dimensions; part++) sum[part]! += weight * this.parts[from + part]!;
  }
}

/**
 * From a file as `tools/word-vectors.mjs` writes it: dimensions and the bytes of the words as two 32-bit numbers, lowest byte
 * first; the words, one a line; the vectors.
 */
export function readWordVectors(file: Uint8Array): WordVectors {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const [dimensions, wordBytes] = [view.getUint32(0, true), view.getUint32(4, true)];
  const from = 8 + wordBytes;
  const words = new TextDecoder().decode(file.subarray(8, from)).split('\n');
  const parts = new Int8Array(file.buffer, file.byteOffset + from, file.byteLength - from);
  return new WordVectors(words, dimensions, parts);
}

/** Vectors of length 1 side by side, and how near each is to a question's. */
export class VectorTable {
  readonly #parts: Float32Array;
  readonly #mean: Float32Array;

  constructor(
    vectors: readonly Float32Array[],
    readonly dimensions: number,
  ) {
    this.#parts = new Float32Array(vectors.length * dimensions);
    this.#mean = new Float32Array(dimensions);
    for (const [place, vector] of vectors.entries()) {
      this.#parts.set(vector, place * dimensions);
      for (let part = 0; part < dimensions; part++) this.#mean[part]! += vector[part]! / vectors.length;
    }
  }

  /** Four sums, because one would wait for itself: 96 parts cost 40 ns instead of 100. */
  cosine(place: number, question: Float32Array): number {
    const [parts, dimensions] = [this.#parts, this.dimensions];
    const inFours = dimensions - (dimensions % 4);
    let [one, two, three, four] = [0, 0, 0, 0];
    let at = place * dimensions;
    for (let part = 0; part < inFours; part += 4, at += 4) {
      one += question[part]! * parts[at]!;
      two += question[part + 1]! * parts[at + 1]!;
      three += question[part + 2]! * parts[at + 2]!;
      four += question[part + 3]! * parts[at + 3]!;
    }
    for (let part = inFours; part < dimensions; part++) one += question[part]! * parts[at++]!;
    return one + two + (three + four);
  }

  /** Of all vectors, without a look at them: the mean of the products is the product of the mean. */
  cosineAverage(question: Float32Array): number {
    return this.#mean.reduce((product, part, index) => product + part * question[index]!, 0);
  }
}
