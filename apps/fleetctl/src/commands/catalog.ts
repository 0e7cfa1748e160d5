/** `fleetctl catalog`: manifests from what an API says of itself, and whether they still agree with it. */
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import { conflict, invalid, missing } from '@toolfleet/kernel';
import type { ManifestFile } from '@toolfleet/platform/catalog';
import { findManifestFiles, readManifestFiles } from '@toolfleet/platform/catalog';
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

export function registerCatalog(program: Command): void {
  const catalog = program.command('catalog').description('manifests of tools from the documents of APIs');
  catalog
    .command('import')
    .description('write manifests for review')
    .command('openapi')
    .description('from an OpenAPI 3.0 or 3.1 document: JSON or YAML, plain or gzipped')
    .argument('<source>', 'a file or an http(s) URL')
    .requiredOption('-o, --output <dir>', 'the directory for the manifests')
    .option('--upstream <name>', 'name of the upstream; default: from the title of the document')
    .option('--prefix <text>', 'put before the name of every tool')
    .option('--force', 'overwrite files of an earlier import that differ')
    .option('--json', 'the summary as one JSON object')
    .action(importOpenApiSource);
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
  if (upstream !== undefined && !/^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$/.test(upstream))
    throw invalid('UPSTREAM_INVALID', '--upstream is not a name of at most 60 letters, digits, dots and hyphens.');
  if (prefix !== undefined && !/^[A-Za-z0-9_-]{1,32}$/.test(prefix))
    throw invalid('PREFIX_INVALID', '--prefix is not a text of at most 32 letters, digits, hyphens and underscores.');
  const directory = resolve(flags.output);
  const recordedAs = isUrl(name) ? name : relative(directory, resolve(name)).replaceAll(sep, '/');
  const result = await importCatalog(await readSource(name), recordedAs, { upstream, prefix });
  const files = await writeImport(directory, result.files, flags.force ?? false);
  process.stdout.write(`${flags.json ? JSON.stringify(summaryOf(result, files)) : summaryText(result, files)}\n`);
}

function summaryOf({ imported, documentProblems }: CatalogImport, { written, left }: WrittenFiles) {
  const { title, tools, reported, upstreams } = imported;
  return {
    title,
    operations: tools.length + reported.length,
    imported: tools.length,
    upstreams: upstreams.map(({ name, baseUrl }) => ({ name, baseUrl })),
    reported,
    notes: tools.flatMap(({ name, notes }) => notes.map((note) => ({ tool: name, note }))),
    documentProblems,
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
    ...part('The document breaks rules of OpenAPI:', summary.documentProblems),
    ...part('Of an earlier import, not of this one:', files.left),
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
  const { source, upstream, prefix } = originOf(text)!;
  return JSON.stringify([dirname(path), source, upstream, prefix]);
}

async function compareWithSource(kept: readonly ManifestFile[]) {
  const { path, text } = kept[0]!;
  const { source, upstream, prefix } = originOf(text) as ImportOrigin;
  const place = isUrl(source) || isAbsolute(source) ? source : resolve(dirname(path), source);
  const { files } = await importCatalog(await readSource(place), source, { upstream, prefix });
  return { source, ...compareImport(kept, files) };
}

function comparisonText({ source, compared, drifted, notTaken }: ImportComparison & { readonly source: string }) {
  return [
    `${source}: ${compared} manifests compared, ${drifted.length} differ, ${notTaken.length} of the document not taken.`,
    ...drifted.map(({ manifest, fields }) => `  ${manifest}: ${fields.join(', ') || 'no longer in the document'}`),
  ].join('\n');
}
