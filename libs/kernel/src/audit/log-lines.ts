/**
 * An exported log: lines of JSON that have one form only, so that every byte of them is either covered by a hash or a
 * signature, or must be what it is. A header, then entries by their numbers, each checkpoint behind the entry that it signs:
 *
 *   {"audit":"toolfleet.audit.v1","tenant":"acme"}
 *   {"seq":1,"prev":"00…","hash":"5c…","entry":{…}}
 *   {"checkpoint":{"kind":"head","seq":1,"hash":"5c…","at":1795000000000,"key":"…","signature":"…"}}
 *
 * `after` in the header: the export begins behind that entry. `keys` of an entry open its sealed parts, in their order; an
 * empty one is of a key that was destroyed.
 */
import type { AuditCheckpoint, CheckpointKind } from './checkpoint.js';

const format = 'toolfleet.audit.v1';

export type LogLine =
  | { readonly type: 'header'; readonly tenant: string; readonly after: number }
  | {
      readonly type: 'entry';
      readonly seq: number;
      readonly before: Buffer;
      readonly hash: Buffer;
      readonly keys: readonly Buffer[] | undefined;
      readonly text: Buffer;
    }
  | { readonly type: 'checkpoint'; readonly checkpoint: AuditCheckpoint };

export const headerLine = (tenant: string, after: number): string =>
  `{"audit":"${format}","tenant":${JSON.stringify(tenant)}${after > 0 ? `,"after":${after}` : ''}}\n`;

export function entryLine(
  seq: number,
  before: Uint8Array,
  hash: Uint8Array,
  text: string,
  keys?: readonly Uint8Array[],
): string {
  const opened = keys === undefined ? '' : `"keys":[${keys.map((key) => `"${hex(key)}"`).join(',')}],`;
  return `{"seq":${seq},"prev":"${hex(before)}","hash":"${hex(hash)}",${opened}"entry":${text}}\n`;
}

export function checkpointLine({ kind, seq, hash, atMs, keyId, signature }: AuditCheckpoint): string {
  const facts = `"kind":"${kind}","seq":${seq},"hash":"${hex(hash)}","at":${atMs}`;
  return `{"checkpoint":{${facts},"key":"${keyId}","signature":"${hex(signature)}"}}\n`;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Bytes above 127 are part of a name or a text; Latin-1 keeps each of them one character. */
const headerForm = /^\{"audit":"toolfleet\.audit\.v1","tenant":("(?:[^"\\]|\\.)+")(?:,"after":([1-9]\d{0,15}))?\}$/;
const entryForm =
  /^\{"seq":([1-9]\d{0,15}),"prev":"([0-9a-f]{64})","hash":"([0-9a-f]{64})",(?:"keys":\[((?:"(?:[0-9a-f]{64})?"(?:,"(?:[0-9a-f]{64})?")*)?)\],)?"entry":(\{.*\})\}$/s;
const checkpointForm =
  /^\{"checkpoint":\{"kind":"(head|truncated)","seq":([1-9]\d{0,15}),"hash":"([0-9a-f]{64})","at":(\d{1,16}),"key":"([0-9a-f]{16})","signature":"([0-9a-f]{128})"\}\}$/;

/** A line without its line feed; undefined when it has not the form that it must have. */
export function readLogLine(line: Buffer): LogLine | undefined {
  const text = line.toString('latin1');
  const entry = entryForm.exec(text);
  if (entry) return entryLineOf(entry, line);
  const checkpoint = checkpointForm.exec(text);
  if (checkpoint) return { type: 'checkpoint', checkpoint: checkpointOf(checkpoint) };
  const header = headerForm.exec(text);
  if (!header) return undefined;
  const after = Number(header[2] ?? 0);
  try {
    const tenant = JSON.parse(Buffer.from(header[1]!, 'latin1').toString('utf8')) as string;
    // Written otherwise than we write it: the same tenant in another form.
    return headerLine(tenant, after) === `${line.toString('utf8')}\n` ? { type: 'header', tenant, after } : undefined;
  } catch {
    return undefined;
  }
}

function entryLineOf([whole, seq, before, hash, keys, entry]: RegExpExecArray, line: Buffer): LogLine {
  const end = whole.length - 1;
  return {
    type: 'entry',
    seq: Number(seq),
    before: Buffer.from(before!, 'hex'),
    hash: Buffer.from(hash!, 'hex'),
    keys: keys === undefined ? undefined : keysOf(keys),
    text: line.subarray(end - entry!.length, end),
  };
}

const keysOf = (list: string): Buffer[] =>
  list === '' ? [] : list.split(',').map((key) => Buffer.from(key.slice(1, -1), 'hex'));

function checkpointOf([, kind, seq, hash, at, keyId, signature]: RegExpExecArray): AuditCheckpoint {
  return {
    kind: kind as CheckpointKind,
    seq: Number(seq),
    hash: Buffer.from(hash!, 'hex'),
    atMs: Number(at),
    keyId: keyId!,
    signature: Buffer.from(signature!, 'hex'),
  };
}
