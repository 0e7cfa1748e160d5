import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { ToolSpec } from '@toolfleet/kernel';
import { toolIndexOf } from './english-words.js';

const toolOf = (name: string, description: string): ToolSpec => ({
  ...{ name, version: '1', owner: '', description, parameters: {}, toolClass: 'read', effect: 'read' },
  ...{ riskTier: 'low', idempotent: true, observation: { bytesMax: 1 }, driver: 'builtin' },
});
const metaTool = (name: string) => new URL(`../../../kernel/fixtures/retrieval-metatool/${name}`, import.meta.url);
const rowsOf = <Row>(name: string): Row[] =>
  readFileSync(metaTool(name), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);

describe('a choice of tools that knows English words', () => {
  const shop = toolIndexOf([
    toolOf('get_forecast', 'Rain and temperature of the next days.'),
    toolOf('buy_ticket', 'Books a seat on a train.'),
    toolOf('delete_file', 'Deletes documents.'),
  ]);
  const first = (question: string): string | undefined => shop.find(question, 1)[0]?.name;

  it('finds a tool that shares no word with the question', () => {
    assert.equal(first('What will the weather be?'), 'get_forecast');
    assert.equal(first('erase a folder'), 'delete_file');
  });

  it('finds nothing where nothing is near, and nothing for words that it does not know', () => {
    assert.deepEqual(shop.find('Zxqv brmpf', 3), []);
    assert.deepEqual(shop.find('philosophy', 3), []);
  });

  it('puts what shares words with the question before what only means the like', () => {
    const three = toolIndexOf([
      ...[toolOf('one', 'Shows the film.'), toolOf('two', 'Shows the movie.'), toolOf('three', 'Adds numbers.')],
    ]);
    assert.deepEqual(
      three.find('a movie', 3).map(({ name }) => name),
      ['two', 'one'],
    );
  });

  it('has more of the tools needed among its first ten than words alone give', () => {
    const index = toolIndexOf(
      rowsOf<{ id: string; description: string }>('corpus.jsonl').map(({ id, description }) => toolOf(id, description)),
    );
    const hits = rowsOf<{ query: string; relevant: string[] }>('queries_multi.jsonl').map(({ query, relevant }) => {
      const ten = new Set(index.select(query, 10).map(({ name }) => name));
      return relevant.filter((id) => ten.has(id)).length / relevant.length;
    });
    const recall = hits.reduce((sum, share) => sum + share, 0) / hits.length;
    const complete = hits.filter((share) => share === 1).length / hits.length;
    // Words alone: 0.707 and 0.530.
    assert.ok(
      recall >= 0.728 && complete >= 0.553,
      `recall@10 ${recall.toFixed(4)}, complete@10 ${complete.toFixed(4)}`,
    );
  });
});
