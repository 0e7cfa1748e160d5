/** A rollout within the files of a set: put in, or taken out. Of every other manifest nothing changes. */
import type { SetFile } from '@toolfleet/contracts';
import type { RolloutSpec } from '@toolfleet/kernel';
import { invalid } from '@toolfleet/kernel';
import { isManifestPath, readManifests } from '@toolfleet/platform/catalog';
import { parseAllDocuments } from 'yaml';
import { refuse } from '../catalog-problems.js';

export interface RolloutFile {
  readonly spec: RolloutSpec;
  /** One document. */
  readonly text: string;
}

/** Throws `invalid` where the file has anything but one rollout in it. */
export function readRollout(path: string, text: string, json?: boolean): RolloutFile {
  const { manifests, problems } = readManifests([{ path, text }]);
  refuse(problems, json);
  const [manifest, ...more] = manifests.map((placed) => placed.manifest);
  if (manifest?.kind === 'Rollout' && more.length === 0) return { spec: manifest.spec, text };
  throw invalid('ROLLOUT_EXPECTED', `${path} holds ${manifests.length} manifests, not one Rollout.`, {
    hint: 'Apply tools and their versions with `fleetctl catalog apply`, then the Rollout alone.',
  });
}

/** In the place of the rollout of that name where there is one. */
export function withRollout(files: readonly SetFile[], { spec, text }: RolloutFile): SetFile[] {
  const document = text.trimStart().startsWith('---') ? text : `---\n${text}`;
  let isPlaced = false;
  const edited = files.map((file) =>
    editedFile(file, spec.name, () => {
      isPlaced = true;
      return document.endsWith('\n') ? document : `${document}\n`;
    }),
  );
  if (isPlaced) return edited;
  const taken = new Set(files.map(({ path }) => path));
  const paths = [`rollout-${spec.name}.yaml`, `rollouts/${spec.name}.yaml`];
  const path = paths.find((one) => !taken.has(one));
  if (path === undefined) throw invalid('SET_PATH_TAKEN', `The set has files named ${paths.join(' and ')} already.`);
  return [...edited, { path, content: Buffer.from(document) }];
}

/** A file that holds nothing else goes with it. */
export const withoutRollout = (files: readonly SetFile[], name: string): SetFile[] =>
  files
    .map((file) => editedFile(file, name, () => ''))
    .filter(({ content }, at) => {
      return content.byteLength > 0 || files[at]!.content.byteLength === 0;
    });

function editedFile(file: SetFile, name: string, replacement: () => string): SetFile {
  if (!isManifestPath(file.path)) return file;
  const text = Buffer.from(file.content).toString('utf8');
  if (!text.includes('Rollout')) return file;
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return file;
  const isIt = documents.map((document) => {
    const content = document.toJS({ maxAliasCount: 100 }) as { kind?: unknown; metadata?: { name?: unknown } } | null;
    return content?.kind === 'Rollout' && content.metadata?.name === name;
  });
  if (!isIt.includes(true)) return file;
  const parts = documents.map((document, at) => {
    if (isIt[at]) return replacement();
    const own = document.toString();
    return own.startsWith('---') ? own : `---\n${own}`;
  });
  return { path: file.path, content: Buffer.from(parts.join('')) };
}
