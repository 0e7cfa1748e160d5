/**
 * Servers of the Model Context Protocol: what each offers, and the frames of a recorded session with it. The recorded
 * calls are made one after another; results come back as recorded, an `isError` result or a JSON-RPC error as a refusal.
 */
import { isList, isObject, textIn, type Folder } from '../folder.js';
import { verdictOf } from '../call-verdict.js';
import type {
  EndedSession,
  Figures,
  JsonObject,
  PlannedCall,
  PlannedEnd,
  PlannedSession,
  PlannedTool,
} from '../plan.js';
import { requireTools, ToolBox, toolOf } from '../tool-document.js';
import { sampled, type Format, type Reading } from './format.js';

const catalogueSuffix = '.catalogue.json';
const framesSuffix = '.frames.jsonl';

export const mcp: Format = {
  name: 'mcp',
  looksFor: 'NAME.catalogue.json with tools, beside NAME.frames.jsonl',
  recognises: (folder) => serversOf(folder).length > 0,
  read,
};

const serversOf = (folder: Folder): string[] =>
  folder
    .matching(/\.catalogue\.json$/)
    .map((file) => file.slice(0, -catalogueSuffix.length))
    .filter((name) => folder.has(name + framesSuffix));

function read(folder: Folder, limit: number): Reading {
  const box = new ToolBox();
  const servers = sampled(serversOf(folder), limit).map((name) => ({ name, ...serverOf(folder, name, box) }));
  const idle = servers.filter(({ calls }) => calls.length === 0);
  const sessions = servers
    .filter(({ calls }) => calls.length > 0)
    .map(({ name, tools, calls }): PlannedSession => {
      const runs = [{ input: `Use ${name}.`, answers: calls.map((call) => [call]), say: 'That is done.' }];
      return { id: name, tools: tools.map(({ key }) => key), runs };
    });
  const notes = idle.map(({ name }) => `${name}: no call is recorded, only its catalogue was taken`);
  return { type: 'sessions', plan: { tools: box.tools, sessions, notes, score } };
}

function serverOf(folder: Folder, name: string, box: ToolBox): { tools: PlannedTool[]; calls: PlannedCall[] } {
  const file = name + catalogueSuffix;
  const catalogue = folder.json(file);
  const documents = isObject(catalogue) && isList(catalogue['tools']) ? catalogue['tools'].filter(isObject) : [];
  const tools = documents.map((document, index) =>
    box.add(toolOf(document, `${file} tool ${index + 1}`, isReadOnly(document) ? 'read' : 'write')),
  );
  requireTools(tools, file);
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const frames = folder.rows(name + framesSuffix);
  const answers = new Map(
    frames.flatMap(({ dir, frame }) =>
      dir === 'server' && isObject(frame) && 'id' in frame ? [[frame['id'], frame]] : [],
    ),
  );
  const calls = frames.flatMap(({ dir, frame }, index): PlannedCall[] => {
    if (dir !== 'client' || !isObject(frame) || frame['method'] !== 'tools/call') return [];
    const params = isObject(frame['params']) ? frame['params'] : {};
    const called = textIn(params, 'name', `${name}${framesSuffix} row ${index + 1}`);
    const args = isObject(params['arguments']) ? params['arguments'] : {};
    const tool = byName.get(called);
    return [
      { tool: tool?.key ?? called, arguments: args, end: tool ? endOf(answers.get(frame['id'])) : { type: 'unknown' } },
    ];
  });
  return { tools, calls };
}

const isReadOnly = ({ annotations }: JsonObject): boolean =>
  isObject(annotations) && annotations['readOnlyHint'] === true;

function endOf(frame: JsonObject | undefined): PlannedEnd {
  const result = frame?.['result'];
  if (!isObject(result)) return { type: 'refused', text: JSON.stringify(frame?.['error'] ?? null) };
  return { type: result['isError'] === true ? 'refused' : 'answered', text: JSON.stringify(result) };
}

function score(ended: readonly EndedSession[]): Figures {
  const verdicts = ended.flatMap(({ calls }) => calls.map(verdictOf));
  return { 'calls as recorded': verdicts.filter(({ asPlanned }) => asPlanned).length / (verdicts.length || 1) };
}
