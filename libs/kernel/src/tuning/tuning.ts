/**
 * What operators change about running consumers for a while, and which change counts where several could: the most specific,
 * then the newest. Every change ends by itself at its expiry; what then counts is the next wider one, and at last what the
 * settings and the catalogue say. Pure, so every process and `fleetctl` come to the same answer from the same records.
 */
import type { Fault } from '../fault.js';
import { invalid } from '../fault.js';
import { limits } from '../limits.js';

export const tuningActions = ['pause', 'resume', 'setConcurrency'] as const;
export type TuningAction = (typeof tuningActions)[number];

/** What a change is about; what is absent is not narrowed. */
export interface TuningTarget {
  /** The app of the consumer group, e.g. `executor`. */
  readonly service: string;
  readonly toolClass?: string | undefined;
  readonly tenant?: string | undefined;
  readonly partition?: number | undefined;
}

export interface TuningChange {
  readonly target: TuningTarget;
  readonly action: TuningAction;
  /** Handlers running at once in one process; 0 unless the action is `setConcurrency`. */
  readonly concurrency: number;
  readonly actor: string;
  readonly reason: string;
  readonly atMs: number;
  readonly expiresAtMs: number;
}

/** One consumer: a service, and of executors its class. */
export interface TunedConsumer {
  readonly service: string;
  readonly toolClass?: string | undefined;
}

/** Whose records take part in nothing for now: `all` but `except`, or none but `except`. */
export interface Holds {
  readonly all: boolean;
  readonly except: ReadonlySet<string>;
}

type Aspect = 'flow' | 'concurrency';

/** Pause and resume answer one question, so the newer of them replaces the other; the number of handlers is another. */
export const aspectOf = (action: TuningAction): Aspect => (action === 'setConcurrency' ? 'concurrency' : 'flow');

/** The record key on the bus: compaction keeps the newest answer to each question about each target. */
export function tuningKeyOf({ service, toolClass, tenant, partition }: TuningTarget, action: TuningAction): string {
  const parts = [service, toolClass ?? '', tenant ?? '', partition === undefined ? '' : String(partition)];
  return [aspectOf(action), ...parts.map(encodeURIComponent)].join('/');
}

/** Why a change cannot be taken; nothing when it can. */
export function tuningFault(change: TuningChange, now: number): Fault | undefined {
  const { target, action, concurrency, actor, reason, expiresAtMs } = change;
  if (!actor.trim()) return invalid('ACTOR_MISSING', 'Nobody is named who makes the change.');
  if (!reason.trim()) return invalid('REASON_MISSING', 'The change needs a reason.');
  if ([actor, reason].some((text) => text.length > limits.tuningTextCharsMax)) {
    return invalid('TEXT_TOO_LONG', `Actor and reason have at most ${limits.tuningTextCharsMax} characters.`);
  }
  if (expiresAtMs <= now || expiresAtMs - now > limits.tuningMsMax) {
    return invalid(
      'EXPIRY_INVALID',
      `A change lasts more than nothing and at most ${limits.tuningMsMax / 3_600_000} h.`,
      {
        hint: 'What should stay longer belongs into the settings or the catalogue.',
      },
    );
  }
  if (action !== 'setConcurrency') return undefined;
  if (target.tenant !== undefined || target.partition !== undefined) {
    return invalid('CONCURRENCY_TARGET', 'Concurrency is set for a service or a tool class of it.', {
      hint: "A tenant's share is concurrentSessionsMax of its Tenant in the catalogue.",
    });
  }
  if (Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= limits.consumerConcurrencyMax)
    return undefined;
  return invalid('CONCURRENCY_INVALID', `Concurrency is a whole number from 1 to ${limits.consumerConcurrencyMax}.`, {
    hint: 'To stop a consumer, pause it.',
  });
}

/** Absent: as configured. */
export function concurrencyChange(
  changes: Iterable<TuningChange>,
  consumer: TunedConsumer,
  now: number,
): TuningChange | undefined {
  return winnerOf(changes, 'concurrency', consumer, now);
}

export interface FlowScope extends TunedConsumer {
  readonly partition: number;
  readonly tenant?: string | undefined;
}

/** The change that says whether these records flow. Without a tenant: those of every tenant that no change names. */
export function flowChange(changes: Iterable<TuningChange>, scope: FlowScope, now: number): TuningChange | undefined {
  return winnerOf(changes, 'flow', scope, now);
}

/** Absent when everything flows. */
export function holdsOf(changes: readonly TuningChange[], scope: FlowScope, now: number): Holds | undefined {
  const isHeld = (tenant?: string) => flowChange(changes, { ...scope, tenant }, now)?.action === 'pause';
  const all = isHeld();
  const named = new Set(changes.flatMap(({ target }) => target.tenant ?? []));
  const except = new Set([...named].filter((tenant) => isHeld(tenant) !== all));
  return all || except.size > 0 ? { all, except } : undefined;
}

export const holds = (held: Holds, tenant: string): boolean => held.all !== held.except.has(tenant);

export const hasEnded = ({ expiresAtMs }: TuningChange, now: number): boolean => expiresAtMs <= now;

/** A tenant is narrower than a partition, a partition narrower than a class: their sum never ties for two targets. */
const weights = { tenant: 4, partition: 2, toolClass: 1 } as const;

function winnerOf(
  changes: Iterable<TuningChange>,
  aspect: Aspect,
  scope: TunedConsumer & Partial<FlowScope>,
  now: number,
): TuningChange | undefined {
  let winner: TuningChange | undefined;
  let best = -1;
  for (const change of changes) {
    if (aspectOf(change.action) !== aspect || hasEnded(change, now)) continue;
    const fit = fitOf(change.target, scope);
    if (fit < 0 || fit < best || (fit === best && winner !== undefined && change.atMs < winner.atMs)) continue;
    [winner, best] = [change, fit];
  }
  return winner;
}

/** How narrowly the target names what is asked for; -1 when it is about something else. */
function fitOf(target: TuningTarget, scope: TunedConsumer & Partial<FlowScope>): number {
  if (target.service !== scope.service) return -1;
  let fit = 0;
  for (const field of ['tenant', 'partition', 'toolClass'] as const) {
    if (target[field] === undefined) continue;
    if (target[field] !== scope[field]) return -1;
    fit += weights[field];
  }
  return fit;
}
