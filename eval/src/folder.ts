/**
 * The files of a folder of recordings, read within bounds: a wrong folder costs an error and no memory. Each file is read
 * once.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { invalid, missing } from '@toolfleet/kernel';
import type { JsonObject } from './plan.js';

/** Ten times the largest recorded set. */
const fileBytesMax = 64 * 1024 * 1024;
const filesMax = 1_000;
const rowsMax = 200_000;
const depthMax = 2;
/** Empty lines before the first row are no more than a header's worth. */
const firstLinesMax = 10;

export class Folder {
  readonly path: string;
  /** For people. */
  readonly name: string;
  /** Relative paths, sorted. */
  readonly files: readonly string[];
  readonly #rows = new Map<string, readonly JsonObject[]>();

  constructor(path: string) {
    this.path = resolve(path);
    this.name = basename(this.path);
    this.files = this.#list().toSorted();
  }

  /** Names of the files that match. */
  matching(pattern: RegExp): string[] {
    return this.files.filter((file) => pattern.test(file));
  }

  has(file: string): boolean {
    return this.files.includes(file);
  }

  text(file: string): string {
    const path = join(this.path, file);
    const { size } = statSync(path);
    if (size > fileBytesMax) throw invalid('FILE_TOO_LARGE', `${path} has ${size} bytes, more than ${fileBytesMax}.`);
    return readFileSync(path, 'utf8');
  }

  json(file: string): unknown {
    return parsed(this.text(file), join(this.path, file));
  }

  /** One JSON object a line; empty lines do not count. */
  rows(file: string): readonly JsonObject[] {
    const known = this.#rows.get(file);
    if (known !== undefined) return known;
    const path = join(this.path, file);
    const rows: JsonObject[] = [];
    for (const [index, line] of this.text(file).split('\n').entries()) {
      if (line.trim() === '') continue;
      if (rows.length >= rowsMax) throw invalid('FILE_TOO_LARGE', `${path} has more than ${rowsMax} rows.`);
      const at = `${path}:${index + 1}`;
      const row = parsed(line, at);
      if (!isObject(row)) throw invalid('ROW_MALFORMED', `${at} is not a JSON object.`, { details: { at } });
      rows.push(row);
    }
    this.#rows.set(file, rows);
    return rows;
  }

  /** The first row of a file, to tell formats apart; undefined when it has none that can be read. */
  firstRow(file: string): JsonObject | undefined {
    const line = this.text(file)
      .split('\n', firstLinesMax)
      .find((each) => each.trim() !== '');
    try {
      const row: unknown = JSON.parse(line ?? '');
      return isObject(row) ? row : undefined;
    } catch {
      return undefined;
    }
  }

  #list(): string[] {
    const found: string[] = [];
    const walk = (directory: string, depth: number): void => {
      for (const entry of readdirSync(directory, { withFileTypes: true })) {
        const path = join(directory, entry.name);
        if (entry.isDirectory() && depth < depthMax) walk(path, depth + 1);
        else if (entry.isFile()) found.push(relative(this.path, path));
        if (found.length > filesMax) throw invalid('FOLDER_TOO_LARGE', `${this.path} has more than ${filesMax} files.`);
      }
    };
    try {
      walk(this.path, 0);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === undefined) throw cause;
      throw missing('FOLDER_UNREADABLE', `The folder ${this.path} cannot be read.`, { cause });
    }
    return found;
  }
}

function parsed(text: string, at: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid('ROW_MALFORMED', `${at} is not JSON.`, { details: { at }, cause });
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

/** The text of a field that a row must have. */
export function textIn(row: JsonObject, field: string, at: string): string {
  const value = row[field];
  if (typeof value === 'string' && value !== '') return value;
  if (typeof value === 'number') return String(value);
  throw malformed(at, `has no ${field}`);
}

export function listIn(row: JsonObject, field: string, at: string): readonly JsonObject[] {
  const value = row[field];
  if (isList(value) && value.every(isObject)) return value;
  throw malformed(at, `has no list of objects ${field}`);
}

export function objectIn(row: JsonObject, field: string, at: string): JsonObject {
  const value = row[field];
  if (isObject(value)) return value;
  throw malformed(at, `has no object ${field}`);
}

export const malformed = (at: string, why: string) => invalid('ROW_MALFORMED', `${at} ${why}.`, { details: { at } });
