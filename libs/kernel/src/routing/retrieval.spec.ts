import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { ToolSpec } from '../catalog/manifest.js';
import { ToolIndex } from './select-tools.js';

const rowsOf = <Row>(name: string): Row[] =>
  readFileSync(new URL(`../../fixtures/retrieval-metatool/${name}`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);

const tools = rowsOf<{ id: string; description: string }>('corpus.jsonl').map(({ id, description }): ToolSpec => ({
  ...{ name: id, version: '1', owner: '', description, parameters: {}, toolClass: 'read', effect: 'read' },
  ...{ riskTier: 'low', idempotent: true, observation: { bytesMax: 1 }, driver: 'builtin' },
}));
const questions = rowsOf<{ query: string; relevant: string[] }>('queries_multi.jsonl');

/** BM25 over the words as they stand: what a search gives that knows no function words and no endings. */
const plain = { recall: 0.546, complete: 0.305 };
/** What is reached less what one question weighs, so that a word more or less in a list is no failure. */
const floor = { recall: 0.703, complete: 0.525 };

describe('the choice among the 199 tools of MetaTool', () => {
  const index = new ToolIndex(tools);
  const hits = questions.map(({ query, relevant }) => {
    const ten = new Set(index.select(query, 10).map(({ name }) => name));
    return relevant.filter((id) => ten.has(id)).length / relevant.length;
  });
  const recall = hits.reduce((sum, share) => sum + share, 0) / hits.length;
  const complete = hits.filter((share) => share === 1).length / hits.length;

  it('has among its first ten as many of the tools needed as it had before', () => {
    assert.ok(recall >= floor.recall && floor.recall > plain.recall, `recall@10 is ${recall.toFixed(4)}`);
  });

  it('has all that a question needs among its first ten as often as before', () => {
    assert.ok(complete >= floor.complete && floor.complete > plain.complete, `complete@10 is ${complete.toFixed(4)}`);
  });
});
