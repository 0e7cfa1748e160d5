/**
 * What a descriptor set says of the methods in it, and messages from ProtoJSON to bytes and back. Sets come from files and
 * from servers, in any order and without the well-known types at times, so they are put in order and completed here.
 */
import type { DescMethod, FileRegistry, JsonValue } from '@bufbuild/protobuf';
import { clone, create, createFileRegistry, fromBinary, fromJson, toBinary, toJson } from '@bufbuild/protobuf';
import type { FileDescriptorProto } from '@bufbuild/protobuf/wkt';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { broken, invalid } from '../fault.js';
import { inOrder, isWellKnownFile } from './file-order.js';

/** What a model reads of why its arguments do not fit. */
const flawCharsMax = 300;

export class GrpcMethod {
  constructor(
    readonly desc: DescMethod,
    private readonly registry: FileRegistry,
  ) {}

  /** `package.Service/Method` */
  get name(): string {
    return `${this.desc.parent.typeName}/${this.desc.name}`;
  }

  get isUnary(): boolean {
    return this.desc.methodKind === 'unary';
  }

  /** Throws `invalid` GRPC_ARGUMENTS_INVALID. */
  encode(args: Readonly<Record<string, unknown>>): Uint8Array {
    try {
      return toBinary(this.desc.input, fromJson(this.desc.input, args as JsonValue, { registry: this.registry }));
    } catch (cause) {
      // The library's words name the field and the value that the caller gave, and nothing else.
      const problem = cause instanceof Error ? cause.message.slice(0, flawCharsMax) : 'not readable';
      throw invalid('GRPC_ARGUMENTS_INVALID', `The arguments do not fit: ${problem}`, {
        cause,
        details: { sent: 'no' },
        hint: 'Call it again with other arguments.',
      });
    }
  }

  /** As JSON text, zeros and empty lists included: a model would take what is left out for unknown. */
  decode(bytes: Uint8Array): string {
    try {
      const { registry } = this;
      const message = fromBinary(this.desc.output, bytes);
      return JSON.stringify(toJson(this.desc.output, message, { registry, alwaysEmitImplicit: true }));
    } catch (cause) {
      throw broken('GRPC_ANSWER_UNREADABLE', 'The answer does not fit its descriptor.', {
        cause,
        details: { sent: 'maybe' },
      });
    }
  }
}

export class GrpcDescriptors {
  readonly #methods: ReadonlyMap<string, GrpcMethod>;

  /** Each behind those that it needs. */
  readonly files: readonly FileDescriptorProto[];

  private constructor(given: readonly FileDescriptorProto[]) {
    this.files = inOrder(given);
    const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [...this.files] }));
    const services = [...registry].filter((desc) => desc.kind === 'service');
    const methods = services.flatMap((service) => service.methods.map((method) => new GrpcMethod(method, registry)));
    this.#methods = new Map(methods.map((method) => [method.name, method]));
  }

  /** Of a FileDescriptorSet. Throws `invalid` GRPC_DESCRIPTORS_INVALID. */
  static ofSet(bytes: Uint8Array): GrpcDescriptors {
    return readable(() => new GrpcDescriptors(fromBinary(FileDescriptorSetSchema, bytes).file));
  }

  /** Of single FileDescriptorProtos, as servers send them. Throws `invalid` GRPC_DESCRIPTORS_INVALID. */
  static ofFiles(files: readonly Uint8Array[]): GrpcDescriptors {
    return readable(() => new GrpcDescriptors(files.map(fileOf)));
  }

  /** In the order of the set. */
  get methods(): readonly GrpcMethod[] {
    return [...this.#methods.values()];
  }

  method(name: string): GrpcMethod | undefined {
    return this.#methods.get(name);
  }

  /** What executors need of it: files that a service is made of, without their comments. */
  slimSet(): Uint8Array {
    const kept = inOrder(this.files, ({ service }) => service.length > 0).filter(({ name }) => !isWellKnownFile(name));
    const slim = kept.map((file) => clone(FileDescriptorProtoSchema, file));
    for (const file of slim) delete file.sourceCodeInfo;
    return toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: slim }));
  }
}

/** Names of the files that one imports, of its bytes as a server sends it. Throws `invalid` GRPC_DESCRIPTORS_INVALID. */
export function importsOfFile(bytes: Uint8Array): { readonly name: string; readonly imports: readonly string[] } {
  return readable(() => {
    const { name, dependency } = fileOf(bytes);
    return { name, imports: dependency.filter((one) => !isWellKnownFile(one)) };
  });
}

const fileOf = (bytes: Uint8Array) => fromBinary(FileDescriptorProtoSchema, bytes);

function readable<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message.slice(0, flawCharsMax) : 'not readable';
    throw invalid('GRPC_DESCRIPTORS_INVALID', `The descriptor set cannot be used: ${problem}.`, { cause });
  }
}
