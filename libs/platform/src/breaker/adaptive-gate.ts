/**
 * The way to one destination: as many calls at once as its adaptive limit says, the rest in one bounded queue, first
 * come, first served. A wait ends with a place, with the caller's abort, or as `overloaded` UPSTREAM_SATURATED: at once
 * when the queue is full, else at the call's deadline. Whoever gets in must leave, once.
 */
import { ConcurrencyLimit, TransientMap, TransientSet, expired, overloaded } from '@toolfleet/kernel';
import type { ConcurrencyLimitOptions, Fault, SampleHealth } from '@toolfleet/kernel';

export interface AdaptiveGateOptions extends ConcurrencyLimitOptions {
  readonly queueMax: number;
  /** How late the event loop runs. Absent: never. */
  readonly loopLateMs?: () => number;
  /** Told of every change: +1 when a call of the group begins to wait, -1 when it no longer does. */
  readonly onWaiting?: (group: string, change: 1 | -1) => void;
}

export interface GateCall {
  /** Calls of one group share its places: one destination must not take all that a group may run. */
  readonly group: string;
  readonly groupMax: number;
  readonly deadlineAtMs: number;
  readonly signal: AbortSignal;
}

/** A place taken. */
export interface Place {
  readonly group: string;
  readonly startedAtMs: number;
}

interface Waiter {
  readonly call: GateCall;
  enter(place: Place): void;
  refuse(fault: Fault): void;
}

const retryAfterMs = { min: 250, max: 10_000 } as const;

export class AdaptiveGate {
  readonly #limit: ConcurrencyLimit;
  readonly #byGroup = new TransientMap<string, number>();
  /** Insertion order is the queue; a waiter that gives up leaves from the middle at no cost. */
  readonly #queue = new TransientSet<Waiter>();
  #meanMs = 0;

  constructor(
    readonly name: string,
    private readonly options: AdaptiveGateOptions,
  ) {
    this.#limit = new ConcurrencyLimit(options);
  }

  stats(): { readonly limit: number; readonly inFlight: number; readonly waiting: number } {
    return { limit: this.#limit.limit, inFlight: this.#limit.inFlight, waiting: this.#queue.size };
  }

  /** A place at once, or undefined. Nobody overtakes the queue. */
  tryEnter(call: GateCall): Place | undefined {
    if (call.signal.aborted || this.#queue.size > 0 || !this.#hasPlace(call)) return undefined;
    return this.#take(call.group);
  }

  async enter(call: GateCall): Promise<Place> {
    if (call.signal.aborted) throw givenUp();
    // A waiter of another group may wait for its group's places, while this one has some.
    if (this.#hasPlace(call)) return this.#take(call.group);
    if (this.#queue.size >= this.options.queueMax) throw this.#saturated();
    return this.#wait(call);
  }

  leave({ group, startedAtMs }: Place, health: SampleHealth): void {
    const nowMs = Date.now();
    if (health === 'up') this.#meanMs += (nowMs - startedAtMs - this.#meanMs) * 0.1;
    this.#limit.end(startedAtMs, health, nowMs, this.options.loopLateMs?.());
    const left = (this.#byGroup.get(group) ?? 1) - 1;
    if (left > 0) this.#byGroup.set(group, left);
    else this.#byGroup.delete(group);
    for (const waiter of this.#queue) {
      if (!this.#limit.hasPlace()) return;
      if (this.#hasPlace(waiter.call)) waiter.enter(this.#take(waiter.call.group));
    }
  }

  /** Ends every wait: the destination was found to be down. */
  refuseWaiting(fault: Fault): void {
    for (const waiter of this.#queue) waiter.refuse(fault);
  }

  #hasPlace({ group, groupMax }: GateCall): boolean {
    return this.#limit.hasPlace() && (this.#byGroup.get(group) ?? 0) < groupMax;
  }

  #take(group: string): Place {
    const startedAtMs = Date.now();
    this.#limit.begin(startedAtMs);
    this.#byGroup.set(group, (this.#byGroup.get(group) ?? 0) + 1);
    return { group, startedAtMs };
  }

  #wait(call: GateCall): Promise<Place> {
    const { group, signal, deadlineAtMs } = call;
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.#queue.delete(waiter);
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        this.options.onWaiting?.(group, -1);
      };
      const refuse = (fault: Fault): void => {
        end();
        reject(fault);
      };
      const enter = (place: Place): void => {
        end();
        resolve(place);
      };
      const waiter: Waiter = { call, enter, refuse };
      const onAbort = (): void => refuse(givenUp());
      const timer = setTimeout(() => refuse(this.#saturated()), Math.max(deadlineAtMs - Date.now(), 0));
      signal.addEventListener('abort', onAbort, { once: true });
      this.#queue.add(waiter);
      this.options.onWaiting?.(group, 1);
    });
  }

  #saturated(): Fault {
    const drainMs = (this.#meanMs * (this.#queue.size + 1)) / this.#limit.limit;
    return overloaded('UPSTREAM_SATURATED', 'The destination takes no more calls at the moment.', {
      retryAfterMs: Math.ceil(Math.min(Math.max(drainMs, retryAfterMs.min), retryAfterMs.max)),
      details: { upstream: this.name, sent: 'no' },
      hint: 'Call it again a little later, or go on without it.',
    });
  }
}

/** Whoever gave it up reads here that nothing was sent: a write that only waited is no unknown end. */
const givenUp = () => expired('CALL_GIVEN_UP', 'The call was given up while it waited.', { details: { sent: 'no' } });
