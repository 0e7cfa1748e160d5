/**
 * NESTFUL: chains of calls in which arguments refer to earlier answers. Each chain is a session whose model makes one call
 * after another, with values in place of the references; the last entry of a chain, which no tool has, is what it says.
 */
import { basename } from 'node:path';
import { isList, isObject, listIn, malformed, textIn, type Folder } from '../folder.js';
import { isAsPlanned } from '../call-verdict.js';
import type { EndedSession, Figures, JsonObject, PlannedCall, PlannedSession, PlannedTool } from '../plan.js';
import { parametersOf, requireTools, schemaOf, ToolBox } from '../tool-document.js';
import { Ids, sampled, type Format, type Reading } from './format.js';
import { resolveReferences, type CallSchemas, type LabelledCall } from './nestful-references.js';

const toolsSuffix = '.tools.json';

const chainFiles = (folder: Folder): string[] =>
  folder.matching(/^[^/]*\.jsonl$/).filter((file) => {
    return folder.has(file.replace(/\.jsonl$/, toolsSuffix)) && isList(folder.firstRow(file)?.['calls']);
  });

export const nestful: Format = {
  name: 'nestful',
  looksFor: 'NAME.tools.json beside NAME.jsonl whose rows have calls',
  recognises: (folder) => chainFiles(folder).length > 0,
  read,
};

interface Chain {
  readonly group: string;
  readonly calls: readonly LabelledCall[];
  /** The calls that are a tool's. */
  readonly toolCalls: number;
  readonly session: PlannedSession;
}

interface Tools {
  readonly keys: readonly string[];
  readonly byName: ReadonlyMap<string, PlannedTool>;
  schemasOf(name: string): CallSchemas | undefined;
}

function read(folder: Folder, limit: number): Reading {
  const box = new ToolBox();
  const ids = new Ids();
  let unresolved = 0;
  const rows = chainFiles(folder).flatMap((file) => {
    const tools = toolsOf(folder, file.replace(/\.jsonl$/, toolsSuffix), box);
    return folder.rows(file).map((row, index) => ({ row, tools, file, at: `${file} row ${index + 1}` }));
  });
  const chains = sampled(rows, limit).map(({ row, tools, file, at }) => {
    const { chain, missing } = chainOf(row, tools, basename(file, '.jsonl'), at);
    unresolved += missing;
    return { ...chain, session: { ...chain.session, id: ids.take(chain.session.id) } };
  });
  const notes = unresolved === 0 ? [] : [`${unresolved} references name no earlier call`];
  const sessions = chains.map(({ session }) => session);
  return { type: 'sessions', plan: { tools: box.tools, sessions, notes, score: (ended) => score(ended, chains) } };
}

function toolsOf(folder: Folder, file: string, box: ToolBox): Tools {
  const documents = folder.json(file);
  if (!isList(documents)) throw malformed(file, 'is not a list of tools');
  const answers = new Map<string, Record<string, JsonObject>>();
  const tools = documents.filter(isObject).map((document, index) => {
    const name = textIn(document, 'name', `${file} item ${index + 1}`);
    answers.set(name, schemasIn(document['output_parameters']));
    const description = typeof document['description'] === 'string' ? document['description'] : '';
    const parameters = parametersOf(signatureOf(document['query_parameters'] ?? document['parameters']));
    return box.add({ key: name, name, description, parameters, effect: 'read' });
  });
  requireTools(tools, file);
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const schemasOf = (name: string): CallSchemas | undefined => {
    const tool = byName.get(name);
    return tool && { parameters: tool.parameters, answer: answers.get(name) ?? {} };
  };
  return { keys: tools.map(({ key }) => key), byName, schemasOf };
}

/** Parameters by name, each saying itself whether it is required. */
function signatureOf(parameters: unknown): JsonObject {
  if (!isObject(parameters)) return {};
  const entries = Object.entries(parameters).filter((entry): entry is [string, JsonObject] => isObject(entry[1]));
  return {
    properties: Object.fromEntries(entries.map(([name, document]) => [name, parameterOf(document)])),
    required: entries.filter(([, { required }]) => required === true).map(([name]) => name),
  };
}

