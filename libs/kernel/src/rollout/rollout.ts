/**
 * A new version of a tool for some of the sessions that begin, and more of them with time. Who is among them follows from the
 * session's id: the same session is always answered alike, by every router, and whoever is in stays in as the share grows.
 */
import type { Catalogue, ToolSpec } from '../catalog/manifest.js';
import { matchesAny } from '../catalog/manifest.js';
import { isCallable } from '../catalog/tool-standing.js';
import { toolVersionOf } from '../catalog/tool-versions.js';
import { digestOf } from '../ids.js';

export interface RolloutSpec {
  readonly name: string;
  readonly tool: string;
  /** A version beside the current one. */
  readonly version: string;
  /** Names or globs of the tenants whose sessions may be among them. */
  readonly tenants: readonly string[];
  readonly startsAtMs: number;
  /** One after another; the last one stays. */
  readonly steps: readonly { readonly percent: number; readonly minutes: number }[];
  /** When the version is taken back by itself. Absent: never. */
  readonly guard?: RolloutGuard | undefined;
}

export interface RolloutGuard {
  /** Its failures among its calls are so many times those of the current version. */
  readonly errorTimes: number;
  /** It takes so many times as long as the current version, on average. Absent: it may take its time. */
  readonly latencyTimes?: number | undefined;
  /** And it was called so often. */
  readonly callsMin: number;
}

export function percentAt({ startsAtMs, steps }: Pick<RolloutSpec, 'startsAtMs' | 'steps'>, nowMs: number): number {
  if (nowMs < startsAtMs) return 0;
  let endsAtMs = startsAtMs;
  for (const { percent, minutes } of steps) {
    endsAtMs += minutes * 60_000;
    if (nowMs < endsAtMs) return percent;
  }
  return steps.at(-1)?.percent ?? 0;
}

/** From 0 up to and without 100, evenly over sessions; another one for each rollout, so that not always the same try first. */
export function placeOf(rollout: string, sessionId: string): number {
  const bytes = Buffer.from(digestOf(`${rollout}\0${sessionId}`));
  return (bytes.readUInt32BE(0) / 2 ** 32) * 100;
}

export interface StartingSession {
  readonly sessionId: string;
  readonly tenant: string;
}

/** The version of a tool that a session is given. `isHeldBack`: whether nobody is given what a rollout is about. */
export function versionGiven(
  current: ToolSpec,
  { sessionId, tenant }: StartingSession,
  catalogue: Catalogue,
  nowMs: number,
  isHeldBack: (rollout: string) => boolean = () => false,
): string {
  for (const rollout of catalogue.all('Rollout')) {
    const { name, tool, version, tenants } = rollout;
    if (tool !== current.name || isHeldBack(name) || !matchesAny(tenants, tenant)) continue;
    const canary = toolVersionOf(catalogue, tool, version);
    if (!canary || !isCallable(canary, nowMs) || placeOf(name, sessionId) >= percentAt(rollout, nowMs)) continue;
    return version;
  }
  return current.version;
}
