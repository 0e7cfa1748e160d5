/**
 * Kill switches: calls that nobody may make for now, by tool, tenant, class, or all of them. Every service that judges or runs a
 * call asks the same rule. A switch ends by itself at its expiry, by the clock of whoever asks, or when it is lifted.
 */
import type { Fault } from '../fault.js';
import { denied, invalid } from '../fault.js';
import { limits } from '../limits.js';

/** Calls that all of these fit; none: every call. */
export interface KillTarget {
  readonly tool?: string | undefined;
  readonly tenant?: string | undefined;
  readonly toolClass?: string | undefined;
}

export interface KillSwitch {
  readonly target: KillTarget;
  readonly actor: string;
  readonly reason: string;
  readonly atMs: number;
  /** Absent: until it is lifted. */
  readonly expiresAtMs?: number | undefined;
  /** Calls that run when it arrives are cancelled. */
  readonly cancelRunning: boolean;
}

export interface KillableCall {
  readonly tool: string;
  readonly tenant: string;
  readonly toolClass: string;
}

const fields = ['tool', 'tenant', 'toolClass'] as const;

/** The record key on the bus: one switch for each target. */
export const killKeyOf = (target: KillTarget): string =>
  fields.map((field) => encodeURIComponent(target[field] ?? '')).join('/');

export const textOfTarget = (target: KillTarget): string =>
  fields
    .flatMap((field) => (target[field] ? [`${field === 'toolClass' ? 'class' : field} ${target[field]}`] : []))
    .join(', ') || 'the fleet';

/** Why a switch cannot be thrown; absent: it can. */
export function killFault({ target, actor, reason, atMs, expiresAtMs }: KillSwitch): Fault | undefined {
  if (!actor.trim()) return invalid('ACTOR_MISSING', 'Nobody is named who throws the switch.');
  if (!reason.trim()) return invalid('REASON_MISSING', 'The switch needs a reason.');
  if ([actor, reason].some((text) => text.length > limits.tuningTextCharsMax)) {
    return invalid('TEXT_TOO_LONG', `Actor and reason have at most ${limits.tuningTextCharsMax} characters.`);
  }
  if (fields.some((field) => (target[field]?.length ?? 0) > limits.nameCharsMax))
    return invalid('TARGET_INVALID', `A name has at most ${limits.nameCharsMax} characters.`);
  if (expiresAtMs !== undefined && expiresAtMs <= atMs)
    return invalid('EXPIRY_INVALID', 'A switch lasts more than nothing.');
  return undefined;
}

export const hasExpired = ({ expiresAtMs }: Pick<KillSwitch, 'expiresAtMs'>, nowMs: number): boolean =>
  expiresAtMs !== undefined && expiresAtMs <= nowMs;

export const killCovers = ({ target }: KillSwitch, call: KillableCall): boolean =>
  fields.every((field) => target[field] === undefined || target[field] === call[field]);

/** The first that stops a call; absent: none does. Hardly ever is there any. */
export function killedBy(switches: Iterable<KillSwitch>, call: KillableCall, nowMs: number): KillSwitch | undefined {
  for (const one of switches) if (killCovers(one, call) && !hasExpired(one, nowMs)) return one;
  return undefined;
}

/** What a call ends in. Who threw the switch and why is for operators: models are told what it is about. */
export function killedFault({ target }: KillSwitch): Fault {
  return denied('KILLED', `Calls of ${textOfTarget(target)} are switched off for now.`, {
    hint: target.tool
      ? 'Do not repeat this call; go on with other tools, or tell the user that this one is switched off.'
      : 'Make no more calls like this one; tell the user that it is switched off for now.',
  });
}
