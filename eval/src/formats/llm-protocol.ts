/**
 * What models really did: tool calls against the tools they were offered, some of them with invented names or broken
 * arguments, and whole sessions with the results they got. A name that was not offered must come back as a hint, and no
 * session may be stuck.
 */
import { isList, isObject, listIn, textIn, type Folder } from '../folder.js';
import { verdictOf } from '../call-verdict.js';
import type {
  EndedSession,
  Figures,
  JsonObject,
  PlannedCall,
  PlannedEnd,
  PlannedRun,
  PlannedSession,
  PlannedTool,
} from '../plan.js';
import { sampleOf, ToolBox, toolOf } from '../tool-document.js';
import { sampled, type Format, type Reading } from './format.js';

const rowFiles = (folder: Folder, isRow: (row: JsonObject) => boolean): string[] =>
  folder.matching(/^[^/]*\.jsonl$/).filter((file) => {
    const row = folder.firstRow(file);
    return row !== undefined && isRow(row);
  });

const isTrace = (row: JsonObject): boolean => isList(row['tools']) && isList(row['calls']);
const isSession = ({ messages }: JsonObject): boolean => isList(messages) && messages.every(hasRole);
const hasRole = (message: unknown): boolean => isObject(message) && typeof message['role'] === 'string';
const isExchange = (row: JsonObject): boolean =>
  isObject(row['expected']) && ('sse' in row || 'body' in row || 'chunks' in row);

const exchangesNote =
  'recorded exchanges test the reader of providers: libs/platform/src/model/recorded-traffic.spec.ts';

export const llmProtocol: Format = {
  name: 'llm-protocol',
  looksFor: '.jsonl files whose rows have tools and calls, or messages, or expected beside a recorded answer',
  recognises: (folder) => rowFiles(folder, (row) => isTrace(row) || isSession(row) || isExchange(row)).length > 0,
  read,
};

function read(folder: Folder, limit: number): Reading {
  const box = new ToolBox();
  const rowsOf = (isRow: (row: JsonObject) => boolean) =>
    rowFiles(folder, isRow).flatMap((file) =>
      folder.rows(file).map((row, index) => ({ row, at: `${file} row ${index + 1}`, id: `${file}:${index + 1}` })),
    );
  const traces = rowsOf(isTrace).map(({ row, at, id }) => traceOf(row, at, id, box));
  const recorded = rowsOf(isSession).map(({ row, at, id }) => sessionOf(row, at, id, box));
  const sessions = sampled([...traces, ...recorded], limit);
  const notes = rowFiles(folder, isExchange).length > 0 ? [exchangesNote] : [];
  if (sessions.length === 0) return { type: 'skipped', reason: exchangesNote };
  return { type: 'sessions', plan: { tools: box.tools, sessions, notes, score } };
}

function traceOf(row: JsonObject, at: string, id: string, box: ToolBox): PlannedSession {
  const tools = listIn(row, 'tools', at).map((document) => box.add(toolOf(document, at, 'read')));
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const calls = listIn(row, 'calls', at).map((call): PlannedCall => {
    const name = textIn(call, 'name', at);
    const tool = byName.get(name);
    if (tool === undefined) return { tool: name, arguments: textOfArguments(call) ?? {}, end: { type: 'unknown' } };
    // Where the source did not keep the arguments whole, they are made to fit.
    const args = textOfArguments(call) ?? (sampleOf(tool.parameters) as JsonObject);
    return { tool: tool.key, arguments: args, end: endOf(args, JSON.stringify({ called: name })) };
  });
  const input = typeof row['query'] === 'string' ? row['query'] : '';
  const runs = [{ input, answers: calls.map((call) => [call]), say: 'That is all.' }];
  return { id, tools: tools.map(({ key }) => key), runs };
}

const textOfArguments = ({ arguments: args }: JsonObject): string | undefined =>
  typeof args === 'string' ? args : undefined;

/** Several providers write no text at all for a tool without parameters. */
function endOf(args: JsonObject | string, text: string): PlannedEnd {
  if (typeof args !== 'string' || args === '') return { type: 'answered', text };
  try {
    return isObject(JSON.parse(args)) ? { type: 'answered', text } : { type: 'unreadable' };
  } catch {
    return { type: 'unreadable' };
  }
}

/** No document describes the tools of a recorded session: each takes what it was given. */
const undescribed = (name: string): PlannedTool => ({
  ...{ key: name, name, description: `The tool ${name} of a recorded session.` },
  ...{ parameters: { type: 'object' }, effect: 'write' },
});

function sessionOf(row: JsonObject, at: string, id: string, box: ToolBox): PlannedSession {
  const messages = listIn(row, 'messages', at);
  const results = new Map(
    messages.map((message) => [message['tool_call_id'], textOfContent(message['content'])] as const),
  );
  const runs: { input: string; answers: PlannedCall[][]; say: string }[] = [];
  const tools = new Set<string>();
  for (const message of messages) {
    if (message['role'] === 'user')
      runs.push({ input: textOfContent(message['content']), answers: [], say: 'That is all.' });
    const run = runs.at(-1);
    if (message['role'] !== 'assistant' || run === undefined) continue;
    const calls = isList(message['tool_calls']) ? listIn(message, 'tool_calls', at) : [];
    if (calls.length === 0) run.say = textOfContent(message['content']) || run.say;
    else run.answers.push(calls.map((call) => recordedCall(call, at, results, box)));
  }
  for (const call of runs.flatMap(({ answers }) => answers.flat())) tools.add(call.tool);
  return { id, tools: [...tools], runs: runs satisfies PlannedRun[] };
}

function recordedCall(call: JsonObject, at: string, results: ReadonlyMap<unknown, string>, box: ToolBox): PlannedCall {
  const body = isObject(call['function']) ? call['function'] : call;
  const tool = box.add(undescribed(textIn(body, 'name', at)));
  const args = textOfArguments(body) ?? (isObject(body['arguments']) ? body['arguments'] : {});
  return { tool: tool.key, arguments: args, end: endOf(args, results.get(call['id']) ?? '') };
}

/** A text, or a list of parts of which some are text. */
function textOfContent(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!isList(content)) return '';
  return content.map((part) => (isObject(part) && typeof part['text'] === 'string' ? part['text'] : '')).join('');
}

function score(ended: readonly EndedSession[]): Figures {
  const calls = ended.flatMap((session) => session.calls);
  const invented = calls.filter(({ planned }) => planned.end.type === 'unknown');
  return {
    'invented names': invented.length,
    'of them answered by a hint': invented.filter((call) => verdictOf(call).asPlanned).length,
    'sessions not stuck': ended.filter(({ status }) => status !== 'stuck').length / (ended.length || 1),
  };
}
