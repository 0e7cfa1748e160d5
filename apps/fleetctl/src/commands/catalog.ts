/** `fleetctl catalog`: manifests from what an API says of itself, and whether they still agree with it. */
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import { conflict, invalid, missing } from '@toolfleet/kernel';
import type { ManifestFile } from '@toolfleet/platform/catalog';
import { findManifestFiles, readManifestFiles, textOfProblem } from '@toolfleet/platform/catalog';
import { refuse } from '../catalog-problems.js';
import type { CatalogImport } from '../imports/catalog-import.js';
import type { ImportComparison } from '../imports/check-import.js';
import { compareImport } from '../imports/check-import.js';
import type { WrittenFiles } from '../imports/import-files.js';
import { writeImport } from '../imports/import-files.js';
import type { ImportChoices, ImportOrigin } from '../imports/manifest-text.js';
import { originOf } from '../imports/manifest-text.js';
import type { McpSource } from '../imports/mcp-import.js';
import { grpcImport } from '../imports/grpc-import.js';
import { mcpImport } from '../imports/mcp-import.js';
import { openApiImport } from '../imports/openapi-import.js';
import { breaksIn, readLiveCatalogue } from '../live-catalogue.js';
import { isAddress, readDescriptors } from '../imports/read-descriptors.js';
import { readSource } from '../imports/read-source.js';
import { schemaWarnings } from '../schema-warnings.js';
import { registerCatalogDocs } from './catalog-docs.js';
import { registerCatalogLive } from './catalog-live.js';
import { registerCatalogSets } from './catalog-sets.js';
import { registerCatalogUnused } from './catalog-unused.js';

