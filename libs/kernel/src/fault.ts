/**
 * The one error type of the fleet. A fault crosses every boundary (bus, gRPC, HTTP, the model's context), so its kind
 * decides, in total tables, what each boundary does with it; nothing ever matches on the text of a message.
 */
export const faultKinds = [
  'invalid',
  'unauthenticated',
  'denied',
  'missing',
  'conflict',
  'overloaded',
  'unreachable',
  'expired',
  'broken',
] as const;

/**
 * - `invalid`: the caller's input can never work. - `unauthenticated`: nobody knows who calls: the token is missing or does not
 * count. - `denied`: policy said no. - `missing`: the named thing is not there. - `conflict`: someone else wrote first. - `overloaded`: quota, or an open breaker. - `unreachable`: the destination is
 * down. - `expired`: a deadline passed. - `broken`: our own bug.
 */
export type FaultKind = (typeof faultKinds)[number];

/** Whether the fault is the expected answer to somebody's request, rather than trouble of our own to be looked into. */
const isAnswer = {
  invalid: true,
  unauthenticated: true,
  denied: true,
  missing: true,
  conflict: true,
  overloaded: true,
  unreachable: false,
  expired: true,
  broken: false,
} as const satisfies Record<FaultKind, boolean>;

export interface FaultOptions {
  /** Facts a caller can act on; never a secret, a host name or a stack. */
  readonly details?: Readonly<Record<string, string>>;
  /** Wait at least this long before the next try. */
  readonly retryAfterMs?: number;
  /** One sentence for the model or the person: what to do instead. */
  readonly hint?: string;
  /** Names that would work in place of the one refused. */
  readonly alternatives?: readonly string[];
  /** What is left of the budget that was exceeded. */
  readonly remainingBudget?: number;
  readonly cause?: unknown;
}

export class Fault extends Error {
  override readonly name = 'Fault';
  readonly details: Readonly<Record<string, string>>;
  readonly retryAfterMs: number | undefined;
  readonly hint: string | undefined;
  readonly alternatives: readonly string[];
  readonly remainingBudget: number | undefined;

  /** Prefer the constructor functions below. `reason` is stable UPPER_SNAKE; `message` never repeats the cause's. */
  constructor(
    readonly kind: FaultKind,
    readonly reason: string,
    message: string,
    options: FaultOptions = {},
  ) {
    const { stackTraceLimit } = Error;
    // An answer to a caller has a reason to search for; its stack was a twentieth of what a refusal costs.
    if (isAnswer[kind]) Error.stackTraceLimit = 0;
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    Error.stackTraceLimit = stackTraceLimit;
    this.details = options.details ?? {};
    this.retryAfterMs = options.retryAfterMs;
    this.hint = options.hint;
    this.alternatives = options.alternatives ?? [];
    this.remainingBudget = options.remainingBudget;
  }

  get retryable(): boolean {
    return retryOf[this.kind] !== 'never';
  }
}

const constructorFor =
  (kind: FaultKind) =>
  (reason: string, message: string, options?: FaultOptions): Fault =>
    new Fault(kind, reason, message, options);

export const invalid = constructorFor('invalid');
export const unauthenticated = constructorFor('unauthenticated');
export const denied = constructorFor('denied');
export const missing = constructorFor('missing');
export const conflict = constructorFor('conflict');
export const overloaded = constructorFor('overloaded');
export const unreachable = constructorFor('unreachable');
export const expired = constructorFor('expired');
export const broken = constructorFor('broken');

/** Whether trying the same thing again can help, and when. */
export const retryOf = {
  invalid: 'never',
  unauthenticated: 'never',
  denied: 'never',
  missing: 'never',
  conflict: 'reload',
  overloaded: 'afterDelay',
  unreachable: 'backoff',
  expired: 'never',
  broken: 'never',
} as const satisfies Record<FaultKind, 'never' | 'reload' | 'afterDelay' | 'backoff'>;

/** What a consumer does with a record whose handler ended in this fault. */
export const onTheBus = {
  invalid: 'deadLetter',
  unauthenticated: 'deadLetter',
  denied: 'deadLetter',
  missing: 'deadLetter',
  conflict: 'redo',
  overloaded: 'redo',
  unreachable: 'redo',
  expired: 'deadLetter',
  broken: 'deadLetter',
} as const satisfies Record<FaultKind, 'deadLetter' | 'redo'>;

/** gRPC status codes, by number so that the kernel needs no gRPC library. */
export const grpcStatusOf = {
  invalid: 3,
  unauthenticated: 16,
  denied: 7,
  missing: 5,
  conflict: 10,
  overloaded: 8,
  unreachable: 14,
  expired: 4,
  broken: 13,
} as const satisfies Record<FaultKind, number>;

export const httpStatusOf = {
  invalid: 400,
  unauthenticated: 401,
  denied: 403,
  missing: 404,
  conflict: 409,
  overloaded: 429,
  unreachable: 503,
  expired: 504,
  broken: 500,
} as const satisfies Record<FaultKind, number>;

export function isFault(error: unknown): error is Fault {
  return error instanceof Fault;
}

/** Anything thrown becomes a fault: a stranger is our bug until someone names it. */
export function faultOf(error: unknown): Fault {
  return isFault(error) ? error : broken('UNEXPECTED', 'An unexpected error was thrown.', { cause: error });
}

/** The chain of messages, outermost first, for logs only. */
export function chainOf(error: unknown): string[] {
  const chain: string[] = [];
  for (let at: unknown = error; at !== undefined && chain.length < 10; at = (at as { cause?: unknown })?.cause) {
    chain.push(isFault(at) ? `${at.kind}/${at.reason}: ${at.message}` : String(at));
  }
  return chain;
}
