/**
 * Files of a descriptor set, each behind those that it needs. What it needs is what it imports and what it refers to:
 * servers send files in any order, leave the well-known ones out, and some leave out the imports themselves.
 */
import type { DescFile } from '@bufbuild/protobuf';
import { clone } from '@bufbuild/protobuf';
import { protoCamelCase } from '@bufbuild/protobuf/reflect';
import type { DescriptorProto, FieldDescriptorProto, FileDescriptorProto } from '@bufbuild/protobuf/wkt';
import * as wellKnown from '@bufbuild/protobuf/wkt';

/** The largest public APIs have some thousand, one service of them a few dozen. */
const filesMax = 4_096;
/** Deeper messages are no API's. */
const nestingMax = 64;

const wellKnownFiles: ReadonlyMap<string, FileDescriptorProto> = new Map(
  Object.entries(wellKnown)
    .filter(([name]) => name.startsWith('file_google_protobuf_'))
    .map(([, file]) => (file as DescFile).proto)
    .map((proto) => [proto.name, proto]),
);

export const isWellKnownFile = (name: string): boolean => wellKnownFiles.has(name);

/** Roots and what they need. Throws RangeError for imports that are not there, that go in a circle, or are too many. */
export function inOrder(
  given: readonly FileDescriptorProto[],
  isRoot: (file: FileDescriptorProto) => boolean = () => true,
): FileDescriptorProto[] {
  if (given.length > filesMax) throw new RangeError(`it has more than ${filesMax} files`);
  // Ours are whole: some servers send theirs with names that lead nowhere.
  const foreign = given.filter(({ name }) => !isWellKnownFile(name));
  const types = new Set([...wellKnownFiles.values(), ...foreign].flatMap(typesOf));
  const files = foreign.map((file) => completed(file, types));
  const byName = new Map(files.map((file) => [file.name, file]));
  const homes = new Map<string, FileDescriptorProto>();
  for (const file of [...wellKnownFiles.values(), ...byName.values()])
    for (const type of typesOf(file)) homes.set(type, file);
  const ordered: FileDescriptorProto[] = [];
  const taken = new Set<FileDescriptorProto>();
  const take = (file: FileDescriptorProto, path: ReadonlySet<string>): void => {
    if (taken.has(file)) return;
    if (path.has(file.name)) throw new RangeError(`${file.name} needs itself`);
    const within = new Set(path).add(file.name);
    for (const name of file.dependency) {
      const found = byName.get(name) ?? wellKnownFiles.get(name);
      if (!found) throw new RangeError(`${name} is missing, which ${file.name} imports`);
      take(found, within);
    }
    for (const type of referencesOf(file)) {
      const home = homes.get(type);
      if (home && home !== file) take(home, within);
    }
    taken.add(file);
    ordered.push(file);
  };
  for (const file of files.filter(isRoot)) take(file, new Set());
  return ordered;
}

/**
 * What compilers write out and files from Node's own loader leave to the reader: references may be relative to where they
 * stand, as in C++, and a name in JSON may be the usual one. The library takes both only as they are written out.
 */
function completed(file: FileDescriptorProto, types: ReadonlySet<string>): FileDescriptorProto {
  const named = file.messageType.every(namesItsFields);
  if (named && [...referencesOf(file)].every((name) => name.startsWith('.'))) return file;
  const copy = clone(wellKnown.FileDescriptorProtoSchema, file);
  const root = copy.package === '' ? '' : `.${copy.package}`;
  const whole = (name: string, scope: string): string => {
    if (name === '' || name.startsWith('.')) return name;
    for (let at = scope; ; at = at.slice(0, at.lastIndexOf('.'))) {
      if (types.has(`${at}.${name}`)) return `${at}.${name}`;
      if (at === '') return name;
    }
  };
  const ofField = (field: FieldDescriptorProto, scope: string): void => {
    field.typeName = whole(field.typeName, scope);
    field.extendee = whole(field.extendee, scope);
    if (field.jsonName === '') field.jsonName = protoCamelCase(field.name);
  };
  const ofMessage = (message: DescriptorProto, scope: string): void => {
    const own = `${scope}.${message.name}`;
    for (const field of [...message.field, ...message.extension]) ofField(field, own);
    for (const nested of message.nestedType) ofMessage(nested, own);
  };
  for (const field of copy.extension) ofField(field, root);
  for (const message of copy.messageType) ofMessage(message, root);
  for (const method of copy.service.flatMap((service) => service.method)) {
    method.inputType = whole(method.inputType, root);
    method.outputType = whole(method.outputType, root);
  }
  return copy;
}

const namesItsFields = ({ field, nestedType }: DescriptorProto): boolean =>
  field.every(({ jsonName }) => jsonName !== '') && nestedType.every(namesItsFields);

/** With the dot that references begin with. */
function typesOf(file: FileDescriptorProto): string[] {
  const prefix = file.package === '' ? '' : `.${file.package}`;
  return [
    ...file.enumType.map(({ name }) => `${prefix}.${name}`),
    ...file.messageType.flatMap((message) => typesWithin(message, prefix, 0)),
  ];
}

function typesWithin(message: DescriptorProto, prefix: string, depth: number): string[] {
  if (depth > nestingMax) throw new RangeError(`it nests messages deeper than ${nestingMax}`);
  const own = `${prefix}.${message.name}`;
  return [
    own,
    ...message.enumType.map(({ name }) => `${own}.${name}`),
    ...message.nestedType.flatMap((nested) => typesWithin(nested, own, depth + 1)),
  ];
}

function referencesOf(file: FileDescriptorProto): Set<string> {
  const methods = file.service.flatMap(({ method }) => method);
  return new Set([
    ...file.extension.flatMap(typesOfField),
    ...file.messageType.flatMap(referencesWithin),
    ...methods.flatMap(({ inputType, outputType }) => [inputType, outputType]),
  ]);
}

const referencesWithin = ({ field, extension, nestedType }: DescriptorProto): string[] => [
  ...[...field, ...extension].flatMap(typesOfField),
  ...nestedType.flatMap(referencesWithin),
];

const typesOfField = ({ typeName, extendee }: FieldDescriptorProto) => [typeName, extendee].filter((one) => one !== '');
