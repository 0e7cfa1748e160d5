/** Finds and reads manifest files and the descriptor sets beside them. Bounded in number and size, so that a wrong directory costs an error and no memory. */
import type { Stats } from 'node:fs';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { faultOf, invalid } from '@toolfleet/kernel';
import type { ManifestFile } from './read-manifests.js';

/** Ten thousand tools at a generous ten to a file. */
const filesMax = 1_000;
/** A file of a thousand tools. */
const fileBytesMax = 4 * 1024 * 1024;
const depthMax = 5;
export const isManifestPath = (path: string): boolean => /\.ya?ml$/.test(path);
export const isDescriptorsPath = (path: string): boolean => /\.(?:binpb|pb|protoset)$/.test(path);

export interface FoundFile {
  readonly path: string;
  readonly bytes: number;
  /** Changes when the file does. */
  readonly mark: string;
}

/** In the order of their paths. Throws `invalid` CATALOG_UNREADABLE. */
export async function findManifestFiles(directories: readonly string[]): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for (const directory of directories) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one directory after the other keeps the bound on files
      await walk(directory, found, 0);
    } catch (error) {
      throw faultOf(error).kind === 'invalid' ? error : unreadable(`The directory ${directory} cannot be read.`, error);
    }
  }
  return found.toSorted((a, b) => a.path.localeCompare(b.path));
}

/** Throws `invalid` CATALOG_UNREADABLE, also when a file vanished meanwhile. */
export async function readManifestFiles(found: readonly FoundFile[]): Promise<ManifestFile[]> {
  return Promise.all(
    found.map(async ({ path, bytes }) => {
      if (bytes > fileBytesMax) throw unreadable(`${path} is larger than ${fileBytesMax} bytes.`);
      const content = await readFile(path).catch((error) => {
        throw unreadable(`${path} cannot be read.`, error);
      });
      return isManifestPath(path) ? { path, text: content.toString('utf8') } : { path, text: '', bytes: content };
    }),
  );
}

/** Names that begin with a dot are skipped: Kubernetes keeps the versions of a mounted ConfigMap under them. */
async function walk(directory: string, found: FoundFile[], depth: number): Promise<void> {
  if (depth > depthMax) throw unreadable(`${directory} is nested deeper than ${depthMax} directories.`);
  const names = (await readdir(directory)).filter((name) => !name.startsWith('.') && name !== 'node_modules');
  for (const name of names) {
    const path = join(directory, name);
    // oxlint-disable-next-line no-await-in-loop -- the bound on files holds only one after the other
    const stats = await stat(path);
    // oxlint-disable-next-line no-await-in-loop
    if (stats.isDirectory()) await walk(path, found, depth + 1);
    else if (isManifestPath(name) || isDescriptorsPath(name))
      found.push({ path, bytes: stats.size, mark: markOf(stats) });
    if (found.length > filesMax) throw unreadable(`The catalogue has more than ${filesMax} files.`);
  }
}

const markOf = (stats: Stats) => `${stats.mtimeMs}/${stats.size}/${stats.ino}`;

const unreadable = (message: string, cause?: unknown) => invalid('CATALOG_UNREADABLE', message, { cause });
