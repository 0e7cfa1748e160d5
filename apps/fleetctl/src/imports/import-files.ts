/** Puts the files of an import in their directory. A reviewer's changes are never overwritten unasked. */
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { conflict } from '@toolfleet/kernel';
import type { ManifestFile } from '@toolfleet/platform/catalog';
import { originOf } from './manifest-text.js';

export interface WrittenFiles {
  readonly written: readonly string[];
  /** Of an earlier import, and not of this one. */
  readonly left: readonly string[];
}

/** Throws `conflict` CATALOG_FILES_DIFFER when a file is there with other content, unless `force` and it is an import's. */
export async function writeImport(
  directory: string,
  files: readonly ManifestFile[],
  force: boolean,
): Promise<WrittenFiles> {
  await mkdir(directory, { recursive: true });
  const found = await Promise.all(files.map(({ path }) => contentAt(join(directory, path))));
  const differing = files.filter((file, at) => found[at] !== undefined && !found[at].equals(contentOf(file)));
  // What is no text cannot say where it came from: it belongs to the manifests beside it.
  const foreign = files.filter(
    (file, at) => differing.includes(file) && !file.bytes && originOf(String(found[at])) === undefined,
  );
  const refused = force ? foreign : differing;
  if (refused.length > 0) {
    const hint = force ? 'Choose another directory.' : 'Compare, then give --force to overwrite what an import wrote.';
    const names = refused.map(({ path }) => path).join(', ');
    throw conflict('CATALOG_FILES_DIFFER', `${directory} holds other files of these names: ${names}.`, { hint });
  }
  await Promise.all(files.map((file) => writeFile(join(directory, file.path), contentOf(file))));
  return { written: files.map(({ path }) => path), left: await leftOver(directory, files) };
}

async function leftOver(directory: string, files: readonly ManifestFile[]): Promise<string[]> {
  const own = new Set(files.map(({ path }) => path));
  const names = (await readdir(directory)).filter((name) => name.endsWith('.yaml') && !own.has(name)).toSorted();
  const contents = await Promise.all(names.map((name) => contentAt(join(directory, name))));
  return names.filter((_, at) => contents[at] !== undefined && originOf(String(contents[at])) !== undefined);
}

const contentOf = ({ text, bytes }: ManifestFile): Buffer => Buffer.from(bytes ?? text);
const contentAt = (path: string): Promise<Buffer | undefined> => readFile(path).catch(() => undefined);
