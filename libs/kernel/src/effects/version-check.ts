/**
 * Optimistic concurrency where a tool has it: the model says which version it read, the tool refuses when there is a newer
 * one, and the model is told which, so that it reads again instead of writing over somebody's change.
 */
import jmespath from 'jmespath';
import type { VersionCheckSpec } from '../catalog/effects.js';
import { conflict } from '../fault.js';
import type { Refusal } from '../toolcall/observation.js';
import { refusalOf } from '../toolcall/observation.js';
import { answerJsonOf } from './answer-json.js';

/** What a tool answered to a write. */
export interface CheckedAnswer {
  readonly ok: boolean;
  readonly body: Uint8Array;
  /** The protocol says itself that what was to be changed is not as expected; `version`: what it is, where it says so. */
  readonly stale?: { readonly version?: string | undefined } | undefined;
}

export function isStale({ when }: VersionCheckSpec, { ok, body, stale }: CheckedAnswer): boolean {
  if (ok) return false;
  return stale !== undefined || (when !== undefined && found(body, when) === true);
}

/** Of a refusal, or of the declared read's answer. */
export function currentVersionIn({ current }: VersionCheckSpec, body: Uint8Array): string | undefined {
  const value = current === undefined ? undefined : found(body, current);
  if (typeof value === 'string' || typeof value === 'number') return String(value).slice(0, versionCharsMax);
  return undefined;
}

export function versionConflict(
  { argument }: VersionCheckSpec,
  tool: string,
  args: Readonly<Record<string, unknown>>,
  currentVersion: string | undefined,
): Refusal {
  const expected = Object.hasOwn(args, argument) ? args[argument] : undefined;
  const expectedVersion = typeof expected === 'string' ? expected : JSON.stringify(expected);
  const details = {
    ...(expectedVersion === undefined ? {} : { expectedVersion: expectedVersion.slice(0, versionCharsMax) }),
    ...(currentVersion === undefined ? {} : { currentVersion }),
  };
  const message = `The tool ${tool} changed nothing: somebody else was faster.`;
  const hint = `Read it again and, if the call is still wanted, repeat it with the ${argument} that you read.`;
  return refusalOf(conflict('VERSION_CONFLICT', message, { details, hint }));
}

const versionCharsMax = 200;

function found(body: Uint8Array, expression: string): unknown {
  const value = answerJsonOf(body);
  if (value === undefined) return undefined;
  try {
    return jmespath.search(value, expression) as unknown;
  } catch {
    return undefined;
  }
}
