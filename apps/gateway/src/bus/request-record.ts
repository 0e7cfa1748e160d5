/**
 * Reads a record of a public topic: protobuf or ProtoJSON, bare, framed by a schema registry, or inside a CloudEvent.
 * Whatever a publisher can get wrong ends in an `invalid` fault that says what, never in a guess.
 */
import {
  approvalDecisionMessage,
  decodeApprovalDecision,
  decodeSessionRequest,
  protoJsonToBytes,
  type ApprovalDecisionRequest,
} from '@toolfleet/contracts';
import type { SessionRequest } from '@toolfleet/kernel';
import { invalid } from '@toolfleet/kernel';

const brace = '{'.charCodeAt(0);
/** Magic byte and schema id of the Confluent wire format; protobuf adds the message's index path, which begins at 0. */
const framedAt = 5;

export interface RequestRecord {
  readonly value: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a public topic carries. */
interface Content<Message> {
  /** Full name of the message type. */
  readonly type: string;
  readonly decode: (bytes: Uint8Array) => Message;
}

const requests: Content<SessionRequest> = {
  type: 'toolfleet.session.v1.SessionRequest',
  decode: decodeSessionRequest,
};
const decisions: Content<ApprovalDecisionRequest> = { type: approvalDecisionMessage, decode: decodeApprovalDecision };

export const readRequestRecord = (record: RequestRecord): SessionRequest => readRecord(record, requests);
export const readDecisionRecord = (record: RequestRecord): ApprovalDecisionRequest => readRecord(record, decisions);

function readRecord<Message>({ value, headers }: RequestRecord, content: Content<Message>): Message {
  if (value.byteLength === 0) throw invalid('RECORD_EMPTY', 'The record has no value.');
  const contentType = mediaTypeOf(headers);
  if (contentType === 'application/cloudevents+json') return readCloudEvent(textOf(value), content);
  if (contentType.startsWith('application/cloudevents-batch')) {
    throw invalid('BATCH_UNSUPPORTED', 'A record carries one message.', {
      hint: 'Publish one event a record.',
    });
  }
  const body = unframed(value);
  if (isJson(contentType) || body[0] === brace) {
    const text = textOf(body);
    return mayBeCloudEvent(text) && 'specversion' in parsed(text)
      ? readCloudEvent(text, content)
      : ofJson(text, content);
  }
  if (contentType === '' || isProtobuf(contentType)) return content.decode(body);
  throw invalid('CONTENT_TYPE_UNKNOWN', 'The content type is neither JSON nor protobuf.', {
    details: { contentType: contentType.slice(0, 100) },
    hint: 'Use application/json or application/protobuf, or leave the header out.',
  });
}

const ofJson = <Message>(text: string, { type, decode }: Content<Message>): Message =>
  decode(protoJsonToBytes(type, text));

/** Header names differ in case between clients; parameters such as `charset` do not matter here. */
function mediaTypeOf(headers: Readonly<Record<string, string>>): string {
  for (const [name, value] of Object.entries(headers)) {
    if (name.toLowerCase() === 'content-type') return value.split(';')[0]!.trim().toLowerCase();
  }
  return '';
}

const isJson = (type: string) => type === 'application/json' || type === 'text/json' || type.endsWith('+json');
const isProtobuf = (type: string) =>
  [
    'application/protobuf',
    'application/x-protobuf',
    'application/vnd.google.protobuf',
    'application/octet-stream',
  ].includes(type);

/** A protobuf message never begins with 0: that would be field number 0. So the frame cannot be mistaken. */
function unframed(value: Uint8Array): Uint8Array {
  if (value[0] !== 0 || value.byteLength <= framedAt) return value;
  if (value[framedAt] === brace) return value.subarray(framedAt);
  // The index path: one 0 for the first message of a schema, otherwise a count and as many varints, zigzag-encoded.
  const [count, first] = varintAt(value, framedAt);
  let at = first;
  for (let index = 0; index < count >> 1 && at <= value.byteLength; index++) at = varintAt(value, at)[1];
  return value.subarray(at);
}

function varintAt(bytes: Uint8Array, from: number): [value: number, next: number] {
  let value = 0;
  for (let at = from; at < Math.min(bytes.byteLength, from + 4); at++) {
    value |= (bytes[at]! & 0x7f) << (7 * (at - from));
    if (bytes[at]! < 0x80) return [value, at + 1];
  }
  throw invalid('MALFORMED_FRAME', 'The record begins like a schema registry frame and is none.');
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw invalid('MALFORMED_JSON', 'The JSON is not UTF-8.', { cause });
  }
}

/** Spares most records a second parse: an event names its version, a request nearly never. */
const mayBeCloudEvent = (text: string) => text.includes('"specversion"');

interface CloudEvent {
  readonly specversion?: unknown;
  readonly data?: unknown;
  readonly data_base64?: unknown;
}

function readCloudEvent<Message>(text: string, content: Content<Message>): Message {
  const event = parsed(text);
  if (event.specversion !== '1.0') {
    throw invalid('CLOUDEVENT_INVALID', 'The event has no specversion 1.0.', { details: { field: 'specversion' } });
  }
  if (typeof event.data_base64 === 'string') return content.decode(Buffer.from(event.data_base64, 'base64'));
  if (typeof event.data === 'object' && event.data !== null) return ofJson(JSON.stringify(event.data), content);
  throw invalid('CLOUDEVENT_INVALID', 'The event carries no data.', { details: { field: 'data' } });
}

function parsed(text: string): CloudEvent {
  try {
    const event: unknown = JSON.parse(text);
    if (typeof event === 'object' && event !== null) return event;
  } catch (cause) {
    throw invalid('MALFORMED_JSON', 'The event is not JSON.', { cause });
  }
  throw invalid('MALFORMED_JSON', 'The event is not a JSON object.');
}
