/**
 * Asks a server by reflection which services it has, and for the files that they are made of. Speaks `v1`, and `v1alpha` to
 * servers that have only that; the messages of both are the same, and so few that they are read and written here. How many
 * files and bytes a server may send is bounded.
 */
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { invalid, isFault, missing } from '@toolfleet/kernel';
import { GrpcDescriptors, importsOfFile } from '@toolfleet/kernel/grpc';
import type { ForeignGrpc } from './foreign-grpc.js';

export interface ReflectOptions {
  readonly deadlineAtMs: number;
  readonly signal: AbortSignal;
  /** Full names. Absent: all that the server has, reflection and health left out. */
  readonly services?: readonly string[] | undefined;
}

const versions = ['v1', 'v1alpha'] as const;
const filesMax = 1_024;
const bytesMax = 8 * 1024 * 1024;
const servicesMax = 256;
const ofTheServerItself = /^grpc\.(?:reflection|health)\./;

/** Fields of ServerReflectionRequest and ServerReflectionResponse. */
const request = { fileByName: 3, fileOfSymbol: 4, services: 7 } as const;
const response = { files: 4, services: 6 } as const;

type Ask = (field: number, text: string) => Promise<Answer>;

interface Answer {
  readonly files: readonly Uint8Array[];
  readonly services: readonly string[];
}

/** Faults `missing` REFLECTION_MISSING, SERVICE_UNKNOWN; `invalid` GRPC_DESCRIPTORS_INVALID; those of the wire. */
export async function reflectDescriptors(client: ForeignGrpc, options: ReflectOptions): Promise<GrpcDescriptors> {
  for (const version of versions) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- the second only where the server has not the first
      return await reflect(client, version, options);
    } catch (error) {
      if (!isFault(error) || error.reason !== 'METHOD_UNKNOWN') throw error;
    }
  }
  throw missing('REFLECTION_MISSING', 'The server does not say what it has.', {
    details: { sent: 'no' },
    hint: 'Turn reflection on there, or use a descriptor set.',
  });
}

async function reflect(client: ForeignGrpc, version: string, options: ReflectOptions): Promise<GrpcDescriptors> {
  const found = new FoundFiles();
  await client.converse(`grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`, options, async (send) => {
    const ask: Ask = async (field, text) =>
      answerOf(await send(new BinaryWriter().tag(field, WireType.LengthDelimited).string(text).finish()));
    for (const service of options.services ?? (await servicesOf(ask))) {
      // oxlint-disable-next-line no-await-in-loop -- one question after the other on one stream
      const { files } = await ask(request.fileOfSymbol, service);
      if (files.length === 0) throw missing('SERVICE_UNKNOWN', `The server has no service ${service.slice(0, 200)}.`);
      found.keep(files);
    }
    for (let name = found.missing(); name !== undefined; name = found.missing()) {
      // oxlint-disable-next-line no-await-in-loop
      found.keep((await ask(request.fileByName, name)).files);
      if (!found.has(name)) throw unusable(`it does not send ${name.slice(0, 200)}`);
    }
  });
  return GrpcDescriptors.ofFiles(found.files);
}

class FoundFiles {
  readonly #byName = new Map<string, Uint8Array>();
  readonly #wanted = new Set<string>();
  #bytes = 0;

  get files(): readonly Uint8Array[] {
    return [...this.#byName.values()];
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /** One that is imported and was not sent yet. */
  missing(): string | undefined {
    return this.#wanted.values().next().value;
  }

  keep(files: readonly Uint8Array[]): void {
    for (const bytes of files) {
      const { name, imports } = importsOfFile(bytes);
      if (this.#byName.has(name)) continue;
      this.#byName.set(name, bytes);
      this.#bytes += bytes.byteLength;
      this.#wanted.delete(name);
      for (const one of imports) if (!this.#byName.has(one)) this.#wanted.add(one);
    }
    if (this.#byName.size > filesMax || this.#bytes > bytesMax) throw unusable('it sends too many files');
  }
}

async function servicesOf(ask: Ask): Promise<readonly string[]> {
  const { services } = await ask(request.services, '*');
  const own = services.filter((name) => !ofTheServerItself.test(name));
  if (own.length > servicesMax) throw unusable(`it has more than ${servicesMax} services`);
  return own;
}

function answerOf(bytes: Uint8Array): Answer {
  const answer = { files: [] as Uint8Array[], services: [] as string[] };
  eachField(bytes, (field, reader) => {
    if (field === response.files)
      eachField(reader.bytes(), (one, inner) => one === 1 && answer.files.push(inner.bytes()));
    else if (field === response.services)
      eachField(reader.bytes(), (one, inner) => {
        if (one !== 1) return false;
        eachField(inner.bytes(), (part, name) => part === 1 && answer.services.push(name.string()));
        return true;
      });
    else return false;
    return true;
  });
  return answer;
}

/** `take` reads the field's value, or gives false for one that it does not know. */
function eachField(bytes: Uint8Array, take: (field: number, reader: BinaryReader) => unknown): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (take(field, reader) === false) reader.skip(wireType);
  }
}

const unusable = (what: string) =>
  invalid('GRPC_DESCRIPTORS_INVALID', `What the server says of itself cannot be used: ${what}.`, {
    details: { sent: 'no' },
  });
