/**
 * Reads a document from a file or an http(s) URL, plain or gzipped, as JSON or YAML. Size, time and depth are
 * bounded, and nothing but the source itself is read: whatever a document refers to is the importer's to refuse.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { faultOf, hexDigestOf, invalid, isFault, missing, unreachable } from '@toolfleet/kernel';
import { HttpClient } from '@toolfleet/platform/http';
import { parse } from 'yaml';

/** Three times the largest public API. */
export const sourceBytesMax = 32 * 1024 * 1024;
const fetchTimeoutMs = 30_000;
/** As for manifests: more would be a text that grows when it is read. */
const aliasesMax = 100;

export interface DocumentSource {
  /** As it was given. */
  readonly name: string;
  /** Of the bytes as they were read, gzipped or not. */
  readonly sha256: string;
  /** Where it came from, when that was the network. */
  readonly url: string | undefined;
  readonly parsed: unknown;
}

/** Throws `missing`, `unreachable`, or `invalid` SOURCE_TOO_LARGE and SOURCE_UNREADABLE. */
export async function readSource(name: string): Promise<DocumentSource> {
  const url = /^https?:\/\//i.test(name) ? urlOf(name) : undefined;
  const bytes = url ? await download(url) : await readBounded(name);
  const text = (isGzip(bytes) ? await unzipped(bytes) : bytes).toString('utf8');
  return { name, sha256: hexDigestOf(bytes), url: url?.href, parsed: parsedOf(text) };
}

function urlOf(text: string): URL {
  const url = URL.parse(text);
  if (!url || url.username !== '' || url.password !== '') {
    throw invalid('SOURCE_INVALID', 'The source is no http or https URL without credentials.', {
      hint: 'Download the document and name the file.',
    });
  }
  return url;
}

async function download(url: URL): Promise<Buffer> {
  const http = new HttpClient();
  try {
    const answer = await http.request({
      method: 'GET',
      url,
      signal: AbortSignal.timeout(fetchTimeoutMs),
      deadlineAtMs: Date.now() + fetchTimeoutMs,
      responseBytesMax: sourceBytesMax,
    });
    if (answer.status !== 200) {
      const location = answer.headers['location'];
      throw unreachable('SOURCE_REFUSED', `The source answered with status ${answer.status}.`, {
        hint: location === undefined ? 'Look at the URL.' : `Redirects are not followed: it names ${String(location)}.`,
      });
    }
    return answer.body;
  } catch (error) {
    throw isFault(error) && error.reason === 'RESPONSE_TOO_LARGE' ? tooLarge(error) : error;
  } finally {
    await http.close();
  }
}

async function readBounded(path: string): Promise<Buffer> {
  const notThere = (cause: unknown) =>
    missing('SOURCE_MISSING', `${path} cannot be read.`, { cause, hint: 'Name a file or an http(s) URL.' });
  const found = await stat(path).catch((cause: unknown) => {
    throw notThere(cause);
  });
  if (!found.isFile()) throw invalid('SOURCE_INVALID', `${path} is no file.`);
  if (found.size > sourceBytesMax) throw tooLarge();
  try {
    // A file may grow while it is read.
    return await buffer(createReadStream(path, { end: sourceBytesMax - 1 }));
  } catch (cause) {
    throw notThere(cause);
  }
}

const isGzip = (bytes: Buffer) => bytes[0] === 0x1f && bytes[1] === 0x8b;

async function unzipped(bytes: Buffer): Promise<Buffer> {
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: sourceBytesMax });
  } catch (cause) {
    const code = (cause as { code?: string }).code;
    throw code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(cause) : unreadable('The source is no whole gzip file.', cause);
  }
}

/** JSON is YAML, too, but is read a hundred times faster as what it is. */
function parsedOf(text: string): unknown {
  const plain = text.replace(/^\uFEFF/, '');
  if (/^\s*[{[]/.test(plain)) {
    try {
      return JSON.parse(plain);
    } catch {
      // YAML may begin with a brace.
    }
  }
  try {
    return parse(plain, { maxAliasCount: aliasesMax, merge: true, logLevel: 'error' });
  } catch (cause) {
    const said = cause instanceof Error ? cause.message.split('\n')[0]!.slice(0, 200) : '';
    throw unreadable(`The source is neither JSON nor YAML: ${said}`, faultOf(cause));
  }
}

const tooLarge = (cause?: unknown) =>
  invalid('SOURCE_TOO_LARGE', `The document is larger than ${sourceBytesMax} bytes.`, {
    cause,
    hint: 'Split it, or take out what no tool needs.',
  });

const unreadable = (message: string, cause: unknown) => invalid('SOURCE_UNREADABLE', message, { cause });
