/**
 * Storms: patterns of calls that mean trouble although each call alone is allowed. Pure detectors over what a session
 * remembers, earlier calls of the same answer included. The strongest action that a pattern has reached is taken:
 *
 *   alert ── told only     slow ── the answer waits     park ── a person decides     stop ── the session ends
 */
import type { RecentCall, SessionHistory } from '../session/history.js';
import type { ProposedCall } from '../session/message.js';
import { limits } from '../limits.js';
import type { Effect } from '../toolcall/observation.js';

export const stormKinds = ['readsThenWrite', 'alternation', 'sameCall', 'forbidden'] as const;
export type StormKind = (typeof stormKinds)[number];

export const stormActions = ['alert', 'slow', 'park', 'stop'] as const;
export type StormAction = (typeof stormActions)[number];

export interface StormThreshold {
  /** Of the pattern, the call that is judged included. */
  readonly calls: number;
  readonly action: StormAction;
}

/** An empty list turns a storm's rule off; one that is absent is as `stormDefaults` says. */
export type StormsSpec = Readonly<Partial<Record<StormKind, readonly StormThreshold[]>>>;

export interface StormNote {
  readonly storm: StormKind;
  readonly action: StormAction;
  readonly calls: number;
}

/** A call that is judged, as the detectors see it. */
export interface StormCall extends Pick<ProposedCall, 'name' | 'arguments'> {
  readonly effect: Effect;
  readonly forbidden: boolean;
}

export const stormDefaults = {
  readsThenWrite: [{ calls: limits.stormReads, action: 'alert' }],
  alternation: [{ calls: limits.stormAlternations, action: 'alert' }],
  sameCall: [
    { calls: limits.stormSameCalls, action: 'alert' },
    { calls: limits.stormSameCallsStop, action: 'stop' },
  ],
  forbidden: [{ calls: limits.stormForbidden, action: 'alert' }],
} as const satisfies Required<StormsSpec>;

/** Of a call that was refused because it is not allowed. */
export const forbiddenReasons: ReadonlySet<string> = new Set(['FORBIDDEN', 'ARGUMENTS_NOT_ALLOWED']);

/** Every pattern that the call is part of and that has reached a threshold, with the strongest action that has. */
export function stormsIn(
  history: SessionHistory,
  earlier: readonly StormCall[],
  call: StormCall,
  spec: StormsSpec = stormDefaults,
): StormNote[] {
  // Most sessions are shorter than any pattern.
  if (history.recent.length + earlier.length + 1 < leastOf(spec)) return [];
  return stormKinds.flatMap((storm) => {
    const thresholds: readonly StormThreshold[] = spec[storm] ?? stormDefaults[storm];
    const calls = detectors[storm](history.recent, earlier, call);
    const reached = thresholds.filter((threshold) => calls >= threshold.calls);
    const action = stormActions.findLast((one) => reached.some((threshold) => threshold.action === one));
    // An alert tells of the call itself, and one that is allowed is nothing to tell of repeated forbidden ones.
    if (!action || (storm === 'forbidden' && action === 'alert' && !call.forbidden)) return [];
    return [{ storm, action, calls }];
  });
}

const leasts = new WeakMap<StormsSpec, number>();

/** Calls without which no pattern reaches a threshold. */
function leastOf(spec: StormsSpec): number {
  let least = leasts.get(spec);
  if (least === undefined) {
    const thresholds = stormKinds.flatMap((storm): readonly StormThreshold[] => spec[storm] ?? stormDefaults[storm]);
    leasts.set(spec, (least = Math.min(...thresholds.map(({ calls }) => calls))));
  }
  return least;
}

type Detector = (recent: readonly RecentCall[], earlier: readonly StormCall[], call: StormCall) => number;

const detectors: Readonly<Record<StormKind, Detector>> = {
  readsThenWrite,
  alternation,
  sameCall,
  forbidden,
};

/** Before a write, the reads that were answered since the write before it. */
function readsThenWrite(recent: readonly RecentCall[], earlier: readonly StormCall[], call: StormCall): number {
  if (call.effect !== 'write' || call.forbidden) return 0;
  const answered = recent.filter(({ effect, outcome }) => effect === 'write' || outcome === 'ok');
  const effects = [...answered, ...earlier.filter((one) => !one.forbidden)].map(({ effect }) => effect);
  return effects.length - (effects.lastIndexOf('write') + 1);
}

/** Calls of two tools in turn, back from this one. */
function alternation(recent: readonly RecentCall[], earlier: readonly StormCall[], call: StormCall): number {
  const names = [...recent.map(({ tool }) => tool), ...earlier.map(({ name }) => name), call.name].toReversed();
  const [first, second] = names;
  if (second === undefined || first === second) return 1;
  const end = names.findIndex((name, index) => name !== (index % 2 === 0 ? first : second));
  return end < 0 ? names.length : end;
}

/** The same call with the same answer, again and again; another call in between changes nothing, another answer does. */
function sameCall(recent: readonly RecentCall[], earlier: readonly StormCall[], call: StormCall): number {
  const isSame = (tool: string, args: string) => tool === call.name && args === call.arguments;
  const ended = recent.filter((one) => isSame(one.tool, one.arguments)).toReversed();
  const other = ended.findIndex(({ text }) => text !== ended[0]!.text);
  const underWay = earlier.filter((one) => isSame(one.name, one.arguments)).length;
  return (other < 0 ? ended.length : other) + underWay + 1;
}

/** Calls that were not allowed, wherever they stand among the newest. */
function forbidden(recent: readonly RecentCall[], earlier: readonly StormCall[], call: StormCall): number {
  const before = recent.filter(({ reason }) => reason !== undefined && forbiddenReasons.has(reason)).length;
  return before + earlier.filter((one) => one.forbidden).length + Number(call.forbidden);
}
