/** What a session starts with, read from its start and from the event that keeps it. */
import type { SessionLimits, ShownTools } from '@toolfleet/kernel';
import { invalid } from '@toolfleet/kernel';

type Wire = Readonly<Record<string, unknown>>;

export function shownFromWire(wire: Wire): ShownTools {
  const { tools, toolVersions } = wire as unknown as Required<ShownTools>;
  return { tools, ...(toolVersions && toolVersions.length > 0 && { toolVersions }) };
}

export const leftOutFromWire = ({ toolsLeftOut }: Wire) =>
  (toolsLeftOut as string[]).length > 0 ? { toolsLeftOut: toolsLeftOut as string[] } : {};

export function limitsFromWire(wire: unknown): SessionLimits {
  if (!wire) throw invalid('LIMITS_MISSING', 'A session starts with limits.');
  const { stepsMax, wallTimeMs, tokensMax, costMicrosMax, escalate, lastWord, askAgainOnClaim } = wire as SessionLimits;
  const optional = {
    ...(costMicrosMax && { costMicrosMax }),
    ...(lastWord && { lastWord }),
    ...(askAgainOnClaim && { askAgainOnClaim }),
  };
  return { stepsMax, wallTimeMs, tokensMax, escalate, ...optional };
}
