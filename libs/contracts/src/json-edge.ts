/**
 * ProtoJSON at the edges (HTTP bodies, JSON records on public topics): reads what other teams write, by the descriptor
 * set that ships with the contracts. The hot path never comes here.
 */
import { readFileSync } from 'node:fs';
import { createFileRegistry, fromBinary, fromJson, toBinary, toJson } from '@bufbuild/protobuf';
import type { DescMessage, JsonValue, Registry } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { invalid } from '@toolfleet/kernel';

/** The descriptor set, also served by gRPC reflection. */
export const descriptorSetBytes: Uint8Array = readFileSync(new URL('../gen/toolfleet.binpb', import.meta.url));

let registry: Registry | undefined;

function messageOf(fullName: string): DescMessage {
  registry ??= createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptorSetBytes));
  const message = registry.getMessage(fullName);
  if (!message) throw new TypeError(`${fullName} is not in the descriptor set.`);
  return message;
}

/** ProtoJSON text to protobuf bytes. Throws `invalid` MALFORMED_JSON; unknown fields are refused, so typos are seen. */
export function protoJsonToBytes(fullName: string, json: string): Uint8Array {
  const schema = messageOf(fullName);
  try {
    return toBinary(schema, fromJson(schema, JSON.parse(json) as JsonValue));
  } catch (cause) {
    const message = cause instanceof Error ? cause.message.slice(0, 200) : 'not readable';
    throw invalid('MALFORMED_JSON', `The JSON is not a ${fullName}.`, { cause, details: { problem: message } });
  }
}

export function bytesToProtoJson(fullName: string, bytes: Uint8Array): JsonValue {
  const schema = messageOf(fullName);
  return toJson(schema, fromBinary(schema, bytes));
}
