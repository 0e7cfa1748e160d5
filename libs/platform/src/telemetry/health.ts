/**
 * What a process knows about its own health. Live: a restart would not help. Ready: it can do its work now. Liveness never
 * depends on another system; readiness does.
 */
export interface HealthReport {
  readonly ready: boolean;
  readonly live: boolean;
  /** Empty when all is well. */
  readonly reason: string;
}

export class Health {
  readonly #parts = new Map<string, () => HealthReport>();
  #draining = false;

  /** `report` is called on every probe: it must be cheap and must not throw. */
  register(part: string, report: () => HealthReport): void {
    this.#parts.set(part, report);
  }

  /** From now on not ready, so that no new work is sent here. */
  drain(): void {
    this.#draining = true;
  }

  report(): HealthReport & { readonly parts: Readonly<Record<string, HealthReport>> } {
    const parts = Object.fromEntries([...this.#parts].map(([name, report]) => [name, report()]));
    const reasons = Object.entries(parts).flatMap(([name, part]) => (part.reason ? [`${name}: ${part.reason}`] : []));
    if (this.#draining) reasons.push('draining');
    const all = Object.values(parts);
    return {
      ready: !this.#draining && all.every((part) => part.ready),
      live: all.every((part) => part.live),
      reason: reasons.join('; '),
      parts,
    };
  }
}