interface ImportFlags {
  readonly output: string;
  readonly upstream?: string;
  readonly server?: string;
  readonly prefix?: string;
  readonly service?: string;
  readonly header?: readonly string[];
  readonly plaintext?: boolean;
  readonly ca?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

export function registerCatalog(program: Command): void {
  const catalog = program
    .command('catalog')
    .description('what is live, changes to it, and manifests from what other systems say of themselves');
  const imports = catalog.command('import').description('write manifests for review');
  withImportFlags(
    imports
      .command('openapi')
      .description('from an OpenAPI 3.0 or 3.1 document: JSON or YAML, plain or gzipped')
      .argument('<source>', 'a file or an http(s) URL')
      .option('--upstream <name>', 'name of the upstream; default: from the title of the document'),
  ).action(importOpenApiSource);
  withImportFlags(
    imports
      .command('mcp')
      .description(
        'from an MCP server: its URL, the command that starts it (after --), or a file with its list of tools',
      )
      .argument('<source...>', 'an http(s) URL, the words of a command, or a .json file')
      .option('--server <name>', 'name of the McpServer; default: from what the server calls itself')
      .option('--header <name: template...>', 'sent to the server, as `authorization: Bearer {env:VARIABLE}`'),
  ).action(importMcpSource);
  withImportFlags(
    imports
      .command('grpc')
      .description('from the methods of gRPC services')
      .argument('<source>', 'a descriptor set, plain or gzipped, or host:port of a server with reflection')
      .option('--service <name>', 'name of the GrpcService; default: from the package of the first service')
      .option('--plaintext', 'ask the server without TLS')
      .option('--ca <file>', 'certificates that the server is checked against'),
  ).action(importGrpcSource);
  catalog
    .command('check')
    .description('fail when imported manifests differ from the sources they came from, or tools break their callers')
    .argument('<dir>', 'a directory with manifests')
    .option('--live', 'compare the tools with those that are live')
    .option('--run-commands', 'start the commands that the manifests name as their source')
    .option('--json', 'the result as one JSON object')
    .action(check);
  registerCatalogSets(catalog);
  registerCatalogLive(catalog);
  registerCatalogDocs(catalog);
  registerCatalogUnused(catalog);
}

function withImportFlags(command: Command): Command {
  return command
    .requiredOption('-o, --output <dir>', 'the directory for the manifests')
    .option('--prefix <text>', 'put before the name of every tool')
    .option('--force', 'overwrite files of an earlier import that differ')
    .option('--json', 'the summary as one JSON object');
}

const isUrl = (source: string) => /^https?:\/\//i.test(source);

async function importOpenApiSource(name: string, flags: ImportFlags): Promise<void> {
  const { upstream, prefix } = checkedNames(flags);
  const source = await readSource(name);
  await write(await openApiImport(source, recordedAs(name, flags), { upstream, prefix }), flags);
}

async function importMcpSource(words: readonly string[], flags: ImportFlags): Promise<void> {
  const { prefix, server } = checkedNames(flags);
  const headers = flags.header && Object.fromEntries(flags.header.map(headerOf));
  const source = await mcpSourceOf(words);
  const recorded = source.kind === 'stdio' ? words : recordedAs(words[0]!, flags);
  await write(await mcpImport(source, recorded, { upstream: server, prefix, headers }), flags);
}

async function importGrpcSource(name: string, flags: ImportFlags): Promise<void> {
  const { service, prefix } = checkedNames(flags);
  const { plaintext, ca } = flags;
  const source = await readDescriptors(name, { plaintext, ca });
  const choices = { upstream: service, prefix, plaintext, ca: ca === undefined ? undefined : recordedAs(ca, flags) };
  await write(grpcImport(source, isAddress(name) ? name : recordedAs(name, flags), choices), flags);
}

async function mcpSourceOf(words: readonly string[]): Promise<McpSource> {
  const [first = ''] = words;
  if (words.length === 1 && isUrl(first)) return { kind: 'http', url: first };
  if (words.length === 1 && first.endsWith('.json')) return { kind: 'recorded', document: await readSource(first) };
  return { kind: 'stdio', words };
}

function headerOf(text: string): [string, string] {
  const [, name, template] = /^([A-Za-z0-9-]{1,100}):\s*(.+)$/.exec(text) ?? [];
  if (!name || !template) throw invalid('HEADER_INVALID', '--header is not of the form `name: template`.');
  return [name.toLowerCase(), template];
}

type Names = Pick<ImportFlags, 'upstream' | 'server' | 'service' | 'prefix'>;

function checkedNames({ upstream, server, service, prefix }: Names): Names {
  for (const [flag, name] of Object.entries({ upstream, server, service })) {
    if (name !== undefined && !/^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$/.test(name))
      throw invalid('NAME_INVALID', `--${flag} is not a name of at most 60 letters, digits, dots and hyphens.`);
  }
  if (prefix !== undefined && !/^[A-Za-z0-9_-]{1,32}$/.test(prefix))
    throw invalid('PREFIX_INVALID', '--prefix is not a text of at most 32 letters, digits, hyphens and underscores.');
  return { upstream, server, service, prefix } as Names;
}

/** A file is found again from where the manifests are. */
const recordedAs = (name: string, { output }: ImportFlags): string =>
  isUrl(name) ? name : relative(resolve(output), resolve(name)).replaceAll(sep, '/');

async function write(result: CatalogImport, flags: ImportFlags): Promise<void> {
  const files = await writeImport(resolve(flags.output), result.files, flags.force ?? false);
  process.stdout.write(`${flags.json ? JSON.stringify(summaryOf(result, files)) : summaryText(result, files)}\n`);
}

function summaryOf({ title, tools, reported, upstreams, problems }: CatalogImport, { written, left }: WrittenFiles) {
  return {
    title,
    operations: tools.length + reported.length,
    imported: tools.length,
    upstreams: upstreams.map(({ kind, name, spec }) => ({ kind, name, ...spec })),
    reported,
    notes: tools.flatMap(({ name, notes }) => notes.map((note) => ({ tool: name, note }))),
    problems,
    files: written,
    filesOfEarlierImports: left,
  };
}

function summaryText(result: CatalogImport, files: WrittenFiles): string {
  const summary = summaryOf(result, files);
  const part = (title: string, lines: readonly string[]) =>
    lines.length > 0 ? ['', title, ...lines.map((line) => `  ${line}`)] : [];
  return [
    `${summary.operations} operations, ${summary.imported} imported, ${summary.reported.length} reported; ${files.written.length} files written.`,
    ...part(
      'Not imported:',
      summary.reported.map(({ operation, reason }) => `${operation}: ${reason}`),
    ),
    ...part(
      'Imported with a note:',
      summary.notes.map(({ tool, note }) => `${tool}: ${note}`),
    ),
    ...part('The source breaks rules of its own format:', summary.problems),
    ...part('Of an earlier import, not of this one:', files.left),
  ].join('\n');
}

interface CheckFlags {
  readonly live?: boolean;
  readonly runCommands?: boolean;
  readonly json?: boolean;
}

type CheckedSource = ImportComparison & { readonly source: string };

async function check(directory: string, { json, live, runCommands }: CheckFlags): Promise<void> {
  const files = await readManifestFiles(await findManifestFiles([directory]));
  const results: CheckedSource[] = [];
  const notRun: string[] = [];
  for (const [, kept] of Map.groupBy(files.filter(wasImported), groupOf)) {
    const { source } = originOf(kept[0]!.text)!;
    // A manifest comes with somebody's change: what it names is not started unasked.
    if (typeof source !== 'string' && !runCommands) notRun.push(source.join(' '));
    // oxlint-disable-next-line no-await-in-loop -- one source in memory at a time
    else results.push(await compareWithSource(kept));
  }
  const warnings = await schemaWarnings(files);
  if (results.length + notRun.length + warnings.length === 0 && !live)
    throw missing('IMPORT_MISSING', `${directory} holds no imported manifests.`);
  const drifted = results.flatMap((one) => one.drifted);
  const breaking = live ? breaksIn(files, await readLiveCatalogue()) : undefined;
  const text = [
    ...results.map(comparisonText),
    ...notRun.map((source) => `${source}: not started; give --run-commands.`),
    ...(breaking ? [`${breaking.length} changes break what is live.`] : []),
    ...warnings.map((warning) => `Warning: ${textOfProblem(warning)}`),
  ];
  process.stdout.write(`${json ? JSON.stringify({ results, notRun, breaking, warnings }) : text.join('\n')}\n`);
  refuse(breaking ?? [], false);
  if (drifted.length === 0) return;
  throw conflict('CATALOG_DRIFTED', `${drifted.length} manifests differ from their sources.`, {
    hint: 'Import again with --force, look at the difference, and keep what was reviewed.',
  });
}

const wasImported = ({ text }: ManifestFile) => originOf(text) !== undefined;

/** Files of one import; the digest is left out, as files of two runs may stand side by side. */
function groupOf({ path, text }: ManifestFile): string {
  const { sha256: _, ...origin } = originOf(text)!;
  return JSON.stringify([dirname(path), origin]);
}

async function compareWithSource(kept: readonly ManifestFile[]): Promise<CheckedSource> {
  const { path, text } = kept[0]!;
  const origin = originOf(text)!;
  const { files, sha256, upstreams } = await importAgain(origin, dirname(path));
  const manifests = files.filter(({ bytes }) => bytes === undefined);
  const { drifted, ...compared } = compareImport(kept, manifests);
  // Executors read answers by the descriptors, so these count, too, where no tool differs.
  const changed = origin.kind === 'grpc' && kept.some((file) => originOf(file.text)?.sha256 !== sha256);
  const set = changed ? [{ manifest: `GrpcService/${upstreams[0]!.name}`, fields: ['descriptorSet'] }] : [];
  return { source: [origin.source].flat().join(' '), ...compared, drifted: [...drifted, ...set] };
}

async function importAgain({ kind, source, ...choices }: ImportOrigin, directory: string): Promise<CatalogImport> {
  const placed = (name: string) => (isUrl(name) || isAbsolute(name) ? name : resolve(directory, name));
  const again: ImportChoices = choices;
  if (kind === 'openapi') return openApiImport(await readSource(placed(String(source))), String(source), again);
  if (kind === 'grpc') {
    const name = String(source);
    const ca = choices.ca === undefined ? undefined : resolve(directory, choices.ca);
    const asked = { plaintext: choices.plaintext, ca };
    return grpcImport(await readDescriptors(isAddress(name) ? name : placed(name), asked), name, again);
  }
  const words = typeof source === 'string' ? [placed(source)] : source;
  return mcpImport(typeof source === 'string' ? await mcpSourceOf(words) : { kind: 'stdio', words }, source, again);
}

function comparisonText({ source, compared, drifted, notTaken }: CheckedSource) {
  return [
    `${source}: ${compared} manifests compared, ${drifted.length} differ, ${notTaken.length} of the source not taken.`,
    ...drifted.map(({ manifest, fields }) => `  ${manifest}: ${fields.join(', ') || 'no longer in the source'}`),
  ].join('\n');
}
