/** Places that are held for long by sessions which the store says nothing of, or whose end it has: a release was lost. */
import type { StoredState } from '@toolfleet/kernel';
import { limits, placeIsLost } from '@toolfleet/kernel';
import type { AdmissionPorts } from './admission-ports.js';
import { holdsPlace } from './admission-ports.js';

/** Places compared one by one with the store in one pass: at a millisecond each, a fifth of a second. */
const checkedMax = 200;

interface LostPlace {
  readonly sessionId: string;
  readonly stored: StoredState;
}

/** `running`: session id to when it got its place; `active`: those that the store has. */
export async function* lostPlaces(
  tenant: string,
  running: Iterable<readonly [sessionId: string, sinceMs: number]>,
  active: { has(sessionId: string): boolean },
  { head, now }: Pick<AdmissionPorts, 'head' | 'now'>,
): AsyncGenerator<LostPlace> {
  const before = now() - limits.shareCheckedAfterMs;
  const doubtful = [...running].filter(([id, sinceMs]) => sinceMs <= before && !active.has(id));
  for (const [sessionId, sinceMs] of doubtful.slice(0, checkedMax)) {
    // oxlint-disable-next-line no-await-in-loop -- few, and spread out on purpose
    const found = await head(tenant, sessionId);
    const stored = found ? (holdsPlace(found) ? 'active' : 'ended') : 'unseen';
    if (placeIsLost(sinceMs, stored, now())) yield { sessionId, stored };
  }
}
