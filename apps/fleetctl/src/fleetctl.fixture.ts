/** The program as a shell sees it: standard output, standard error, exit code. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ShellOptions {
  readonly cwd?: string | undefined;
  /** Beside those of the spec's own process; colours are off. */
  readonly env?: Readonly<Record<string, string>>;
}

const bin = fileURLToPath(new URL('../bin/fleetctl.mjs', import.meta.url));
const timeoutMs = 60_000;
/** Of a report with its plots. */
const outputBytesMax = 2 ** 25;

export function runFleetctl(words: readonly string[], { cwd, env = {} }: ShellOptions = {}): Promise<Ended> {
  const options = {
    ...{ cwd, timeout: timeoutMs, maxBuffer: outputBytesMax },
    env: { ...process.env, NO_COLOR: '1', ...env },
  };
  return new Promise((resolve) => {
    execFile(process.execPath, [bin, ...words], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}
