/**
 * JSON that is too long, in the same form with less in it: long texts are shortened, of long lists the first items stay,
 * what nests deeply is named by its keys. Every place says how much it lost, and ids of records stay whole.
 */
import { fits, type Budget } from './budget.js';
import { isRecordId } from './record-ids.js';

interface Measure {
  readonly textCharacters: number;
  readonly items: number;
  readonly depth: number;
}

/** Tried in turn: each leaves about a third of the one before. */
const measures: readonly Measure[] = [
  { textCharacters: 2_000, items: 50, depth: 12 },
  { textCharacters: 500, items: 20, depth: 8 },
  { textCharacters: 200, items: 8, depth: 6 },
  { textCharacters: 80, items: 3, depth: 4 },
  { textCharacters: 40, items: 1, depth: 3 },
];
const keysNamed = 20;
/** Longer than any id: what calls itself one and is longer is a text. */
const idCharactersMax = 128;

/** Undefined when even the smallest measure does not fit. */
export function prunedJson(value: unknown, budget: Budget, recordId?: string): string | undefined {
  for (const measure of measures) {
    const text = JSON.stringify(pruned(value, measure, recordId));
    if (fits(text, budget)) return text;
  }
  return undefined;
}

/** One row of a table, its texts shortened to so many characters. */
export function shortRow(row: unknown, textCharacters: number, recordId?: string): unknown {
  return pruned(row, { textCharacters, items: 3, depth: 3 }, recordId);
}

function pruned(value: unknown, measure: Measure, recordId: string | undefined, depth = 0, key = ''): unknown {
  if (typeof value === 'string') {
    const kept = isRecordId(key, recordId) ? idCharactersMax : measure.textCharacters;
    return value.length <= kept ? value : `${value.slice(0, kept).toWellFormed()}[+${value.length - kept} characters]`;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= measure.depth) return deepOf(value);
  if (Array.isArray(value)) {
    const items: unknown[] = value
      .slice(0, measure.items)
      .map((item) => pruned(item, measure, recordId, depth + 1, key));
    return value.length > measure.items ? [...items, `[+${value.length - measure.items} items]`] : items;
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, pruned(part, measure, recordId, depth + 1, name)]),
  );
}

function deepOf(value: object): string {
  if (Array.isArray(value)) return `[${value.length} items]`;
  const keys = Object.keys(value);
  return `[object with ${keys.slice(0, keysNamed).join(', ')}${keys.length > keysNamed ? ', ...' : ''}]`;
}
