/**
 * The recorded world of the shop, read from `data/` (origin: data/NOTICE.md). Nothing here changes it.
 */
import { readFile } from 'node:fs/promises';
import type { ShopRecords } from './shop/records.js';

export interface RecordedAction {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** True when the shop must refuse; `result` is then `Error: <message>`. */
  readonly error: boolean;
  readonly result: string;
}

/** One record that differs after a task: table, record id, value after. */
export type RecordChange = readonly [table: string, id: string, value: unknown];

export interface RecordedTask {
  readonly id: string;
  readonly actions: readonly RecordedAction[];
  readonly db_changes: readonly RecordChange[];
  /** Strings that the agent has to tell the customer. */
  readonly communicate_info: readonly string[];
}

/** What the customer of a task wants and knows, in words. */
export interface CustomerScenario {
  readonly id: string;
  readonly reason_for_call: string;
  readonly known_info: string;
  readonly unknown_info: string | null;
  readonly task_instructions: string;
}

export interface ToolDocument {
  readonly type: 'function';
  readonly function: {
    readonly name: string;
    readonly description: string;
    readonly parameters: ToolParameters;
  };
}

/** The part of JSON Schema that the sixteen tools use. */
export interface ToolParameters {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, ToolParameter>>;
  readonly required?: readonly string[];
}

export type ToolParameter =
  | { readonly type: 'string'; readonly description: string }
  | { readonly type: 'array'; readonly items: { readonly type: 'string' }; readonly description: string };

/** The package's own folder, the same from `src` and from `dist`. */
export const packageDirectory = new URL('../', import.meta.url);

const textOf = (name: string): Promise<string> => readFile(new URL(`data/${name}`, packageDirectory), 'utf8');

async function linesOf<T>(name: string): Promise<readonly T[]> {
  const text = await textOf(name);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

export const loadTasks = (): Promise<readonly RecordedTask[]> => linesOf<RecordedTask>('oracle.jsonl');
export const loadScenarios = (): Promise<readonly CustomerScenario[]> => linesOf<CustomerScenario>('tasks.jsonl');
export const loadTools = async (): Promise<readonly ToolDocument[]> =>
  JSON.parse(await textOf('tools.json')) as readonly ToolDocument[];
export const loadShopRecords = async (): Promise<ShopRecords> => JSON.parse(await textOf('db.json')) as ShopRecords;
