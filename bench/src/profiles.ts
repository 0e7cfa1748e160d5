/** The CPU profiles that a run left in its folder, each with its flame graph beside it. */
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { flameGraphOf, type CpuProfile } from './flame-graph.js';

const suffix = '.cpuprofile';

/** Pictures show what came after `skipMs` of each process's life. Returns their paths. */
export async function drawProfiles(directory: string, skipMs: number): Promise<readonly string[]> {
  const names = (await readdir(directory, { recursive: true })).filter((name) => name.endsWith(suffix));
  return Promise.all(
    names.map(async (name) => {
      const profile = JSON.parse(await readFile(join(directory, name), 'utf8')) as CpuProfile;
      const path = join(directory, `${name.slice(0, -suffix.length)}.svg`);
      await writeFile(path, flameGraphOf(profile, name.split('/')[0] ?? name, skipMs));
      return path;
    }),
  );
}
