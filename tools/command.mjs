// Runs one child command for the repository's tools: project binaries first on the path, a deadline on every run,
// and output kept only up to a bound, so a runaway command can neither hang a check nor fill the memory.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const binaries = join(root, 'node_modules', '.bin');

// Longest sensible report of one check: about 2,000 lines of 128 characters.
const OUTPUT_CHARACTERS_MAX = 256 * 1024;
// The slowest check (a cold build on a busy 2-core machine) takes under a minute; five say "stuck", not "slow".
const TIMEOUT_MS = 5 * 60_000;

export function environment(extra = {}) {
  return { ...process.env, PATH: `${binaries}${delimiter}${process.env.PATH ?? ''}`, ...extra };
}

export function hasCommand(name) {
  return (environment().PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));
}

/** Never rejects: a command that cannot start or overruns its deadline is an ordinary failure with a text. */
export function run(command, args, { timeoutMs = TIMEOUT_MS, env = {}, cwd = root } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env: environment(env), stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let late = false;
    const keep = (chunk) => {
      output = (output + chunk).slice(-OUTPUT_CHARACTERS_MAX);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    const deadline = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    child.on('error', (error) => {
      clearTimeout(deadline);
      resolve({ code: 127, output: `${command}: ${error.message}` });
    });
    child.on('close', (code) => {
      clearTimeout(deadline);
      if (late) output += `\n${command} did not end within ${timeoutMs / 1000} s`;
      resolve({ code: code ?? 1, output: output.trim() });
    });
  });
}
