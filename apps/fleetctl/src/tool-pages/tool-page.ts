/** A page for people about one tool, and one that lists all of them, from the manifests that the fleet runs. */
import type { Manifest, ToolClassSpec, ToolSpec } from '@toolfleet/kernel';
import { dayOf, destinationKinds, entryNameOf, limits, upstreamNameOf } from '@toolfleet/kernel';
import { defaultClasses } from '@toolfleet/platform/catalog';
import { markdownTable } from '../generated-file.js';
import { exampleArguments } from './example-call.js';
import { code, jsonBlock, paragraphs, plainText } from './markdown-text.js';
import { parameterRows } from './parameter-rows.js';

export interface Page {
  /** Below the directory of pages. */
  readonly path: string;
  readonly text: string;
}

export const pageMark = '<!-- Written by `fleetctl catalog docs` from the manifests of the catalogue. Do not edit. -->';

const purposeCharsMax = 160;

export function toolPages(manifests: readonly Manifest[]): Page[] {
  const tools = manifests.flatMap((manifest) => (manifest.kind === 'Tool' ? [manifest.spec] : []));
  const sorted = tools.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const paths = pathsOf(sorted);
  const pages = sorted.map((tool) => ({ path: paths.get(tool)!, text: toolPage(tool, manifests) }));
  return [{ path: 'index.md', text: indexPage(sorted, manifests, paths) }, ...pages];
}

/** Two names that differ in case only are one file on some machines. */
function pathsOf(tools: readonly ToolSpec[]): Map<ToolSpec, string> {
  const taken = new Map<string, number>();
  return new Map(
    tools.map((tool) => {
      const name = shownNameOf(tool);
      const count = (taken.get(name.toLowerCase()) ?? 0) + 1;
      taken.set(name.toLowerCase(), count);
      return [tool, `tools/${name}${count > 1 ? `.${count}` : ''}.md`];
    }),
  );
}

/** With its version where another one is current. */
const shownNameOf = (spec: ToolSpec): string => entryNameOf({ kind: 'Tool', spec });

function toolPage(tool: ToolSpec, manifests: readonly Manifest[]): string {
  const facts = [
    ['Effect', effectText(tool)],
    ['Risk', tool.riskTier],
    ['Visibility', visibilityText(tool)],
    ...(tool.successor ? [['In its place', code(tool.successor)]] : []),
    ['Version', code(tool.version)],
    ['Owner', tool.owner ? plainText(tool.owner) : 'nobody is named'],
    ...(tool.onCall === undefined ? [] : [['On call', plainText(tool.onCall)]]),
    ...(tool.deprecatedAtMs === undefined ? [] : [['Deprecated', dayOf(tool.deprecatedAtMs)]]),
    ...(tool.sunsetAtMs === undefined ? [] : [['Refused', `from ${dayOf(tool.sunsetAtMs)}`]]),
    ['Class', classText(tool, manifests)],
    ['Time limit', timeText(tool, manifests)],
    ...(tool.conflictKey
      ? [['One at a time', `calls of one key ${code(tool.conflictKey)} run one after another`]]
      : []),
    ...(tool.hedgeAfterMs
      ? [['Second attempt', `when there is no answer after ${durationText(tool.hedgeAfterMs)}`]]
      : []),
    ['Runs at', placeText(tool, manifests)],
    ['Answer', observationText(tool)],
  ];
  const sections = [
    pageMark,
    `# ${plainText(shownNameOf(tool))}`,
    paragraphs(tool.description),
    facts.map(([name, text]) => `- **${name}**: ${text}`).join('\n'),
    `## Parameters\n\n${parametersText(tool)}`,
    ...checksText(tool),
    ...exampleText(tool),
    `[All tools](../index.md)`,
  ];
  return `${sections.join('\n\n')}\n`;
}

const effectText = ({ effect, idempotent }: ToolSpec) =>
  effect === 'read'
    ? 'read, changes nothing'
    : `write, run once${idempotent ? '; its upstream knows a repeated call by its key' : ''}`;

function visibilityText({ visibility = 'offered' }: ToolSpec): string {
  if (visibility === 'hidden') return 'hidden: deprecated, no new session is given it';
  if (visibility === 'archived') return 'archived: no session has it any more';
  return visibility;
}

function classOf(tool: ToolSpec, manifests: readonly Manifest[]): ToolClassSpec | undefined {
  const found = [...manifests, ...defaultClasses].find(
    ({ kind, spec }) => kind === 'ToolClass' && spec.name === tool.toolClass,
  );
  return found?.spec as ToolClassSpec | undefined;
}

function classText(tool: ToolSpec, manifests: readonly Manifest[]): string {
  const description = classOf(tool, manifests)?.description;
  return `${code(tool.toolClass)}${description ? `: ${plainText(description)}` : ''}`;
}

