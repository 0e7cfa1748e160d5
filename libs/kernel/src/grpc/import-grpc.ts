/**
 * From descriptors to tools, in the order of the set. Every method ends up in one of two lists: imported, or reported with
 * the reason why not. Pure: the same set gives the same result.
 */
import { MethodOptions_IdempotencyLevel } from '@bufbuild/protobuf/wkt';
import type { GrpcBinding } from '../catalog/grpc-service.js';
import { chainOf, isFault } from '../fault.js';
import { ToolNames, slugOf } from '../openapi/names.js';
import type { Effect } from '../toolcall/observation.js';
import { ArgumentValidators } from '../toolcall/schema.js';
import { commentsOf } from './comments.js';
import type { GrpcDescriptors, GrpcMethod } from './descriptors.js';
import type { JsonSchema } from './message-schema.js';
import { schemaOfMessage } from './message-schema.js';

export interface GrpcImportOptions {
  /** Name of the GrpcService. Absent: from the package of the first service. */
  readonly service?: string | undefined;
  /** Before the name of every tool. */
  readonly prefix?: string | undefined;
}

export interface ImportedGrpcTool {
  readonly name: string;
  /** Name of the service that has it. */
  readonly group: string;
  /** `package.Service/Method` */
  readonly operation: string;
  readonly description: string;
  readonly deprecated: boolean;
  readonly toolClass: string;
  readonly effect: Effect;
  readonly riskTier: 'low' | 'medium' | 'high';
  readonly guessedFrom: string;
  readonly parameters: JsonSchema;
  readonly grpc: GrpcBinding;
  /** What a reviewer should know. */
  readonly notes: readonly string[];
}

export interface GrpcImport {
  /** Name of the GrpcService. */
  readonly service: string;
  readonly tools: readonly ImportedGrpcTool[];
  readonly reported: readonly { readonly operation: string; readonly reason: string }[];
}

const descriptionCharsMax = 2_000;
/** As for other imports: 50,000 tokens, more than a model's context should spend on one tool. */
const parametersCharsMax = 200_000;

export function importGrpc(descriptors: GrpcDescriptors, options: GrpcImportOptions = {}): GrpcImport {
  const { prefix = '' } = options;
  const service = options.service ?? serviceNameOf(descriptors);
  const comments = commentsOf(descriptors.files);
  const names = new ToolNames(prefix);
  const validators = new ArgumentValidators();
  const timesNamed = Map.groupBy(descriptors.methods, ({ desc }) => desc.name);
  const tools: ImportedGrpcTool[] = [];
  const reported: { operation: string; reason: string }[] = [];
  for (const method of descriptors.methods) {
    const { desc, name: operation } = method;
    const reason = method.isUnary ? undefined : `it is a stream (${desc.methodKind.replace('_', ' ')})`;
    const { schema: parameters, notes } = schemaOfMessage(desc.input, comments);
    const flaw = reason ?? flawOf(operation, parameters, validators);
    if (flaw !== undefined) {
      reported.push({ operation, reason: flaw });
      continue;
    }
    const shared = timesNamed.get(desc.name)!.length > 1;
    tools.push({
      name: names.take(shared ? `${desc.parent.name}_${desc.name}` : desc.name, 'grpc', operation),
      group: desc.parent.name,
      operation,
      description: descriptionOf(method, comments),
      deprecated: desc.deprecated || desc.parent.deprecated,
      ...guessOf(method),
      parameters,
      grpc: { service, method: operation },
      notes: [...notesOf(method), ...notes],
    });
  }
  return { service, tools, reported };
}

function serviceNameOf({ methods: [first] }: GrpcDescriptors): string {
  const service = first?.desc.parent;
  return slugOf(service?.file.proto.package || service?.name || '') || 'grpc';
}

function flawOf(name: string, parameters: JsonSchema, validators: ArgumentValidators): string | undefined {
  if (JSON.stringify(parameters).length > parametersCharsMax)
    return `its request is larger than ${parametersCharsMax} characters as JSON Schema`;
  try {
    validators.compile({ name, parameters });
    return undefined;
  } catch (error) {
    if (!isFault(error)) throw error;
    return `its request makes no JSON Schema that can be checked: ${chainOf(error.cause)[0] ?? error.message}`;
  }
}

function descriptionOf({ desc, name }: GrpcMethod, comments: ReadonlyMap<object, string>): string {
  const said = (comments.get(desc.proto) || name).slice(0, descriptionCharsMax);
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
function guessOf({ desc }: GrpcMethod): Pick<ImportedGrpcTool, 'toolClass' | 'effect' | 'riskTier' | 'guessedFrom'> {
  const declared = desc.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;
  const effect = declared || readWords.test(desc.name) ? 'read' : 'write';
  const riskTier = effect === 'read' ? 'low' : dangerWords.test(desc.name) ? 'high' : 'medium';
  return { toolClass: effect, effect, riskTier, guessedFrom: declared ? 'NO_SIDE_EFFECTS' : `the name ${desc.name}` };
}
