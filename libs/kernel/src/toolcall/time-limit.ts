/**
 * How long a call may take once it runs: its class's default, unless the tool's owner or the calling tenant says otherwise.
 * A tenant knows how long it can wait, the tool's owner how long the tool needs, the operator of a class what its
 * executors bear; so a tenant may always lower a limit, and raise a class's default as far as the class allows.
 */
import type { TenantSpec, ToolClassSpec, ToolSpec } from '../catalog/manifest.js';
import { limits } from '../limits.js';

export function timeLimitMsOf(
  tool: Pick<ToolSpec, 'toolClass' | 'timeoutMs'>,
  toolClass: ToolClassSpec | undefined,
  tenant: Pick<TenantSpec, 'timeouts'> | undefined,
): number {
  const plainMs = tool.timeoutMs ?? toolClass?.timeoutMs ?? limits.observationGraceMs;
  const wanted = tenant?.timeouts?.find((one) => one.toolClass === tool.toolClass);
  if (!wanted) return plainMs;
  const mostMs = tool.timeoutMs ?? timeoutCeilingMsOf(toolClass) ?? plainMs;
  return Math.min(wanted.timeoutMs, mostMs);
}

/** As far as a tenant may raise the time limit of a class: not at all, unless the class says so. */
export const timeoutCeilingMsOf = (toolClass: ToolClassSpec | undefined): number | undefined =>
  toolClass && Math.max(toolClass.timeoutMs, toolClass.timeoutMsMax ?? 0);
