/** `fleetctl catalog list` and `get`: what is live, as the topic tells it to every service. Secrets never are in it. */
import type { Command } from 'commander';
import type { CatalogEntry } from '@toolfleet/contracts';
import type { ManifestKind } from '@toolfleet/kernel';
import { entryNameOf, invalid, missing, nearNames } from '@toolfleet/kernel';
import { manifestKinds } from '@toolfleet/platform/catalog';
import { stringify } from 'yaml';
import { readLiveCatalogue } from '../live-catalogue.js';
import { columns } from '../terminal-text.js';

/** Compared for a hint: a few milliseconds. */
const namesMax = 1_000;

const print = (text: string): void => void process.stdout.write(`${text}\n`);

export function registerCatalogLive(catalog: Command): void {
  catalog
    .command('list')
    .description('print what is live')
    .argument('[kind]', 'of this kind only')
    .option('--set <name>', 'of this applied set only')
    .option('--json', 'JSON, one object per line')
    .action(list);
  catalog
    .command('get')
    .description('print one manifest as services see it, its defaults filled in')
    .argument('<kind/name>', 'such as Tool/get_order')
    .option('--json', 'one JSON object')
    .action(get);
}

interface ListFlags {
  readonly set?: string;
  readonly json?: boolean;
}

async function list(kind: string | undefined, { set, json }: ListFlags): Promise<void> {
  const asked = kind === undefined ? undefined : kindOf(kind);
  const entries = (await readLiveCatalogue()).filter(
    ({ manifest, appliedSet }) => (asked ?? manifest.kind) === manifest.kind && (set ?? appliedSet) === appliedSet,
  );
  if (json) {
    for (const { manifest, revision, appliedSet } of entries)
      print(
        JSON.stringify({ kind: manifest.kind, name: entryNameOf(manifest), set: appliedSet || undefined, revision }),
      );
    return;
  }
  if (entries.length === 0) return print('Nothing of that is live.');
  const rows = entries.map((entry) => [
    entry.manifest.kind,
    entryNameOf(entry.manifest),
    originOf(entry),
    entry.revision,
  ]);
  print(columns([['KIND', 'NAME', 'FROM', 'REVISION'], ...rows]));
}

async function get(what: string, { json }: { readonly json?: boolean }): Promise<void> {
  const [, kindText, name] = /^([A-Za-z]+)\/(.+)$/.exec(what) ?? [];
  if (kindText === undefined || name === undefined)
    throw invalid('NAME_INVALID', 'A manifest is named by its kind and name, such as Tool/get_order.');
  const kind = kindOf(kindText);
  const ofKind = (await readLiveCatalogue()).filter(({ manifest }) => manifest.kind === kind);
  const entry = ofKind.find(({ manifest }) => entryNameOf(manifest) === name);
  if (!entry) {
    const names = ofKind.map(({ manifest }) => entryNameOf(manifest));
    throw missing('MANIFEST_UNKNOWN', `There is no live ${kind} ${name}.`, {
      alternatives: nearNames(name, names.slice(0, namesMax)),
    });
  }
  const { manifest, revision, appliedSet } = entry;
  const shown = { kind, name, set: appliedSet || undefined, revision, spec: manifest.spec };
  // A text of the manifest must not steer the terminal; YAML writes such signs of its own accord only in part.
  const text = () =>
    stringify(shown)
      .replaceAll(/[^\P{Cc}\n]|\p{Cf}/gu, '\u{fffd}')
      .trimEnd();
  print(json ? JSON.stringify(shown) : text());
}

const originOf = ({ appliedSet }: CatalogEntry) => (appliedSet ? `set ${appliedSet}` : 'the router');

/** In any case of its letters. */
function kindOf(text: string): ManifestKind {
  const kind = manifestKinds.find((one) => one.toLowerCase() === text.toLowerCase());
  if (kind) return kind;
  throw missing('KIND_UNKNOWN', `There is no kind ${text}.`, { alternatives: manifestKinds });
}
