/** `fleetctl catalog docs` and `catalog schema`: pages for people and a schema for editors, from the source that the fleet reads. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import type { ManifestKind } from '@toolfleet/kernel';
import { identityOf, missing, withVersionsMarked } from '@toolfleet/kernel';
import {
  findManifestFiles,
  manifestJsonSchema,
  manifestKinds,
  readManifestFiles,
  readManifests,
} from '@toolfleet/platform/catalog';
import { refuse } from '../catalog-problems.js';
import { checkGenerated, writeGenerated } from '../generated-file.js';
import { toolPages } from '../tool-pages/tool-page.js';
import { writePages } from '../tool-pages/write-pages.js';

const schemaPath = fileURLToPath(new URL('../../../../deploy/schemas/toolfleet.dev-v1.schema.json', import.meta.url));
export function registerCatalogDocs(catalog: Command): void {
  catalog
    .command('docs')
    .description('write a page for each tool and an index of them')
    .argument('<dir>', 'a directory with manifests')
    .requiredOption('-o, --output <dir>', 'the directory for the pages')
    .option('--json', 'the result as one JSON object')
    .action(docs);
  catalog
    .command('schema')
    .description('print the JSON Schema of manifests, for editors')
    .option('--kind <kind>', 'of documents of this kind only', kindOf)
    .addOption(new Option('--check', 'fail when deploy/schemas differs from the code').conflicts(['write', 'kind']))
    .addOption(new Option('--write', 'write deploy/schemas').conflicts('kind'))
    .action(schema);
}

interface DocsFlags {
  readonly output: string;
  readonly json?: boolean;
}

async function docs(directory: string, { output, json }: DocsFlags): Promise<void> {
  const files = await readManifestFiles(await findManifestFiles([directory]));
  const { manifests, problems } = readManifests(files);
  const seen = new Set<string>();
  const twice = manifests.flatMap(({ manifest, problem }) => {
    const key = identityOf(manifest);
    if (seen.has(key)) return [problem(['metadata', 'name'], 'is taken by an earlier manifest')];
    seen.add(key);
    return [];
  });
  refuse([...problems, ...twice], json);
  const pages = toolPages(withVersionsMarked(manifests.map(({ manifest }) => manifest)));
  if (pages.length === 1) throw missing('TOOLS_MISSING', `${directory} holds no Tool.`);
  const { written, removed } = await writePages(resolve(output), pages);
  const text = `${written.length} pages written, ${removed.length} of earlier runs removed.`;
  process.stdout.write(`${json ? JSON.stringify({ written, removed }) : text}\n`);
}

function kindOf(text: string): ManifestKind {
  const kind = manifestKinds.find((one) => one === text);
  if (kind) return kind;
  throw new InvalidArgumentError(`Kinds are ${manifestKinds.join(', ')}.`);
}

interface SchemaFlags {
  readonly kind?: ManifestKind;
  readonly check?: boolean;
  readonly write?: boolean;
}

async function schema({ kind, check, write }: SchemaFlags): Promise<void> {
  const text = `${JSON.stringify(manifestJsonSchema(kind), null, 2)}\n`;
  const file = { path: schemaPath, text, command: 'catalog schema --write' };
  if (write) return writeGenerated(file);
  if (check) return checkGenerated(file);
  process.stdout.write(text);
}
