/**
 * Asks whether a write happened whose own answer was lost: by the read that its tool declares, with the credential of the
 * write, a few times within the call's deadline. What the tool does not say for certain stays unknown.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Catalogue, ToolSpec } from '@toolfleet/kernel';
import { limits, parseArguments } from '@toolfleet/kernel';
import { foundDone, foundNotDone, verdictOf } from '@toolfleet/kernel/effects';
import type { Attempt, CallAttempts } from './attempt-call.js';
import type { End } from './call-end.js';
import { declaredRead } from './declared-read.js';
import type { ToolAnswer } from './drivers/driver.js';
import type { ObservationShaper } from './shape-observation.js';

export interface ReconcilerOptions {
  readonly catalogue: Catalogue;
  readonly attempts: CallAttempts;
  readonly shaper: ObservationShaper;
}

export class Reconciler {
  constructor(private readonly options: ReconcilerOptions) {}

  /**
   * One question. `lastTryOverAtMs`: since when no try of the write is under way. Undefined: nobody knows, or the tool
   * declares no read.
   */
  async ask(attempt: Attempt, lastTryOverAtMs: number): Promise<End | undefined> {
    const { call, tool } = attempt;
    const { reconcile } = tool;
    const parsed = parseArguments(Buffer.from(call.arguments).toString('utf8'));
    if (!reconcile || !parsed.ok) return undefined;
    const read = declaredRead(reconcile, attempt, parsed.value, this.options.catalogue);
    const secrets = new Set<string>();
    const answer = read && (await this.options.attempts.read(read.attempt, read.args, secrets));
    if (!answer) return undefined;
    const { idempotencyKey } = call;
    const nowMs = Date.now();
    const verdict = verdictOf(reconcile, answer, { idempotencyKey, args: parsed.value }, { nowMs, lastTryOverAtMs });
    if (verdict === 'unknown') return undefined;
    const told = verdict === 'done' ? await this.#doneBy(attempt, read.tool, answer, secrets) : foundNotDone(call);
    return { observation: { ...told, finishedAtMs: nowMs }, effect: verdict, answered: true };
  }

  /** Asks until somebody knows, the tries are used up, or the call's time is. */
  async askWithin(attempt: Attempt, lastTryOverAtMs: number): Promise<End | undefined> {
    const { call, tool, owned, cancelled } = attempt;
    if (!tool.reconcile) return undefined;
    const fromMs = Date.now();
    for (const afterMs of limits.reconcileAfterMs) {
      const waitMs = fromMs + afterMs - Date.now();
      if (fromMs + afterMs >= call.deadlineAtMs) return undefined;
      // oxlint-disable-next-line no-await-in-loop -- one question follows another
      if (waitMs > 0) await sleep(waitMs, undefined, { signal: owned });
      if (cancelled.aborted) return undefined;
      // oxlint-disable-next-line no-await-in-loop
      const end = await this.ask(attempt, lastTryOverAtMs);
      if (end) return end;
    }
    return undefined;
  }

  async #doneBy({ call, tool }: Attempt, reader: ToolSpec, answer: ToolAnswer, secrets: ReadonlySet<string>) {
    const isTold = tool.reconcile!.tellAnswer && answer.ok;
    return isTold ? this.options.shaper.shape(call, reader, answer, secrets) : foundDone(call);
  }
}
