/** From a write to the read that its tool declares about it. */
import type { DeclaredRead } from '../catalog/effects.js';
import type { ToolCall } from '../toolcall/tool-call.js';

type Args = Readonly<Record<string, unknown>>;

/** What a template may name besides the arguments of the write. */
const ofCall: Readonly<Record<string, (call: ToolCall) => string>> = {
  toolfleet_idempotency_key: ({ idempotencyKey }) => idempotencyKey,
  toolfleet_call: ({ callId }) => callId,
  toolfleet_session: ({ sessionId }) => sessionId,
  toolfleet_tenant: ({ tenant }) => tenant,
  toolfleet_user: ({ user }) => user,
};

const placeholder = /\{([A-Za-z0-9_]{1,64})\}/g;
const onePlaceholder = /^\{([A-Za-z0-9_]{1,64})\}$/;

/** An argument that the write was not given is left out. */
export function declaredArgumentsOf({ arguments: templates }: DeclaredRead, call: ToolCall, args: Args): Args {
  const filled = Object.entries(templates).map(([name, template]) => [name, filledIn(template, call, args)] as const);
  return Object.fromEntries(filled.filter(([, value]) => value !== undefined));
}

/** Names in the texts of `templates` that are neither parameters of the write nor what a call knows. */
export function unknownPlaceholders({ arguments: templates }: DeclaredRead, parameters: readonly string[]): string[] {
  const texts = Object.values(templates).filter((template) => typeof template === 'string');
  const names = texts.flatMap((text) => [...text.matchAll(placeholder)].map((match) => match[1]!));
  return names.filter((name) => !Object.hasOwn(ofCall, name) && !parameters.includes(name));
}

function filledIn(template: unknown, call: ToolCall, args: Args): unknown {
  if (typeof template !== 'string') return template;
  const [, only] = onePlaceholder.exec(template) ?? [];
  if (only !== undefined) return valueOf(only, call, args);
  return template.replace(placeholder, (_, name: string) => textOf(valueOf(name, call, args)));
}

function valueOf(name: string, call: ToolCall, args: Args): unknown {
  if (Object.hasOwn(ofCall, name)) return ofCall[name]!(call);
  return Object.hasOwn(args, name) ? args[name] : undefined;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

/** The read that asks about a write: for the same person, in what is left of its time. */
export const declaredCallOf = (
  call: ToolCall,
  read: { readonly name: string; readonly version: string; readonly toolClass: string },
  args: Args,
  time: { readonly deadlineAtMs: number; readonly timeoutMs: number },
): ToolCall => ({
  ...call,
  ...time,
  tool: read.name,
  toolVersion: read.version,
  toolClass: read.toolClass,
  effect: 'read',
  arguments: Buffer.from(JSON.stringify(args)),
  conflictKey: '',
  idempotencyKey: '',
});
