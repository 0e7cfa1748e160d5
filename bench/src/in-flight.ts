/**
 * The sessions that have been asked for and not yet been answered, by request id. Outcomes come at least once; those that
 * are not awaited are passed over.
 */
import type { SessionOutcome } from '@toolfleet/contracts';
import { broken, type SessionRequest } from '@toolfleet/kernel';
import type { BenchBus } from './bench-bus.js';

export interface EndedFlight {
  readonly outcome: SessionOutcome;
  readonly tookMs: number;
}

interface Flight {
  readonly atMs: number;
  readonly ended: (end: EndedFlight) => void;
}

export class InFlight {
  readonly #flights = new Map<string, Flight>();
  readonly #failed = Promise.withResolvers<never>();
  #count = 0;

  private constructor(private readonly bus: Pick<BenchBus, 'publish'>) {
    this.#failed.promise.catch(() => undefined);
  }

  static async open(bus: BenchBus): Promise<InFlight> {
    const flights = new InFlight(bus);
    await bus.open(
      (outcome) => flights.#ended(outcome),
      (cause) => flights.#failed.reject(broken('OUTCOME_UNREADABLE', 'An outcome could not be read.', { cause })),
    );
    return flights;
  }

  /** Rejects when outcomes cannot be told any more. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  nextCount(): number {
    return (this.#count += 1);
  }

  /** Timed from `dueAtMs`, so that a load that falls behind its plan is not flattered. Rejects when the bus refuses. */
  start(request: SessionRequest, dueAtMs = performance.now(), batch?: number): Promise<EndedFlight> {
    return new Promise((ended, refused) => {
      this.#flights.set(request.requestId, { atMs: dueAtMs, ended });
      this.bus.publish(request, batch).catch((error: Error) => {
        this.#flights.delete(request.requestId);
        refused(error);
      });
    });
  }

  /** The session that was asked for first: a map keeps the order of insertion. */
  oldest(): { readonly requestId: string; readonly ageMs: number } {
    const [oldest] = this.#flights;
    if (oldest === undefined) return { requestId: '', ageMs: 0 };
    return { requestId: oldest[0], ageMs: performance.now() - oldest[1].atMs };
  }

  #ended(outcome: SessionOutcome): void {
    const flight = this.#flights.get(outcome.requestId);
    if (flight === undefined) return;
    this.#flights.delete(outcome.requestId);
    flight.ended({ outcome, tookMs: performance.now() - flight.atMs });
  }
}
