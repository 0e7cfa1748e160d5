/**
 * Parts of answers that were too long for their model. A range is read from the store as it is; expressions are a model's
 * own words and may cost anything, so each runs in a thread with a second and 128 MiB, one at a time.
 */
import { Worker } from 'node:worker_threads';
import { expired, invalid, missing } from '@toolfleet/kernel';
import type { Artifact, ArtifactStore } from '@toolfleet/platform/postgres';
import type { ToolAnswer, ToolRun } from './driver.js';
import type { PartDone, PartWork } from './part-worker.js';

export interface ArtifactPartsOptions {
  readonly artifacts: Pick<ArtifactStore, 'get'>;
  /** Default 1,000. */
  readonly expressionMsMax?: number;
}

/** An answer of 8 MiB, parsed, and as much again for what is made of it. */
const resourceLimits = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 };
const workerFile = new URL('./part-worker.js', import.meta.url);

interface Asked {
  readonly handle: string;
  readonly jmespath?: string;
  readonly grep?: string;
  readonly range?: { readonly from: number; readonly length: number };
}

export class ArtifactParts {
  #last: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: ArtifactPartsOptions) {}

  /** Faults: `missing` ARTIFACT_GONE; `invalid` EXPRESSION_TOO_COSTLY and those of `partOf`. */
  async read({ call, args, signal }: ToolRun): Promise<ToolAnswer> {
    const { handle, jmespath, grep, range } = args as unknown as Asked;
    const slice = range && { offset: range.from, length: range.length };
    const artifact = await this.options.artifacts.get(call.tenant, call.sessionId, handle, slice);
    if (artifact === undefined) throw missing('ARTIFACT_GONE', 'The answer is not kept any more.');
    const bytes = Buffer.from(artifact.bytes);
    const expression = jmespath ?? grep;
    if (expression === undefined) return answerOf(artifact, bytes, handle);
    const kind = jmespath === undefined ? 'grep' : 'jmespath';
    const turn = this.#last.then(() => this.#inThread({ kind, expression, text: bytes.toString('utf8') }, signal));
    this.#last = turn.catch(() => undefined);
    return answerOf(artifact, Buffer.from(await turn), handle);
  }

  async #inThread(work: PartWork, signal: AbortSignal): Promise<string> {
    if (signal.aborted) throw expired('CANCELLED', 'The call is over.');
    const worker = new Worker(workerFile, { workerData: work, resourceLimits, execArgv: [], env: {} });
    const ended = Promise.withResolvers<PartDone>();
    const stop = (): void => ended.reject(expired('CANCELLED', 'The call is over.'));
    const timer = setTimeout(() => ended.reject(tooCostly()), this.options.expressionMsMax ?? 1_000);
    signal.addEventListener('abort', stop, { once: true });
    worker.once('message', (done: PartDone) => ended.resolve(done));
    worker.once('error', () => ended.reject(tooCostly()));
    worker.once('exit', () => ended.reject(tooCostly()));
    try {
      const done = await ended.promise;
      if ('part' in done) return done.part;
      const { reason, message, hint } = done.refused;
      throw invalid(reason, message, hint === undefined ? {} : { hint });
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      await worker.terminate();
    }
  }
}

const answerOf = ({ contentType }: Artifact, body: Buffer, keptAs: string): ToolAnswer => ({
  ...{ ok: true, body, contentType, keptAs },
});

const tooCostly = () =>
  invalid('EXPRESSION_TOO_COSTLY', 'The expression takes too long or makes too much.', {
    hint: 'Ask for less: fewer projections, a narrower filter, or a range.',
  });
