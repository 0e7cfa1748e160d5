/** Runs one query on one text in a thread of its own, which `ArtifactParts` ends when it takes too long or too much. */
import { parentPort, workerData } from 'node:worker_threads';
import { faultOf } from '@toolfleet/kernel';
import { partOf, type PartQuery } from '@toolfleet/kernel/shaping';

export interface PartWork extends PartQuery {
  readonly text: string;
}

export type PartDone =
  | { readonly part: string }
  | { readonly refused: { readonly reason: string; readonly message: string; readonly hint: string | undefined } };

function work(): PartDone {
  const { text, ...query } = workerData as PartWork;
  try {
    return { part: partOf(text, query) };
  } catch (error) {
    const { reason, message, hint } = faultOf(error);
    return { refused: { reason, message, hint } };
  }
}

parentPort?.postMessage(work());
