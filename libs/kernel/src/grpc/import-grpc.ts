/**
 * From descriptors to tools, in the order of the set. Every method ends up in one of two lists: imported, or reported with
 * the reason why not. Pure: the same set gives the same result.
 */
import { MethodOptions_IdempotencyLevel } from '@bufbuild/protobuf/wkt';
import type { GrpcBinding } from '../catalog/grpc-service.js';
import type { Guess, ImportedTool, ReportedOperation } from '../imports/imported.js';
import { NotImported, assertParameters, bounded, descriptionCharsMax } from '../imports/imported.js';
import { ToolNames, slugOf } from '../imports/names.js';
import { ArgumentValidators } from '../toolcall/schema.js';
import { commentsOf } from './comments.js';
import type { GrpcDescriptors, GrpcMethod } from './descriptors.js';
import { schemaOfMessage } from './message-schema.js';

export interface GrpcImportOptions {
  /** Name of the GrpcService. Absent: from the package of the first service. */
  readonly service?: string | undefined;
  /** Before the name of every tool. */
  readonly prefix?: string | undefined;
}

/** A tool that is one method of a service. */
export interface MethodTool extends ImportedTool {
  readonly grpc: GrpcBinding;
}

export interface GrpcImport {
  /** Name of the GrpcService. */
  readonly service: string;
  readonly tools: readonly MethodTool[];
  readonly reported: readonly ReportedOperation[];
}

export function importGrpc(descriptors: GrpcDescriptors, options: GrpcImportOptions = {}): GrpcImport {
  const { prefix = '' } = options;
  const service = options.service ?? serviceNameOf(descriptors);
  const comments = commentsOf(descriptors.files);
  const names = new ToolNames(prefix);
  const validators = new ArgumentValidators();
  const timesNamed = Map.groupBy(descriptors.methods, ({ desc }) => desc.name);
  const tools: MethodTool[] = [];
  const reported: ReportedOperation[] = [];
  const toolOf = (method: GrpcMethod): MethodTool => {
    const { desc, name: operation } = method;
    if (!method.isUnary) throw new NotImported(`it is a stream (${desc.methodKind.replace('_', ' ')})`);
    const { schema: parameters, notes } = schemaOfMessage(desc.input, comments);
    assertParameters({ name: operation, parameters }, validators);
    const shared = timesNamed.get(desc.name)!.length > 1;
    return {
      // Last: a method that is not imported takes no name.
      name: names.take(shared ? `${desc.parent.name}_${desc.name}` : desc.name, 'grpc', operation),
      group: desc.parent.name,
      operation,
      description: descriptionOf(method, comments),
      deprecated: desc.deprecated || desc.parent.deprecated,
      ...guessOf(method),
      parameters,
      grpc: { service, method: operation },
      notes: [...notesOf(method), ...notes],
    };
  };
  for (const method of descriptors.methods) {
    try {
      tools.push(toolOf(method));
    } catch (error) {
      if (!(error instanceof NotImported)) throw error;
      reported.push({ operation: method.name, reason: error.message });
    }
  }
  return { service, tools, reported };
}

function serviceNameOf({ methods: [first] }: GrpcDescriptors): string {
  const service = first?.desc.parent;
  return slugOf(service?.file.proto.package || service?.name || '') || 'grpc';
}

function descriptionOf({ desc, name }: GrpcMethod, comments: ReadonlyMap<object, string>): string {
  const said = bounded(comments.get(desc.proto) || name, descriptionCharsMax);
  return desc.deprecated ? `Deprecated. ${said}` : said;
}

const notesOf = ({ desc }: GrpcMethod): string[] =>
  desc.idempotency === MethodOptions_IdempotencyLevel.IDEMPOTENT
    ? ['declared IDEMPOTENT: with idempotent: true a call whose end is unknown is run again']
    : [];

const readWords =
  /^(?:BatchGet|Get|List|Search|Find|Query|Lookup|Look|Read|Fetch|Count|Check|Describe|Exists|Is|Has)(?![a-z])/;
const dangerWords = /^(?:Batch)?(?:Delete|Remove|Purge|Drop|Destroy|Terminate|Revoke|Wipe|Reset)(?![a-z])/;

/** What the option declares goes before what the name suggests; all of it is a guess for a reviewer to confirm. */
function guessOf({ desc }: GrpcMethod): Guess {
  const declared = desc.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;
  const effect = declared || readWords.test(desc.name) ? 'read' : 'write';
  const riskTier = effect === 'read' ? 'low' : dangerWords.test(desc.name) ? 'high' : 'medium';
  return { toolClass: effect, effect, riskTier, guessedFrom: declared ? 'NO_SIDE_EFFECTS' : `the name ${desc.name}` };
}
