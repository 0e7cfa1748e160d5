/** Reads what a service is made of: from a descriptor set, plain or gzipped, or from the server itself by reflection. */
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { invalid, missing } from '@toolfleet/kernel';
import { GrpcDescriptors } from '@toolfleet/kernel/grpc';
import type { ImportChoices } from './manifest-text.js';
import { ForeignGrpc, reflectDescriptors } from '@toolfleet/platform/grpc';

/** Ten times the largest public API. */
const sourceBytesMax = 32 * 1024 * 1024;
const reflectionMsMax = 30_000;
const addressPattern = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\]):\d{1,5}$/;

export interface GrpcSource {
  readonly descriptors: GrpcDescriptors;
  /** Of the server, when that was asked. */
  readonly address: string | undefined;
}

export const isAddress = (source: string): boolean => addressPattern.test(source);

/** Throws `missing`, `unreachable`, or `invalid` SOURCE_INVALID, SOURCE_TOO_LARGE and GRPC_DESCRIPTORS_INVALID. */
export async function readDescriptors(
  source: string,
  { plaintext, ca }: Pick<ImportChoices, 'plaintext' | 'ca'>,
): Promise<GrpcSource> {
  if (!isAddress(source)) return { descriptors: GrpcDescriptors.ofSet(await readSet(source)), address: undefined };
  const authorities = ca === undefined ? undefined : await readFile(ca).catch((cause: unknown) => notThere(ca, cause));
  const tls = plaintext ? undefined : { ca: authorities };
  const client = new ForeignGrpc({ address: source, tls, answerBytesMax: sourceBytesMax });
  try {
    const within = { deadlineAtMs: Date.now() + reflectionMsMax, signal: new AbortController().signal };
    return { descriptors: await reflectDescriptors(client, within), address: source };
  } finally {
    client.close();
  }
}

async function readSet(path: string): Promise<Buffer> {
  const found = await stat(path).catch((cause: unknown) => notThere(path, cause));
  if (!found.isFile()) throw invalid('SOURCE_INVALID', `${path} is no file.`);
  if (found.size > sourceBytesMax) throw tooLarge();
  const bytes = await buffer(createReadStream(path, { end: sourceBytesMax - 1 }));
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: sourceBytesMax });
  } catch (cause) {
    const tooLong = (cause as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE';
    throw tooLong ? tooLarge(cause) : invalid('SOURCE_INVALID', 'The source is no whole gzip file.', { cause });
  }
}

function notThere(path: string, cause: unknown): never {
  const hint = 'Name a descriptor set, or host:port of a server with reflection.';
  throw missing('SOURCE_MISSING', `${path} cannot be read.`, { cause, hint });
}

const tooLarge = (cause?: unknown) =>
  invalid('SOURCE_TOO_LARGE', `The descriptor set is larger than ${sourceBytesMax} bytes.`, { cause });
