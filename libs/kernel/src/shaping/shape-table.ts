/**
 * Many rows: how many there are, what each column holds over all of them, the ids of as many as have room, and the first
 * rows as a sample. A model can count and compare by the columns, and name any row in its next call.
 */
import { charactersFor, fits, type Budget } from './budget.js';
import { recordIdOf } from './record-ids.js';
import { shortRow } from './shape-json.js';

export type Row = Readonly<Record<string, unknown>>;

export interface Table {
  /** The property of the answer that holds the rows; undefined: the answer itself. */
  readonly at: string | undefined;
  readonly rows: readonly Row[];
  /** What stands beside the rows: totals, cursors. */
  readonly beside: Row;
}

/** Fewer are read at a glance. */
const rowsMin = 3;
const columnsMax = 30;
const valuesShown = 5;
const valueCharactersMax = 60;
/** Of the budget's characters. */
const parts = { sample: 0.5, ids: 0.2 } as const;
const triesMax = 6;

/** The rows of an answer: it is a list of objects, or one of its properties is and holds nearly all of it. */
export function tableOf(value: unknown): Table | undefined {
  if (isRows(value)) return { at: undefined, rows: value, beside: {} };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const lists = Object.entries(value).filter(([, part]) => isRows(part)) as [string, Row[]][];
  const [longest] = lists.toSorted(([, a], [, b]) => b.length - a.length);
  if (longest === undefined) return undefined;
  const [at, rows] = longest;
  const beside = Object.fromEntries(Object.entries(value).filter(([key, part]) => key !== at && isPlain(part)));
  return { at, rows, beside };
}

/** Undefined when not even the columns fit. */
export function tableText(table: Table, budget: Budget, recordId?: string): string | undefined {
  const { at, rows, beside } = table;
  const idKey = recordIdOf(rows, recordId);
  const columns = columnsOf(rows);
  const whole = charactersFor(JSON.stringify(rows.slice(0, 10)), budget);
  for (let tries = 0, characters = whole; tries < triesMax; tries += 1, characters *= 0.6) {
    const rowCharacters = Math.max(40, Math.floor(characters / 20));
    const short = (row: Row) => shortRow(row, rowCharacters, idKey);
    const sample = asManyAs(rows, short, characters * parts.sample);
    const ids = idKey === undefined ? undefined : asManyAs(rows, (row) => row[idKey], characters * parts.ids);
    const text = JSON.stringify({
      ...shortBeside(beside),
      ...(at === undefined ? {} : { rowsOf: at }),
      rows: rows.length,
      columns,
      ...(idKey === undefined || ids === undefined ? {} : { [`${idKey} of the first ${ids.length} rows`]: ids }),
      [`first ${sample.length} rows`]: sample,
    });
    if (fits(text, budget)) return text;
  }
  return undefined;
}

const isRows = (value: unknown): value is Row[] =>
  Array.isArray(value) &&
  value.length >= rowsMin &&
  value.every((row) => typeof row === 'object' && row !== null && !Array.isArray(row));

const isPlain = (value: unknown): boolean => typeof value !== 'object' || value === null;
const shortBeside = (beside: Row): Row => shortRow(beside, valueCharactersMax) as Row;

/** The first ones whose JSON has so many characters together; one at least when there is any room. */
function asManyAs<T>(rows: readonly Row[], of: (row: Row) => T, characters: number): T[] {
  const kept: T[] = [];
  let left = characters;
  for (const row of rows) {
    const value = of(row);
    left -= JSON.stringify(value).length + 1;
    if (left < 0) break;
    kept.push(value);
  }
  return kept;
}

function columnsOf(rows: readonly Row[]): Row {
  const names = new Set<string>();
  for (const row of rows) for (const name in row) if (names.size < columnsMax) names.add(name);
  return Object.fromEntries([...names].map((name) => [name, columnOf(rows.map((row) => row[name]))]));
}

function columnOf(values: readonly unknown[]): Row {
  const present = values.filter((value) => value !== undefined && value !== null);
  const missing = values.length - present.length;
  const gaps = missing === 0 ? {} : { missing };
  if (present.length > 0 && present.every((value) => typeof value === 'number')) {
    return { ...gaps, ...numbersOf(present) };
  }
  if (!present.every(isPlain)) return { ...gaps, holds: Array.isArray(present[0]) ? 'lists' : 'objects' };
  return { ...gaps, ...valuesOf(present) };
}

function numbersOf(values: readonly number[]): Row {
  let [min, max, sum] = [Infinity, -Infinity, 0];
  for (const value of values) {
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
  }
  return { min, max, sum: rounded(sum), mean: rounded(sum / values.length) };
}

/** Sums of decimal fractions carry noise in their last digits that a model would repeat. */
const rounded = (value: number): number => Number(value.toPrecision(12));

/** How often the most frequent ones stand there, when they tell the rows apart less than ids do. */
function valuesOf(values: readonly unknown[]): Row {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  const distinct = counts.size;
  if (distinct > values.length / 2 && distinct > valuesShown) return { distinct };
  const most = [...counts].toSorted(([, a], [, b]) => b - a).slice(0, valuesShown);
  return { distinct, most: Object.fromEntries(most.map(([value, count]) => [shortValue(value), count])) };
}

const shortValue = (value: string): string =>
  value.length <= valueCharactersMax ? value : `${value.slice(0, valueCharactersMax).toWellFormed()}...`;
