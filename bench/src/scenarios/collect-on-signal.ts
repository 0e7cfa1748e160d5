/**
 * Loaded before a service's own code (`--import`, with `--expose-gc`): at the signal that its own address names, the process
 * collects its heap whole and writes what is left, in bytes, to the file of its pid in the directory named there. It imports
 * nothing of the benchmark, because a service that is measured has to be as it is elsewhere.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const asked = new URL(import.meta.url).searchParams;
const directory = asked.get('directory') ?? '';

/** Buffers outside the heap are freed beside the process, 30 MB of them in some ms, and counted as freed by the next collection. */
const freedMs = 500;

process.on(asked.get('signal') as NodeJS.Signals, async () => {
  globalThis.gc!();
  await sleep(freedMs);
  globalThis.gc!();
  const { heapUsed, external } = process.memoryUsage();
  const file = join(directory, String(process.pid));
  // Whoever waits for the file reads it as soon as it is there.
  writeFileSync(`${file}.writing`, String(heapUsed + external));
  renameSync(`${file}.writing`, file);
});
