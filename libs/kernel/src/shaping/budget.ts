/** How much of an answer a model reads: bytes on the bus, and tokens in its context. */
export interface Budget {
  readonly bytesMax: number;
  readonly tokensMax: number;
  /** Of a text; never less than the model's own count by more than a few in a hundred. */
  readonly tokensOf: (text: string) => number;
}

/** A token has at least one byte, so a short text needs no count. */
export function fits(text: string, { bytesMax, tokensMax, tokensOf }: Budget): boolean {
  const bytes = Buffer.byteLength(text);
  return bytes <= bytesMax && (bytes <= tokensMax || tokensOf(text) <= tokensMax);
}

/** Characters that a part of the budget may have, from how many tokens such a text needs: an estimate, to be checked. */
export function charactersFor(text: string, { bytesMax, tokensMax, tokensOf }: Budget): number {
  const part = text.slice(0, sampleCharacters);
  if (part === '') return 0;
  const perByte = part.length / Buffer.byteLength(part);
  const perToken = part.length / Math.max(1, tokensOf(part));
  return Math.floor(Math.min(bytesMax * perByte, tokensMax * perToken));
}

/** Enough to know how many tokens a kind of text needs: half a millisecond. */
const sampleCharacters = 4_000;
