/** The read that a tool declares about its writes, made ready to be asked: for the same person, at the same destination. */
import type { Catalogue, DeclaredRead, ToolSpec } from '@toolfleet/kernel';
import { ArgumentValidators, isFault, limits } from '@toolfleet/kernel';
import { declaredArgumentsOf, declaredCallOf } from '@toolfleet/kernel/effects';
import type { Attempt } from './attempt-call.js';

export interface ReadyRead {
  readonly attempt: Attempt;
  readonly args: Readonly<Record<string, unknown>>;
  readonly tool: ToolSpec;
}

const validators = new ArgumentValidators();

/** Undefined when the catalogue has no such read any more, or its arguments do not fit those of this write. */
export function declaredRead(
  read: DeclaredRead,
  { call, owned, cancelled }: Attempt,
  writeArgs: Readonly<Record<string, unknown>>,
  catalogue: Catalogue,
): ReadyRead | undefined {
  const tool = catalogue.get('Tool', read.tool);
  if (tool?.effect !== 'read') return undefined;
  const args = declaredArgumentsOf(read, call, writeArgs);
  try {
    validators.check(tool, args);
  } catch (error) {
    if (isFault(error)) return undefined;
    throw error;
  }
  const timeoutMs = tool.timeoutMs ?? limits.reconcileReadMs;
  const time = { timeoutMs, deadlineAtMs: Date.now() + timeoutMs };
  return { tool, args, attempt: { tool, call: declaredCallOf(call, tool, args, time), owned, cancelled } };
}
