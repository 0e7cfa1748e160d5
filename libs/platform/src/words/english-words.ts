/** What the fleet knows of the meaning of English words: a file of 1 MB, read once by a process that asks for it. */
import { readFileSync } from 'node:fs';
import type { ToolSpec, WordVectors } from '@toolfleet/kernel';
import { ToolIndex, readWordVectors } from '@toolfleet/kernel';

const file = new URL('../../data/english-words.bin', import.meta.url);
let vectors: WordVectors | undefined;

export function englishWords(): WordVectors {
  return (vectors ??= readWordVectors(readFileSync(file)));
}

/** The search as the router runs it, over any list of tools. */
export function toolIndexOf(tools: readonly ToolSpec[]): ToolIndex {
  return new ToolIndex(tools, englishWords());
}
