/** What an import makes of a source, whatever it speaks: tools for a reviewer, and reasons for what is no tool. */
import type { GrpcBinding } from '../catalog/grpc-service.js';
import type { HttpBinding } from '../catalog/manifest.js';
import type { McpBinding } from '../catalog/mcp-server.js';
import { chainOf, isFault } from '../fault.js';
import type { Effect } from '../toolcall/observation.js';
import type { ArgumentValidators } from '../toolcall/schema.js';

/** What a source lets one conclude about class, effect and risk: a guess for a reviewer to confirm. */
export interface Guess {
  readonly toolClass: string;
  readonly effect: Effect;
  readonly riskTier: 'low' | 'medium' | 'high';
  /** The same call again changes nothing more. */
  readonly idempotent?: boolean;
  readonly guessedFrom: string;
}

export interface ImportedTool extends Guess {
  readonly name: string;
  /** What belongs into one file; empty without a group. */
  readonly group: string;
  /** As the source names it. */
  readonly operation: string;
  readonly description: string;
  readonly deprecated: boolean;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly http?: HttpBinding;
  readonly mcp?: McpBinding;
  readonly grpc?: GrpcBinding;
  /** What a reviewer should know. */
  readonly notes: readonly string[];
}

export interface ReportedOperation {
  readonly operation: string;
  /** Follows the operation: `its body is multipart/form-data`. */
  readonly reason: string;
}

/** Why one operation cannot be imported; the others can. */
export class NotImported extends Error {}

/** Of a tool. */
export const descriptionCharsMax = 2_000;
export const parameterDescriptionCharsMax = 1_000;
/** As JSON: 50,000 tokens, more than a model's context should spend on one tool. */
const parametersCharsMax = 200_000;

/** Throws NotImported for parameters that the fleet could not check arguments against, or that are too much to show. */
export function assertParameters(
  tool: Pick<ImportedTool, 'name' | 'parameters'>,
  validators: ArgumentValidators,
): void {
  if (JSON.stringify(tool.parameters).length > parametersCharsMax) {
    throw new NotImported(`its parameters are larger than ${parametersCharsMax} characters`);
  }
  try {
    validators.compile(tool);
  } catch (error) {
    if (!isFault(error) || error.kind !== 'invalid') throw error;
    if (error.reason === 'SCHEMA_UNSUPPORTED') throw new NotImported(error.message);
    throw new NotImported(`its parameters are no valid JSON Schema: ${chainOf(error.cause)[0] ?? error.message}`);
  }
}

/** Trimmed, and cut where it is too long. */
export function bounded(text: string, charsMax: number): string {
  const trimmed = text.trim();
  if (trimmed.length <= charsMax) return trimmed;
  return `${trimmed
    .slice(0, charsMax - 1)
    .toWellFormed()
    .trimEnd()}…`;
}
