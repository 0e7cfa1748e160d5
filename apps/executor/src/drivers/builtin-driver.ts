/** Tools that need no upstream: they run in the executor itself, and are handy to try a fleet without one. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallPlan } from '@toolfleet/kernel';
import { missing, readArtifactName } from '@toolfleet/kernel';
import type { ArtifactParts } from './artifact-parts.js';
import type { Driver, ToolAnswer, ToolRun } from './driver.js';

type Builtin = (run: ToolRun) => unknown;

const waitMsMax = 60_000;

const builtins: Readonly<Record<string, Builtin>> = {
  /** Gives its arguments back. */
  echo: ({ args }) => args,
  current_time: () => ({ utc: new Date().toISOString() }),
  /** Waits `milliseconds`; for trying deadlines and cancellation. */
  wait: async ({ args, signal }) => {
    const milliseconds = Math.min(Number(args['milliseconds'] ?? 0), waitMsMax);
    await sleep(milliseconds, undefined, { signal });
    return { waitedMs: milliseconds };
  },
};

export const builtinNames: readonly string[] = Object.keys(builtins);

export class BuiltinDriver implements Driver {
  constructor(private readonly parts: Pick<ArtifactParts, 'read'>) {}

  async plan({ tool }: ToolRun): Promise<CallPlan> {
    return { destination: '', method: 'builtin', path: tool.builtin ?? tool.name };
  }

  async run(run: ToolRun): Promise<ToolAnswer> {
    if (run.tool.builtin === readArtifactName) return this.parts.read(run);
    const builtin = builtins[run.tool.builtin ?? run.tool.name];
    if (!builtin) throw missing('BUILTIN_UNKNOWN', `There is no builtin tool ${run.tool.builtin}.`);
    const result = await builtin(run);
    return { ok: true, body: Buffer.from(JSON.stringify(result)), contentType: 'application/json' };
  }
}
