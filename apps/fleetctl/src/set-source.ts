/** The files of a set from directories and single files, under paths that are the same on every machine. */
import { stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import type { ManifestProblem, SetFile } from '@toolfleet/contracts';
import { invalid, limits, missing } from '@toolfleet/kernel';
import { findManifestFiles, isDescriptorsPath, isManifestPath, readManifestFiles } from '@toolfleet/platform/catalog';

export interface SetSource {
  readonly files: readonly SetFile[];
  /** With the path that the file has here. */
  placeOf(problem: ManifestProblem): ManifestProblem;
}

/** Of a directory paths begin below it, of a file there is its name. Throws `invalid` when two would be one. */
export async function readSetSource(names: readonly string[]): Promise<SetSource> {
  const found = new Map<string, string>();
  for (const name of names) {
    // oxlint-disable-next-line no-await-in-loop -- the first one that is wrong is told
    for (const [path, at] of await filesAt(name)) {
      const other = found.get(path);
      if (other !== undefined)
        throw invalid('SET_FILES_CLASH', `${other} and ${at} would both be ${path} of the set.`, {
          hint: 'Rename one, or name a directory above both.',
        });
      found.set(path, at);
    }
  }
  const files = await contentsOf(found);
  const bytes = files.reduce((sum, { content }) => sum + content.length, 0);
  if (files.length > limits.setFilesMax || bytes > limits.setBytesMax) {
    throw invalid('SET_TOO_LARGE', `A set has at most ${limits.setFilesMax} files and ${limits.setBytesMax} bytes.`, {
      hint: `These are ${files.length} files and ${bytes} bytes: make several sets of them.`,
    });
  }
  return { files, placeOf: (problem) => ({ ...problem, file: found.get(problem.file) ?? problem.file }) };
}

async function filesAt(name: string): Promise<[string, string][]> {
  const stats = await stat(name).catch((cause: unknown) => {
    throw missing('FILE_MISSING', `There is no ${name}.`, { cause });
  });
  if (!stats.isDirectory()) {
    if (!isManifestPath(name) && !isDescriptorsPath(name))
      throw invalid('FILE_INVALID', `${name} is neither YAML nor a descriptor set.`);
    return [[basename(name), name]];
  }
  const found = await findManifestFiles([name]);
  if (!found.some(({ path }) => isManifestPath(path)))
    throw missing('MANIFESTS_MISSING', `${name} holds no manifest.`, { hint: 'A set is removed with --empty.' });
  return found.map(({ path }) => [relative(resolve(name), resolve(path)).replaceAll(sep, '/'), join(path)]);
}

async function contentsOf(found: ReadonlyMap<string, string>): Promise<SetFile[]> {
  const places = [...found].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const sizes = await Promise.all(places.map(async ([, path]) => (await stat(path)).size));
  const read = await readManifestFiles(places.map(([, path], at) => ({ path, bytes: sizes[at]!, mark: '' })));
  return places.map(([path], at) => ({ path, content: Buffer.from(read[at]!.bytes ?? read[at]!.text) }));
}
