/**
 * Degraded mode as an answer: a part of the fleet, or what it depends on, is saturated or away, and whoever asked is told so
 * at once instead of being kept waiting. Such a refusal always names the part in `details.degraded`, when to come back and
 * what to do meanwhile, whether a client, a person or a model reads it.
 */
import { Fault } from './fault.js';

export type DegradedPart = 'model' | 'upstream' | 'toolClass' | 'database' | 'bus' | 'fleet';

/** Long enough for a restart to go on, short enough that nobody takes the fleet for down. */
const retryAfterMsDefault = 1_000;

const hints = {
  model: 'The model provider is saturated or away. Ask again after the time given.',
  upstream: 'Go on without this tool, or call it again after the time given.',
  toolClass: 'Go on without tools of this class, or call again after the time given.',
  database: 'Send the same request again after the time given: the same request id is the same session.',
  bus: 'Send the same request again after the time given: the same request id is the same session.',
  fleet: 'Send the same request again after the time given.',
} as const satisfies Record<DegradedPart, string>;

/** The same fault as an answer of degraded mode. What can never work, and what says so already, stays as it is. */
export function degraded(part: DegradedPart, fault: Fault): Fault {
  const passing = fault.kind === 'overloaded' || fault.kind === 'unreachable';
  if (!passing || fault.details['degraded'] !== undefined) return fault;
  const { kind, reason, message, details, alternatives, remainingBudget, cause } = fault;
  return new Fault(kind, reason, message, {
    details: { ...details, degraded: part },
    retryAfterMs: fault.retryAfterMs ?? retryAfterMsDefault,
    hint: fault.hint ?? hints[part],
    alternatives,
    ...(remainingBudget === undefined ? {} : { remainingBudget }),
    cause,
  });
}