function timeText(tool: ToolSpec, manifests: readonly Manifest[]): string {
  if (tool.timeoutMs !== undefined) return durationText(tool.timeoutMs);
  const ofClass = classOf(tool, manifests)?.timeoutMs;
  return ofClass === undefined ? 'that of its class' : `${durationText(ofClass)}, that of its class`;
}

const durationText = (ms: number) => (ms % 1_000 === 0 ? `${ms / 1_000} s` : `${ms} ms`);

function placeText(tool: ToolSpec, manifests: readonly Manifest[]): string {
  const { http, mcp, sql, grpc, builtin } = tool;
  if (builtin) return `the executor itself, as ${code(builtin)}`;
  const place = destinationText(upstreamNameOf(tool), manifests);
  if (http) return `${code(`${http.method} ${http.path}`)} of ${place}`;
  if (mcp) return `the MCP tool ${code(mcp.tool ?? tool.name)} of ${place}`;
  if (sql) return `a SQL statement in ${place}, at most ${sql.rowsMax} rows`;
  if (grpc) return `the gRPC method ${code(grpc.method)} of ${place}`;
  return place;
}

function destinationText(name: string | undefined, manifests: readonly Manifest[]): string {
  if (name === undefined) return 'nowhere';
  const found = manifests.find(
    ({ kind, spec }) => spec.name === name && (destinationKinds as readonly string[]).includes(kind),
  );
  if (!found) return code(name);
  const at = addressOf(found);
  return `${code(name)}${at ? ` at ${code(at)}` : ''}`;
}

/** Of a database nothing but its name is known, of a process its command. */
function addressOf(manifest: Manifest): string | undefined {
  if (manifest.kind === 'Upstream') return manifest.spec.baseUrl;
  if (manifest.kind === 'GrpcService') return manifest.spec.address;
  if (manifest.kind === 'McpServer') return manifest.spec.http?.url ?? manifest.spec.stdio?.command;
  return undefined;
}

function observationText({ observation }: ToolSpec): string {
  const { bytesMax, tokensMax = limits.observationTokensMax, shape, select, recordId } = observation;
  return [
    `at most ${bytesMax} bytes and ${tokensMax} tokens`,
    ...(shape ? [`as ${shape}`] : []),
    ...(select ? [`only ${code(select)} of it`] : []),
    ...(recordId ? [`records are named by ${code(recordId)}`] : []),
  ].join(', ');
}

function parametersText({ parameters }: ToolSpec): string {
  const { rows, cut } = parameterRows(parameters);
  if (rows.length === 0) return 'None.';
  const table = markdownTable(
    ['parameter', 'type', 'required', 'meaning'],
    rows.map(({ path, type, required, bounds, description }) => [
      code(path),
      plainText(type),
      required ? 'yes' : '',
      [plainText(description), bounds.map(code).join(', ')].filter((part) => part !== '').join(' '),
    ]),
  );
  return cut ? `${table}\n\nMore stands in the manifest.` : table;
}

function checksText({ checks = [] }: ToolSpec): string[] {
  if (checks.length === 0) return [];
  return [
    `What must hold besides:\n\n${checks.map(({ condition, message }) => `- ${code(condition)}: ${plainText(message)}`).join('\n')}`,
  ];
}

function exampleText(tool: ToolSpec): string[] {
  const example = exampleArguments(tool);
  if (example === undefined) return [];
  return [
    '## Example',
    `A call with what is required; values are made up.`,
    jsonBlock({ name: tool.name, arguments: example }),
  ];
}

function indexPage(
  tools: readonly ToolSpec[],
  manifests: readonly Manifest[],
  paths: ReadonlyMap<ToolSpec, string>,
): string {
  const groups = Map.groupBy(tools, (tool) => upstreamNameOf(tool) ?? '');
  const sections = [...groups.keys()].toSorted().flatMap((name) => [
    name === '' ? '## In the executor itself' : `## ${plainText(name)}`,
    ...(name === '' ? [] : [`At ${destinationText(name, manifests)}.`]),
    markdownTable(
      ['tool', 'effect', 'risk', 'class', 'owner', 'purpose'],
      groups
        .get(name)!
        .map((tool) => [
          `[${plainText(shownNameOf(tool))}](${paths.get(tool)})`,
          tool.effect,
          tool.riskTier,
          code(tool.toolClass),
          plainText(tool.owner),
          purposeOf(tool),
        ]),
    ),
  ]);
  return `${[pageMark, '# Tools', `${tools.length} tools, by what they run at.`, ...sections].join('\n\n')}\n`;
}

function purposeOf({ description, visibility = 'offered' }: ToolSpec): string {
  const [first = ''] = description.trim().split(/(?<=[.!?])\s|\n\s*\n/);
  const signs = [...first];
  const purpose = plainText(signs.length > purposeCharsMax ? `${signs.slice(0, purposeCharsMax).join('')}…` : first);
  return visibility === 'offered' ? purpose : `(${visibility}) ${purpose}`;
}
