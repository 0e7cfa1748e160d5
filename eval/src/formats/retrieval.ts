/**
 * Which tools a question needs, among hundreds or thousands: the router's own index, asked in this process as the router
 * asks it. A question has needs, of each of which one of several tools will do.
 */
import type { ToolSpec } from '@toolfleet/kernel';
import { toolIndexOf } from '@toolfleet/platform/words';
import { basename } from 'node:path';
import { isList, isObject, malformed, textIn, type Folder } from '../folder.js';
import type { Figures, JsonObject } from '../plan.js';
import { NameBook } from '../staging.js';
import { tokensOf } from '@toolfleet/platform/tokens';
import { parametersOf } from '../tool-document.js';
import { indexedTool } from '../whole-catalogue.js';
import { sampled, type Format, type Reading } from './format.js';

/** The file of tools, by any of these names. */
const corpusFiles = ['corpus.jsonl', 'catalogue.jsonl'];
const pickedTools = 10;

const queryFiles = (folder: Folder): string[] =>
  folder.matching(/^queries[^/]*\.jsonl$/).filter((file) => {
    const row = folder.firstRow(file);
    return row !== undefined && (isList(row['relevant']) || isList(row['relevant_any']));
  });

export const retrieval: Format = {
  name: 'retrieval',
  looksFor: 'corpus.jsonl or catalogue.jsonl, beside queries*.jsonl whose rows have relevant or relevant_any',
  recognises: (folder) => corpusFiles.some((file) => folder.has(file)) && queryFiles(folder).length > 0,
  read,
};

interface Query {
  readonly text: string;
  /** Ids of which one suffices, for each need. */
  readonly needs: readonly ReadonlySet<string>[];
}

function read(folder: Folder, limit: number): Reading {
  const file = corpusFiles.find((name) => folder.has(name))!;
  const names = new NameBook();
  const tools = folder.rows(file).map((row, index) => corpusTool(row, `${file} row ${index + 1}`, names));
  if (tools.length === 0) throw malformed(file, 'holds no tool');
  const sets = queryFiles(folder).map((name) => ({
    name: basename(name, '.jsonl'),
    queries: sampled(
      folder.rows(name).map((row, index) => queryOf(row, `${name} row ${index + 1}`)),
      limit,
    ),
  }));
  return { type: 'direct', notes: [], measure: () => measure(tools, sets) };
}

interface CorpusTool {
  readonly id: string;
  readonly spec: ToolSpec;
}

function corpusTool(row: JsonObject, at: string, names: NameBook): CorpusTool {
  const id = textIn(row, 'id', at);
  const text = (field: string): string => (typeof row[field] === 'string' ? row[field] : '');
  const provider = text('tool') || text('server');
  const own = text('name') || id;
  // A manifest has one text for all that is known of a tool.
  const texts = [text('description'), text('serverDescription'), text('category')];
  const description = texts.filter((part) => part !== '').join('\n');
  const parameters = parametersOf(row['inputSchema'] ?? row['parameters'] ?? signatureOf(row));
  const name = names.take(provider === '' || own.startsWith(provider) ? own : `${provider}_${own}`);
  return { id, spec: indexedTool({ name, description, parameters }) };
}

/** Parameters as two lists. */
function signatureOf(row: JsonObject): JsonObject {
  const listed = (field: string): JsonObject[] => (isList(row[field]) ? row[field].filter(isObject) : []);
  const [required, optional] = [listed('required'), listed('optional')];
  return {
    properties: Object.fromEntries(
      [...required, ...optional].map(({ name, ...schema }) => [String(name), withLowerType(schema)]),
    ),
    required: required.map(({ name }) => String(name)),
  };
}

const withLowerType = (schema: JsonObject): JsonObject => ({
  ...schema,
  type: String(schema['type'] ?? '').toLowerCase(),
});

function queryOf(row: JsonObject, at: string): Query {
  const any = row['relevant_any'];
  const relevant = row['relevant'];
  const needs = isList(any)
    ? any.map((ids) => (isList(ids) ? ids.map(String) : []))
    : isList(relevant)
      ? relevant.map((id) => [String(id)])
      : [];
  return {
    text: textIn(row, 'query', at),
    needs: needs.filter((ids) => ids.length > 0).map((ids) => new Set(ids)),
  };
}

function measure(tools: readonly CorpusTool[], sets: readonly { name: string; queries: readonly Query[] }[]): Figures {
  const index = toolIndexOf(tools.map(({ spec }) => spec).toSorted((a, b) => (a.name < b.name ? -1 : 1)));
  const idOf = new Map(tools.map(({ id, spec }) => [spec.name, id]));
  const tokens = new Map(tools.map(({ spec }) => [spec.name, tokensOf(definitionOf(spec))]));
  const allTokens = [...tokens.values()].reduce((sum, each) => sum + each, 0);
  const tookMs: number[] = [];
  let pickedTokens = 0;
  const scores = sets.map(({ name, queries }) => {
    const judged = queries.filter(({ needs }) => needs.length > 0);
    let recall = 0;
    let complete = 0;
    for (const { text, needs } of judged) {
      const before = performance.now();
      const picked = index.select(text, pickedTools);
      tookMs.push(performance.now() - before);
      pickedTokens += picked.reduce((sum, tool) => sum + (tokens.get(tool.name) ?? 0), 0);
      const ids = picked.map((tool) => idOf.get(tool.name));
      const hits = needs.filter((need) => ids.some((id) => id !== undefined && need.has(id))).length;
      recall += hits / needs.length;
      complete += Number(hits === needs.length);
    }
    const shareOf = (sum: number): number => (judged.length === 0 ? 0 : sum / judged.length);
    return { name, queries: judged.length, recall: shareOf(recall), complete: shareOf(complete) };
  });
  const sorted = tookMs.toSorted((a, b) => a - b);
  return {
    tools: tools.length,
    ...Object.fromEntries(
      scores.flatMap(({ name, queries, recall, complete }) => [
        [`${name} questions`, queries],
        [`${name} recall@10`, recall],
        [`${name} complete@10`, complete],
      ]),
    ),
    'tokens of all tools': allTokens,
    'tokens of the ten': Math.round(pickedTokens / (tookMs.length || 1)),
    'select p50 ms': quantile(sorted, 0.5),
    'select p99 ms': quantile(sorted, 0.99),
  };
}

/** As a provider is shown a tool. */
const definitionOf = ({ name, description, parameters }: ToolSpec): string =>
  JSON.stringify({ type: 'function', function: { name, description, parameters } });

/** Nearest rank: a value that was measured. */
const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)] ?? 0;
