/**
 * What Node processes keep: their heaps and buffers after a whole collection. Resident memory does not tell it, because a heap
 * takes the room it may have before it is collected; under load a service has five times what it keeps.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expired } from '@toolfleet/kernel';
import { untilHolds } from './scenario.js';

const collectSignal = 'SIGUSR2';

/** A whole collection of 2 GB takes some 2 s. */
const collectedMsMax = 20_000;
const bytesOfMb = 1_048_576;

export class LiveMemory {
  private constructor(private readonly directory: string) {}

  static async open(): Promise<LiveMemory> {
    return new LiveMemory(await mkdtemp(join(tmpdir(), 'toolfleet-live-memory-')));
  }

  /** For `NODE_OPTIONS` of each process that is to be read; the signal ends one without them. */
  get nodeOptions(): string {
    const asked = new URLSearchParams({ signal: collectSignal, directory: this.directory });
    return `--expose-gc --import=${new URL(`collect-on-signal.js?${asked}`, import.meta.url).href}`;
  }

  close(): Promise<void> {
    return rm(this.directory, { recursive: true, force: true });
  }

  /** Of all together, in MB. Each of them stands still while it collects. */
  async readMb(pids: readonly number[], signal: AbortSignal): Promise<number> {
    const bytes = await Promise.all(pids.map((pid) => this.#bytesOf(pid, signal)));
    return bytes.reduce((sum, of) => sum + of, 0) / bytesOfMb;
  }

  async #bytesOf(pid: number, signal: AbortSignal): Promise<number> {
    const file = join(this.directory, String(pid));
    await rm(file, { force: true });
    process.kill(pid, collectSignal);
    const toldMs = await untilHolds(() => existsSync(file), { withinMs: collectedMsMax, signal });
    if (Number.isNaN(toldMs)) {
      throw expired(
        'NOT_COLLECTED',
        `Process ${pid} told no memory within ${collectedMsMax / 1_000} s of being asked.`,
      );
    }
    return Number(await readFile(file, 'utf8'));
  }
}
