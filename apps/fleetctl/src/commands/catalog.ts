/** `fleetctl catalog`: manifests from what an API says of itself, and whether they still agree with it. */
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import { conflict, invalid, missing } from '@toolfleet/kernel';
import type { ManifestFile } from '@toolfleet/platform/catalog';
import { findManifestFiles, readManifestFiles } from '@toolfleet/platform/catalog';
import { importGrpcCatalog } from '../grpc/import-grpc-catalog.js';
import { isAddress, readDescriptors } from '../grpc/read-descriptors.js';
import type { ImportComparison } from '../openapi/check-import.js';
import { compareImport } from '../openapi/check-import.js';
import type { CatalogImport } from '../openapi/import-catalog.js';
import { importCatalog } from '../openapi/import-catalog.js';
import type { WrittenFiles } from '../openapi/import-files.js';
import { writeImport } from '../openapi/import-files.js';
import type { ImportOrigin } from '../openapi/manifest-text.js';
import { originOf } from '../openapi/manifest-text.js';
import { readSource } from '../openapi/read-source.js';

interface ImportFlags {
  readonly output: string;
  readonly upstream?: string;
  readonly prefix?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

interface GrpcFlags extends Omit<ImportFlags, 'upstream'> {
  readonly service?: string;
  readonly plaintext?: boolean;
  readonly ca?: string;
}

export function registerCatalog(program: Command): void {
  const catalog = program.command('catalog').description('manifests of tools from the documents of APIs');
  const imports = catalog.command('import').description('write manifests for review');
  imports
    .command('openapi')
    .description('from an OpenAPI 3.0 or 3.1 document: JSON or YAML, plain or gzipped')
    .argument('<source>', 'a file or an http(s) URL')
    .requiredOption('-o, --output <dir>', 'the directory for the manifests')
    .option('--upstream <name>', 'name of the upstream; default: from the title of the document')
    .option('--prefix <text>', 'put before the name of every tool')
    .option('--force', 'overwrite files of an earlier import that differ')
    .option('--json', 'the summary as one JSON object')
    .action(importOpenApiSource);
  imports
    .command('grpc')
    .description('from the methods of gRPC services')
    .argument('<source>', 'a descriptor set, plain or gzipped, or host:port of a server with reflection')
    .requiredOption('-o, --output <dir>', 'the directory for the manifests')
    .option('--service <name>', 'name of the GrpcService; default: from the package of the first service')
    .option('--prefix <text>', 'put before the name of every tool')
    .option('--plaintext', 'ask the server without TLS')
    .option('--ca <file>', 'certificates that the server is checked against')
    .option('--force', 'overwrite files of an earlier import that differ')
    .option('--json', 'the summary as one JSON object')
    .action(importGrpcSource);
  catalog
    .command('check')
    .description('fail when imported manifests differ from the documents they came from')
    .argument('<dir>', 'a directory with imported manifests')
    .option('--json', 'the result as one JSON object')
    .action(check);
}

const isUrl = (source: string) => /^https?:\/\//i.test(source);

async function importOpenApiSource(name: string, flags: ImportFlags): Promise<void> {
  const { upstream, prefix } = flags;
  assertNames(prefix, upstream, 'upstream');
  const directory = resolve(flags.output);
  const recordedAs = isUrl(name) ? name : relative(directory, resolve(name)).replaceAll(sep, '/');
  const result = await importCatalog(await readSource(name), recordedAs, { upstream, prefix });
  const files = await writeImport(directory, result.files, flags.force ?? false);
  process.stdout.write(
    `${flags.json ? JSON.stringify(summaryOf(result, files)) : summaryText(summaryOf(result, files))}\n`,
  );
}

async function importGrpcSource(name: string, flags: GrpcFlags): Promise<void> {
  const { service, prefix, plaintext, ca } = flags;
  assertNames(prefix, service, 'service');
  const directory = resolve(flags.output);
  const recorded = (path: string) => relative(directory, resolve(path)).replaceAll(sep, '/');
  const choices = { service, prefix, plaintext, ca: ca === undefined ? undefined : recorded(ca) };
  const source = await readDescriptors(name, { plaintext, ca });
  const result = importGrpcCatalog(source, isAddress(name) ? name : recorded(name), choices);
  const files = await writeImport(directory, result.files, flags.force ?? false);
  const { tools, reported } = result.imported;
  const summary: ImportSummary = {
    operations: tools.length + reported.length,
    imported: tools.length,
    services: [result.imported.service],
    reported,
    notes: notesOf(tools),
    files: files.written,
    filesOfEarlierImports: files.left,
  };
  process.stdout.write(`${flags.json ? JSON.stringify(summary) : summaryText(summary)}\n`);
}

function assertNames(prefix: string | undefined, name: string | undefined, option: string): void {
  if (name !== undefined && !/^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$/.test(name))
    throw invalid(
      `${option.toUpperCase()}_INVALID`,
      `--${option} is not a name of at most 60 letters, digits, dots and hyphens.`,
    );
  if (prefix !== undefined && !/^[A-Za-z0-9_-]{1,32}$/.test(prefix))
    throw invalid('PREFIX_INVALID', '--prefix is not a text of at most 32 letters, digits, hyphens and underscores.');
}

interface ImportSummary {
  readonly title?: string;
  readonly operations: number;
  readonly imported: number;
  readonly upstreams?: readonly { readonly name: string; readonly baseUrl: string }[];
  readonly services?: readonly string[];
  readonly reported: readonly { readonly operation: string; readonly reason: string }[];
  readonly notes: readonly { readonly tool: string; readonly note: string }[];
  readonly documentProblems?: readonly string[];
  readonly files: readonly string[];
  readonly filesOfEarlierImports: readonly string[];
}

const notesOf = (tools: readonly { readonly name: string; readonly notes: readonly string[] }[]) =>
  tools.flatMap(({ name, notes }) => notes.map((note) => ({ tool: name, note })));

function summaryOf({ imported, documentProblems }: CatalogImport, { written, left }: WrittenFiles): ImportSummary {
  const { title, tools, reported, upstreams } = imported;
  return {
    title,
    operations: tools.length + reported.length,
    imported: tools.length,
    upstreams: upstreams.map(({ name, baseUrl }) => ({ name, baseUrl })),
    reported,
    notes: notesOf(tools),
    documentProblems,
    files: written,
    filesOfEarlierImports: left,
  };
}

function summaryText(summary: ImportSummary): string {
  const part = (title: string, lines: readonly string[]) =>
    lines.length > 0 ? ['', title, ...lines.map((line) => `  ${line}`)] : [];
  return [
    `${summary.operations} operations, ${summary.imported} imported, ${summary.reported.length} reported; ${summary.files.length} files written.`,
    ...part(
      'Not imported:',
      summary.reported.map(({ operation, reason }) => `${operation}: ${reason}`),
    ),
    ...part(
      'Imported with a note:',
      summary.notes.map(({ tool, note }) => `${tool}: ${note}`),
    ),
    ...part('The document breaks rules of OpenAPI:', summary.documentProblems ?? []),
    ...part('Of an earlier import, not of this one:', summary.filesOfEarlierImports),
  ].join('\n');
}

async function check(directory: string, { json }: { readonly json?: boolean }): Promise<void> {
  const files = await readManifestFiles(await findManifestFiles([directory]));
  const results: (ImportComparison & { readonly source: string })[] = [];
  for (const [, kept] of Map.groupBy(files.filter(wasImported), groupOf)) {
    // oxlint-disable-next-line no-await-in-loop -- one document in memory at a time
    results.push(await compareWithSource(kept));
  }
  if (results.length === 0) throw missing('IMPORT_MISSING', `${directory} holds no imported manifests.`);
  const drifted = results.flatMap((one) => one.drifted);
  process.stdout.write(`${json ? JSON.stringify({ results }) : results.map(comparisonText).join('\n')}\n`);
  if (drifted.length === 0) return;
  throw conflict('CATALOG_DRIFTED', `${drifted.length} manifests differ from their documents.`, {
    hint: 'Import again with --force, look at the difference, and keep what was reviewed.',
  });
}

const wasImported = ({ text }: ManifestFile) => originOf(text) !== undefined;

/** Files of one import; the digest is left out, as files of two runs may stand side by side. */
function groupOf({ path, text }: ManifestFile): string {
  const { source, upstream, prefix, format } = originOf(text)!;
  return JSON.stringify([dirname(path), source, upstream, prefix, format]);
}

async function compareWithSource(kept: readonly ManifestFile[]) {
  const { path, text } = kept[0]!;
  const origin = originOf(text) as ImportOrigin;
  const { source, upstream, prefix } = origin;
  if (origin.format === 'grpc') return compareWithDescriptors(kept, origin, dirname(path));
  const place = isUrl(source) || isAbsolute(source) ? source : resolve(dirname(path), source);
  const { files } = await importCatalog(await readSource(place), source, { upstream, prefix });
  return { source, ...compareImport(kept, files) };
}

/** Executors read answers by the descriptors, so these count, too, where no tool differs. */
async function compareWithDescriptors(kept: readonly ManifestFile[], origin: ImportOrigin, directory: string) {
  const { source, upstream: service, prefix, plaintext, ca } = origin;
  const place = isAddress(source) || isAbsolute(source) ? source : resolve(directory, source);
  const choices = { service, prefix, plaintext, ca };
  const found = await readDescriptors(place, { plaintext, ca: ca === undefined ? undefined : resolve(directory, ca) });
  const { files, sha256 } = importGrpcCatalog(found, source, choices);
  const manifests = files.filter(({ bytes }) => bytes === undefined);
  const comparison = compareImport(kept, manifests);
  const changed = kept.some(({ text }) => originOf(text)?.sha256 !== sha256);
  const drifted = changed ? [{ manifest: `GrpcService/${service}`, fields: ['descriptorSet'] }] : [];
  return { source, ...comparison, drifted: [...comparison.drifted, ...drifted] };
}

function comparisonText({ source, compared, drifted, notTaken }: ImportComparison & { readonly source: string }) {
  return [
    `${source}: ${compared} manifests compared, ${drifted.length} differ, ${notTaken.length} of the document not taken.`,
    ...drifted.map(({ manifest, fields }) => `  ${manifest}: ${fields.join(', ') || 'no longer in the document'}`),
  ].join('\n');
}
