/** Exported logs in files: where one ends that is to be gone on with, and the keys that verify it. */
import { open, readFile } from 'node:fs/promises';
import { invalid, readLogLine } from '@toolfleet/kernel';

/** The last entry and its checkpoint are far shorter. */
const tailBytes = 1024 * 1024;

/** The number of the last whole entry; what is cut off behind it is taken away. 0: there is no file, or nothing in it. */
export async function endOfLog(path: string, tenant: string): Promise<number> {
  const file = await open(path, 'r+').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw invalid('FILE_UNREADABLE', `${path} cannot be opened.`, { cause: error });
  });
  if (!file) return 0;
  try {
    const { size } = await file.stat();
    if (size === 0) return 0;
    const head = await linesAt(file, 0, Math.min(size, tailBytes));
    const header = head.lines[0] && readLogLine(head.lines[0]);
    if (header?.type !== 'header' || header.tenant !== tenant) {
      throw invalid('NOT_THIS_LOG', `${path} is no log of the tenant ${tenant}.`, { hint: 'Name another file.' });
    }
    const from = Math.max(0, size - tailBytes);
    const { lines, end } = await linesAt(file, from, size - from);
    if (from + end < size) await file.truncate(from + end);
    const last = readLogLine(lines.at(-1)!);
    if (last?.type === 'entry') return last.seq;
    if (last?.type === 'checkpoint') return last.checkpoint.seq;
    if (last?.type === 'header') return last.after;
    throw invalid('NOT_THIS_LOG', `${path} ends with something else than an entry.`, {
      hint: 'See `fleetctl audit verify`, or export to another file.',
    });
  } finally {
    await file.close();
  }
}

/** Whole lines, and where the last of them ends. */
async function linesAt(file: Awaited<ReturnType<typeof open>>, from: number, bytes: number) {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, from);
  const end = buffer.subarray(0, bytesRead).lastIndexOf('\n') + 1;
  const lines = buffer.subarray(0, end).toString('latin1').split('\n').slice(0, -1);
  return { lines: lines.map((line) => Buffer.from(line, 'latin1')), end };
}

const keyBytes = 32;

/** A key as `fleetctl audit keys` prints it, or a file that holds one. */
export async function publicKeyOf(text: string): Promise<Uint8Array> {
  const key = keyIn(text) ?? keyIn((await readFile(text, 'utf8').catch(() => '')).trim());
  if (key) return key;
  throw invalid('PUBLIC_KEY_INVALID', 'A public key is 43 characters of base64url, or a file that holds them.', {
    hint: 'Print it with `fleetctl audit keys`, and keep it apart from the log.',
  });
}

function keyIn(text: string): Uint8Array | undefined {
  if (!/^[\w-]{43}=?$/.test(text)) return undefined;
  const key = Buffer.from(text, 'base64url');
  return key.byteLength === keyBytes ? key : undefined;
}
