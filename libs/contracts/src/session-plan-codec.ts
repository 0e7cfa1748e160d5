/** What a session starts with, read from its start and from the event that keeps it. */
import type { SessionLimits, SessionStart, ShownTools } from '@toolfleet/kernel';
import { invalid } from '@toolfleet/kernel';

type Wire = Readonly<Record<string, unknown>>;

export function shownFromWire(wire: Wire): ShownTools {
  const { tools, toolVersions } = wire as unknown as Required<ShownTools>;
  return { tools, ...(toolVersions && toolVersions.length > 0 && { toolVersions }) };
}

export function plannedFromWire(wire: Wire): ShownTools & Pick<SessionStart, 'toolsLeftOut' | 'toolsKeptBack'> {
  const notShown = (field: string) => ((wire[field] as string[]).length > 0 ? { [field]: wire[field] } : {});
  return { ...shownFromWire(wire), ...notShown('toolsLeftOut'), ...notShown('toolsKeptBack') };
}

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
