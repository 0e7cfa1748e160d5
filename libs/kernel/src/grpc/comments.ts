/** What people wrote beside the parts of a file, where its set keeps it. */
import type { DescriptorProto, EnumDescriptorProto, FileDescriptorProto } from '@bufbuild/protobuf/wkt';

/** Numbers of the fields that a path goes through: of a file, of a message, of an enum and of a service. */
const at = {
  ...{ messages: 4, enums: 5, services: 6 },
  ...{ fields: 2, nested: 3, nestedEnums: 4 },
  ...{ values: 2, methods: 2 },
} as const;

/** By the part that they are about. */
export function commentsOf(files: readonly FileDescriptorProto[]): ReadonlyMap<object, string> {
  const found = new Map<object, string>();
  for (const file of files) if (file.sourceCodeInfo) new CommentedFile(file, found).take();
  return found;
}

class CommentedFile {
  readonly #byPath: ReadonlyMap<string, string>;

  constructor(
    private readonly file: FileDescriptorProto,
    private readonly found: Map<object, string>,
  ) {
    const places = file.sourceCodeInfo?.location ?? [];
    const texts = places.map(({ path, leadingComments, trailingComments }) => {
      const text = [leadingComments, trailingComments].map(plain).find((one) => one !== '');
      return [path.join('.'), text ?? ''] as const;
    });
    this.#byPath = new Map(texts.filter(([, text]) => text !== ''));
  }

  take(): void {
    const { messageType, enumType, service } = this.file;
    for (const [index, one] of messageType.entries()) this.#message(one, `${at.messages}.${index}`);
    for (const [index, one] of enumType.entries()) this.#enum(one, `${at.enums}.${index}`);
    for (const [index, one] of service.entries()) {
      this.#part(one, `${at.services}.${index}`);
      for (const [position, method] of one.method.entries())
        this.#part(method, `${at.services}.${index}.${at.methods}.${position}`);
    }
  }

  #message(message: DescriptorProto, path: string): void {
    this.#part(message, path);
    for (const [index, field] of message.field.entries()) this.#part(field, `${path}.${at.fields}.${index}`);
    for (const [index, one] of message.nestedType.entries()) this.#message(one, `${path}.${at.nested}.${index}`);
    for (const [index, one] of message.enumType.entries()) this.#enum(one, `${path}.${at.nestedEnums}.${index}`);
  }

  #enum(one: EnumDescriptorProto, path: string): void {
    this.#part(one, path);
    for (const [index, value] of one.value.entries()) this.#part(value, `${path}.${at.values}.${index}`);
  }

  #part(part: object, path: string): void {
    const text = this.#byPath.get(path);
    if (text !== undefined) this.found.set(part, text);
  }
}

/** A line of a comment keeps the space that stood before it. */
const plain = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trim())
    .join('\n')
    .trim();
