/**
 * Secrets in a mounted directory, as Kubernetes mounts them: a value is looked at again at most once a second, so a file
 * that is replaced counts from the next call after that, without a restart. A name cannot lead out of the directory.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { broken, secretFileName, keepNewest } from '@toolfleet/kernel';

export interface SecretFilesOptions {
  readonly directory: string;
  /** Default 1,000. */
  readonly checkEveryMs?: number;
}

interface Known {
  readonly value: string;
  /** Of the file that it was read from: Kubernetes replaces files, editors write into them. */
  readonly mark: string;
  checkedAtMs: number;
}

/** A certificate chain has some 10 KiB; what is longer is no credential. */
const bytesMax = 64 * 1024;
/** A file each for the tenants of a large fleet, and its services. */
const filesMax = 20_000;

export class SecretFiles {
  readonly #known = new Map<string, Known>();
  readonly #reading = new Map<string, Promise<string>>();
  readonly #checkEveryMs: number;

  constructor(private readonly options: SecretFilesOptions) {
    this.#checkEveryMs = options.checkEveryMs ?? 1_000;
  }

  /** Without the line breaks at its end. `fresh`: looks at the file now. Faults `broken` CREDENTIAL_MISSING. */
  read(name: string, { fresh = false }: { readonly fresh?: boolean } = {}): string | Promise<string> {
    const known = this.#known.get(name);
    if (known && !fresh && Date.now() - known.checkedAtMs < this.#checkEveryMs) return known.value;
    let reading = this.#reading.get(name);
    if (!reading) {
      reading = this.#look(name, known).finally(() => this.#reading.delete(name));
      this.#reading.set(name, reading);
    }
    return reading;
  }

  async #look(name: string, known: Known | undefined): Promise<string> {
    if (!secretFileName.test(name)) throw unusable(name);
    const path = join(this.options.directory, name);
    try {
      const { mtimeMs, ino, size, isFile } = await placeOf(path);
      const mark = `${ino}/${size}/${mtimeMs}`;
      if (known?.mark === mark) {
        known.checkedAtMs = Date.now();
        return known.value;
      }
      if (!isFile || size > bytesMax) throw unusable(name);
      const value = (await readFile(path, 'utf8')).replace(/[\r\n]+$/, '');
      // A line break would begin another header, an empty value is a file that was not filled yet.
      if (value === '' || /[\r\n\0]/.test(value)) throw unusable(name);
      keepNewest(this.#known, name, { value, mark, checkedAtMs: Date.now() }, filesMax);
      return value;
    } catch (error) {
      // A secret that was taken away must not be used any longer.
      this.#known.delete(name);
      throw unusable(name, error);
    }
  }
}

async function placeOf(path: string) {
  const stats = await stat(path);
  return { mtimeMs: stats.mtimeMs, ino: stats.ino, size: stats.size, isFile: stats.isFile() };
}

function unusable(name: string, cause?: unknown): Error {
  return broken('CREDENTIAL_MISSING', 'A credential cannot be read.', {
    details: { sent: 'no', name: name.slice(0, 200) },
    cause,
  });
}
