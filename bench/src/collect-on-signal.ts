/**
 * Loaded before a service's own code (`--import`, with `--expose-gc`): at SIGUSR2 the process collects its heap whole and writes
 * what is left, in bytes, to the file of its pid in the directory that its own address names.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { collectSignal, directoryParameter } from './live-memory.js';

const directory = new URL(import.meta.url).searchParams.get(directoryParameter) ?? '.';

process.on(collectSignal, () => {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  const file = join(directory, String(process.pid));
  // Whoever waits for the file reads it as soon as it is there.
  writeFileSync(`${file}.writing`, String(heapUsed + external));
  renameSync(`${file}.writing`, file);
});
