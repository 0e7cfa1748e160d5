/**
 * Servers of the Model Context Protocol: what each offers, and the frames of a recorded session with it. The recorded
 * calls are made one after another, through the fleet's own driver for such servers, at one that answers as was recorded:
 * the model reads the text of a result, of an `isError` result or a JSON-RPC error as a refusal.
 */
import { hexDigestOf } from '@toolfleet/kernel';
import { mcpBodyOf, type CallToolResult } from '@toolfleet/platform/mcp';
import { isList, isObject, textIn, type Folder } from '../folder.js';
import { verdictOf } from '../call-verdict.js';
import type {
  EndedSession,
  Figures,
  JsonObject,
  ManifestDocument,
  PlannedCall,
  PlannedSession,
  PlannedTool,
} from '../plan.js';
import { mcpPath } from '../recorded-mcp.js';
import { sessionHeader, toolsUrlVariable } from '../staging.js';
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
  const manifests = servers.map(({ name }) => serverManifest(serverName(folder, name)));
  const backing = { manifests, env: {}, close: () => Promise.resolve() };
  return { type: 'sessions', plan: { tools: box.tools, sessions, backing, notes, score } };
}

/** Two folders may have servers of one name. */
const serverName = ({ path }: Folder, name: string): string =>
  `eval-${hexDigestOf(path).slice(0, 8)}-${name.replaceAll(/[^A-Za-z0-9._-]/g, '_').slice(0, 40)}`;

function serverManifest(name: string): ManifestDocument {
  const credential = { headers: { [sessionHeader]: '{session}' } };
  return { kind: 'McpServer', name, spec: { http: { url: `\${${toolsUrlVariable}}${mcpPath}${name}`, credential } } };
}

function serverOf(folder: Folder, name: string, box: ToolBox): { tools: PlannedTool[]; calls: PlannedCall[] } {
  const file = name + catalogueSuffix;
  const catalogue = folder.json(file);
  const documents = isObject(catalogue) && isList(catalogue['tools']) ? catalogue['tools'].filter(isObject) : [];
  const tools = documents.map((document, index) =>
    box.add(mcpToolOf(document, `${file} tool ${index + 1}`, serverName(folder, name))),
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
    const { jsonrpc: _, id: __, ...reply } = answers.get(frame['id']) ?? {};
    return [{ tool: tool?.key ?? called, arguments: args, ...(tool ? ended(reply) : { end: { type: 'unknown' } }) }];
  });
  return { tools, calls };
}

const isReadOnly = ({ annotations }: JsonObject): boolean =>
  isObject(annotations) && annotations['readOnlyHint'] === true;

function ended(reply: JsonObject): Pick<PlannedCall, 'end' | 'reply'> {
  const { result, error } = reply;
  if (!isObject(result)) {
    const text = isObject(error) && typeof error['message'] === 'string' ? error['message'] : '';
    return { end: { type: 'refused', text }, reply };
  }
  const { text } = mcpBodyOf(result as unknown as CallToolResult);
  return { end: { type: result['isError'] === true ? 'refused' : 'answered', text }, reply };
}

function mcpToolOf(document: JsonObject, at: string, server: string): PlannedTool {
  const tool = toolOf(document, at, isReadOnly(document) ? 'read' : 'write');
  return { ...tool, binding: { driver: 'mcp', mcp: { server, tool: tool.name } } };
}

function score(ended: readonly EndedSession[]): Figures {
  const verdicts = ended.flatMap(({ calls }) => calls.map(verdictOf));
  return { 'calls as recorded': verdicts.filter(({ asPlanned }) => asPlanned).length / (verdicts.length || 1) };
}
