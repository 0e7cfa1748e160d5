/** Puts pages in their directory and takes away those of earlier runs that are no longer written. Pages of others are never touched. */
import { lstat, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { conflict } from '@toolfleet/kernel';
import type { Page } from './tool-page.js';
import { pageMark } from './tool-page.js';

export interface WrittenPages {
  readonly written: readonly string[];
  readonly removed: readonly string[];
}

/** Throws `conflict` PAGES_DIFFER, before anything is written, when a file of such a name is somebody else's. */
export async function writePages(directory: string, pages: readonly Page[]): Promise<WrittenPages> {
  const foreign = await filtered(
    pages.map(({ path }) => path),
    async (path) => (await kindOf(join(directory, path))) === 'foreign',
  );
  if (foreign.length > 0) {
    throw conflict(
      'PAGES_DIFFER',
      `${directory} holds other files of these names: ${foreign.slice(0, 20).join(', ')}.`,
      {
        hint: 'Choose another directory.',
      },
    );
  }
  await mkdir(join(directory, 'tools'), { recursive: true });
  for (const { path, text } of pages) {
    // oxlint-disable-next-line no-await-in-loop -- thousands at once would be as many open files
    await writeFile(join(directory, path), text);
  }
  const kept = new Set(pages.map(({ path }) => path));
  const names = (await readdir(join(directory, 'tools'))).filter((name) => name.endsWith('.md'));
  const others = names.map((name) => `tools/${name}`).filter((path) => !kept.has(path));
  const removed = await filtered(others.toSorted(), async (path) => (await kindOf(join(directory, path))) === 'ours');
  for (const path of removed) {
    // oxlint-disable-next-line no-await-in-loop
    await rm(join(directory, path));
  }
  return { written: pages.map(({ path }) => path), removed };
}

async function filtered(paths: readonly string[], keep: (path: string) => Promise<boolean>): Promise<string[]> {
  const kept: string[] = [];
  for (const path of paths) {
    // oxlint-disable-next-line no-await-in-loop
    if (await keep(path)) kept.push(path);
  }
  return kept;
}

/** A link is somebody's: what is written through it would land elsewhere. */
async function kindOf(path: string): Promise<'absent' | 'ours' | 'foreign'> {
  for (const place of [path, dirname(path)]) {
    // oxlint-disable-next-line no-await-in-loop
    const stats = await lstat(place).catch(() => undefined);
    if (stats?.isSymbolicLink()) return 'foreign';
  }
  const stats = await lstat(path).catch(() => undefined);
  if (!stats) return 'absent';
  if (!stats.isFile()) return 'foreign';
  return (await readFile(path, 'utf8')).startsWith(pageMark) ? 'ours' : 'foreign';
}
