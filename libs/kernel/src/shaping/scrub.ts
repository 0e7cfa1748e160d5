/**
 * Takes secrets out of what a tool answered: a service that echoes what it was sent, in a body or in an error, must not
 * show it to a model, a log or a store. A secret is found as it is, in its halves, and as JSON, URLs, base64 and hex write
 * it, at any place of a longer text. Linear in the answer, whatever it holds: candidates are found by a needle of at most 16
 * bytes and looked at by Knuth, Morris and Pratt. The answer never grows.
 *
 * Values below eight characters are left where they are: they would be found in ordinary words.
 */
export const scrubMark = Buffer.from('[secret]');
const secretCharsMin = scrubMark.byteLength;
/** A half of a token of 24 characters still is no word. */
const halfCharsMin = 12;
const needleBytes = 16;

/** All that is looked for of one secret; worth keeping as long as the secret is in use. */
export class SecretForms {
  readonly #patterns: readonly Pattern[];

  constructor(secret: string) {
    const forms = secret.length < secretCharsMin ? [] : [...formsOf(secret)];
    this.#patterns = forms.map((form) => new Pattern(Buffer.from(form)));
  }

  find(text: Buffer, found: Span[]): void {
    for (const pattern of this.#patterns) pattern.find(text, found);
  }
}

/** The same bytes when they hold none of the secrets. */
export function scrubbed(bytes: Uint8Array, secrets: Iterable<SecretForms>): Uint8Array {
  const found: Span[] = [];
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const secret of secrets) secret.find(text, found);
  return found.length === 0 ? bytes : without(text, found);
}

interface Span {
  readonly from: number;
  readonly to: number;
}

function without(text: Buffer, found: Span[]): Buffer {
  found.sort((one, other) => one.from - other.from);
  const parts: Buffer[] = [];
  let at = 0;
  for (const { from, to } of found) {
    // Spans may lie over one another: what is left of the later one goes with the mark of the first.
    if (from >= at) parts.push(text.subarray(at, from), scrubMark);
    at = Math.max(at, to);
  }
  return Buffer.concat([...parts, text.subarray(at)]);
}

function formsOf(secret: string): Set<string> {
  const bytes = Buffer.from(secret);
  const url = encodeURIComponent(secret.toWellFormed());
  const json = JSON.stringify(secret).slice(1, -1);
  const half = Math.floor(secret.length / 2);
  const halves = half < halfCharsMin ? [] : [secret.slice(0, half), secret.slice(half)];
  const plain = [secret, url, url.replaceAll(/%../g, (part) => part.toLowerCase()), json, json.replaceAll('/', '\\/')];
  const hex = bytes.toString('hex');
  return new Set([...plain, ...halves, hex, hex.toUpperCase(), ...base64FormsOf(bytes)]);
}

/** Within a longer text the secret begins at any of three places of a group; characters that also hold others' bits go. */
function base64FormsOf(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((before) => {
    const placed = Buffer.concat([Buffer.alloc(before), bytes]);
    const from = Math.ceil((before * 8) / 6);
    const to = Math.floor((placed.byteLength * 8) / 6);
    return [placed.toString('base64').slice(from, to), placed.toString('base64url').slice(from, to)];
  });
}

class Pattern {
  readonly #needle: Buffer;
  /** By how much of the pattern was matched: how much of it still is after the next byte differs. */
  #fallbacks: Int32Array | undefined;

  constructor(private readonly bytes: Buffer) {
    this.#needle = bytes.subarray(0, needleBytes);
  }

  find(text: Buffer, found: Span[]): void {
    let at = text.indexOf(this.#needle);
    while (at >= 0) at = text.indexOf(this.#needle, this.#follow(text, at, found));
  }

  /** From a candidate to where no part of the pattern is matched any more. */
  #follow(text: Buffer, from: number, found: Span[]): number {
    const { bytes } = this;
    const fallbacks = (this.#fallbacks ??= fallbacksOf(bytes));
    let at = from;
    let matched = 0;
    do {
      while (matched > 0 && text[at] !== bytes[matched]) matched = fallbacks[matched - 1]!;
      if (text[at] === bytes[matched]) matched++;
      at++;
      if (matched < bytes.length) continue;
      found.push({ from: at - matched, to: at });
      matched = 0;
    } while (matched > 0 && at < text.length);
    return at;
  }
}

function fallbacksOf(bytes: Buffer): Int32Array {
  const fallbacks = new Int32Array(bytes.length);
  for (let at = 1, matched = 0; at < bytes.length; at++) {
    while (matched > 0 && bytes[at] !== bytes[matched]) matched = fallbacks[matched - 1]!;
    if (bytes[at] === bytes[matched]) matched++;
    fallbacks[at] = matched;
  }
  return fallbacks;
}
