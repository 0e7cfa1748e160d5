/**
 * The conflict key of a write: the tool's resource template filled with the call's arguments, e.g. `order:{order_id}`.
 * Writes with one key run one after another: those of one class and tenant because they wait in one lane, all others
 * because of what they hold in the effect ledger while they run.
 */
import type { ToolSpec } from '../catalog/manifest.js';
import { upstreamNameOf } from '../catalog/manifest.js';
import { hexDigestOf } from '../ids.js';
import type { ToolCall } from './tool-call.js';

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

const storable = /^[\x20-\x7e]{1,200}$/;

/**
 * What a write holds in the ledger while it runs; equal texts exclude each other. Undefined: nothing, because its tool names
 * no resource, and the writes of one session never overlap. With the scope `upstream` all tenants share the resource.
 */
export function heldBy(
  { tenant, sessionId, conflictKey }: Pick<ToolCall, 'tenant' | 'sessionId' | 'conflictKey'>,
  tool: ToolSpec,
): string | undefined {
  if (conflictKey === '' || conflictKey === sessionId) return undefined;
  // Arguments may hold what no database keeps.
  const key = storable.test(conflictKey) ? conflictKey : `sha256:${hexDigestOf(conflictKey)}`;
  return tool.conflictScope === 'upstream'
    ? `upstream/${upstreamNameOf(tool) ?? ''}/${key}`
    : `tenant/${tenant}/${key}`;
}