const schemasIn = (parameters: unknown): Record<string, JsonObject> =>
  isObject(parameters)
    ? Object.fromEntries(Object.entries(parameters).map(([name, document]) => [name, parameterOf(document)]))
    : {};

function parameterOf(document: unknown): JsonObject {
  if (!isObject(document)) return {};
  const { allowed_values: allowed, default_value: standard, required: _, ...rest } = document;
  return schemaOf({
    ...rest,
    ...(isList(allowed) && allowed.length > 0 ? { enum: allowed } : {}),
    ...(standard === undefined ? {} : { default: standard }),
  });
}

function chainOf(row: JsonObject, tools: Tools, group: string, at: string): { chain: Chain; missing: number } {
  const calls = listIn(row, 'calls', at).map((call): LabelledCall => {
    const args = call['arguments'];
    return {
      name: textIn(call, 'name', at),
      arguments: isObject(args) ? args : {},
      label: typeof call['label'] === 'string' ? call['label'].replaceAll('$', '') : '',
    };
  });
  const resolved = resolveReferences(calls, tools.schemasOf);
  const own = calls.flatMap(({ name }, index): PlannedCall[] => {
    const tool = tools.byName.get(name);
    const last = index === calls.length - 1;
    if (tool === undefined && last) return [];
    const args = resolved.arguments[index] ?? {};
    if (tool === undefined) return [{ tool: name, arguments: args, end: { type: 'unknown' } }];
    const text = JSON.stringify(resolved.answers[index]);
    return [{ tool: tool.key, arguments: args, end: { type: 'answered', text } }];
  });
  const say = own.length < calls.length ? JSON.stringify(resolved.arguments.at(-1)) : 'That is done.';
  const input = typeof row['input'] === 'string' ? row['input'] : '';
  const runs = [{ input, answers: own.map((call) => [call]), say }];
  const session = { id: textIn(row, 'id', at), tools: tools.keys, runs };
  return { chain: { group, calls, toolCalls: own.length, session }, missing: resolved.unresolved };
}

function score(ended: readonly EndedSession[], chains: readonly Chain[]): Figures {
  const byId = new Map(ended.map((session) => [session.planned.id, session]));
  const rows = chains.map((chain) => ({ group: chain.group, ...matchOf(chain, byId.get(chain.session.id)) }));
  const groups = [...Map.groupBy(rows, ({ group }) => group)];
  return Object.fromEntries(
    groups.flatMap(([group, of]) => {
      const mean = (value: (row: (typeof of)[number]) => number): number =>
        of.reduce((sum, row) => sum + value(row), 0) / of.length;
      return [
        [`${group} full match`, mean(({ full }) => Number(full))],
        [`${group} F1 names`, mean(({ names }) => names)],
        [`${group} F1 parameters`, mean(({ parameters }) => parameters)],
      ];
    }),
  );
}

/** The calls that came to a tool, with their references, against the recorded ones: what came is part of those. */
function matchOf(chain: Chain, session: EndedSession | undefined) {
  const reached = chain.calls.filter((_, index) => {
    if (index >= chain.toolCalls) return session?.status === 'completed';
    const call = session?.calls[index];
    return call !== undefined && isAsPlanned(call);
  });
  const parametersOf = (calls: readonly LabelledCall[]): number =>
    calls.reduce((sum, { arguments: args }) => sum + Object.keys(args).length, 0);
  return {
    full: reached.length === chain.calls.length && session?.strays === 0,
    names: f1(reached.length, chain.calls.length),
    parameters: f1(parametersOf(reached), parametersOf(chain.calls)),
  };
}

const f1 = (found: number, all: number): number => (found + all === 0 ? 1 : (2 * found) / (found + all));
