/**
 * What the choice of tools costs with 10,000 tools in memory: `node --expose-gc libs/platform/dist/words/select-tools.bench.js`.
 * Texts and questions are MetaTool's: each tool has three of its descriptions, so that lists of words are as long as those
 * of real catalogues. The least of each question is what it costs where no neighbour takes the core.
 */
import { readFileSync } from 'node:fs';
import type { ToolSpec } from '@toolfleet/kernel';
import { ToolIndex } from '@toolfleet/kernel';
import { englishWords } from './english-words.js';

const toolsCount = 10_000;
const offered = 20;
const passes = 8;

const metaTool = (name: string) => new URL(`../../../kernel/fixtures/retrieval-metatool/${name}`, import.meta.url);
const rowsOf = <Row>(name: string): Row[] =>
  readFileSync(metaTool(name), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
const texts = rowsOf<{ id: string; description: string }>('corpus.jsonl');
const questions = rowsOf<{ query: string }>('queries_multi.jsonl').map(({ query }) => query);

const toolAt = (place: number): ToolSpec => {
  const parts = [1, 7, 31].map((step) => texts[(place * step + Math.floor(place / texts.length)) % texts.length]!);
  const description = parts.map((part) => part.description).join(' ');
  return {
    ...{ name: `${parts[0]!.id}_${place}`, version: '1', owner: '', description, parameters: {}, toolClass: 'read' },
    ...{ effect: 'read', riskTier: 'low', idempotent: true, observation: { bytesMax: 1 }, driver: 'builtin' },
  };
};

const mb = (): number => {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1e6;
};

function timed<T>(act: () => T): { readonly ms: number; readonly value: T } {
  const startedMs = performance.now();
  const value = act();
  return { ms: performance.now() - startedMs, value };
}

function measure(title: string, words: ReturnType<typeof englishWords> | undefined): void {
  const tools = Array.from({ length: toolsCount }, (_, place) => toolAt(place));
  const before = mb();
  const first = timed(() => new ToolIndex(tools, words));
  const added = mb() - before;
  const again = timed(() => new ToolIndex(tools, words));
  const ms: number[] = [];
  const againMs: number[] = [];
  const least = questions.map(() => Infinity);
  // The first pass warms up.
  for (let pass = 0; pass <= passes; pass++) {
    // One that was asked before knows the answers.
    const index = new ToolIndex(tools, words);
    for (const [place, question] of questions.entries()) {
      const one = timed(() => index.select(question, offered)).ms;
      const repeated = timed(() => index.select(`${question} o${place}`, offered)).ms;
      if (pass === 0) continue;
      ms.push(one);
      againMs.push(repeated);
      least[place] = Math.min(least[place]!, one);
    }
  }
  const index = `index ${first.ms.toFixed(0)} ms, again ${again.ms.toFixed(0)} ms, ${added.toFixed(0)} MB`;
  console.log(`${title}: ${index}; a selection ${percentiles(ms)}; the least of each question ${percentiles(least)}`);
  console.log(`  with another id ${percentiles(againMs)}`);
}

function percentiles(ms: number[]): string {
  ms.sort((a, b) => a - b);
  const at = (share: number): string => ms[Math.floor(ms.length * share)]!.toFixed(2);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`;
}

measure('words alone', undefined);
measure('words and their meaning', englishWords());
