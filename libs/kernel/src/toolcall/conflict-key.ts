/**
 * The conflict key of a write: the tool's resource template filled with the call's arguments, e.g. `order:{order_id}`.
 * Writes with one key run one after another inside the tenant's span.
 */
import { hexDigestOf } from '../ids.js';

const keyCharsMax = 200;

/** Without a template every write of the tool in that session is its own resource. */
export function conflictKeyOf(
  template: string | undefined,
  args: Readonly<Record<string, unknown>>,
  fallback: string,
): string {
  if (!template) return fallback;
  const filled = template.replace(/\{([A-Za-z0-9_]{1,64})\}/g, (_, name: string) => plain(args[name]));
  return filled.length <= keyCharsMax ? filled : `sha256:${hexDigestOf(filled)}`;
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
