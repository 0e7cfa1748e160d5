import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readManifests } from '@toolfleet/platform/catalog';
import { readRollout, withRollout, withoutRollout } from './set-edit.js';

const head = 'apiVersion: toolfleet.dev/v1\nkind';
const tool = `# What the team says of it.\n${head}: Tool\nmetadata: { name: search, owner: t }
spec: { description: Finds., class: read, effect: read, driver: builtin, builtin: echo } # here, too\n`;
const rollout = (name: string, percent = 5) => `${head}: Rollout\nmetadata: { name: ${name} }
spec: { tool: search, version: 2, startsAt: 2027-01-31, steps: [{ percent: ${percent} }] }\n`;
const file = (path: string, text: string) => ({ path, content: Buffer.from(text) });
const textOf = (files: readonly { content: Uint8Array }[]) =>
  files.map(({ content }) => Buffer.from(content).toString('utf8'));
const namesIn = (files: readonly { path: string; content: Uint8Array }[]) =>
  readManifests(
    files.map(({ path, content }) => ({ path, text: Buffer.from(content).toString('utf8') })),
  ).manifests.map(({ manifest }) => `${manifest.kind}/${manifest.spec.name}`);

describe('a rollout within the files of a set', () => {
  it('is put into a file of its own, and taken out with it', () => {
    const files = [file('tools.yaml', tool)];
    const put = withRollout(files, readRollout('r.yaml', rollout('search-2')));
    assert.deepEqual(
      put.map(({ path }) => path),
      ['tools.yaml', 'rollout-search-2.yaml'],
    );
    assert.deepEqual(namesIn(put), ['Tool/search', 'Rollout/search-2']);
    assert.deepEqual(withoutRollout(put, 'search-2'), files);
  });

  it('takes the place of the one of its name, wherever that stands, and leaves other manifests as they were written', () => {
    const files = [
      file('deep/all.yaml', `${rollout('other')}---\n${tool}---\n${rollout('search-2')}`),
      file('x.binpb', 'Rollout'),
    ];
    const put = withRollout(files, readRollout('r.yaml', rollout('search-2', 50)));
    assert.deepEqual(namesIn([put[0]!]), ['Rollout/other', 'Tool/search', 'Rollout/search-2']);
    assert.match(textOf(put)[0]!, /percent: 50/);
    assert.match(textOf(put)[0]!, /# What the team says of it\.[^]*# here, too/);
    assert.equal(put[1], files[1]);
    const left = withoutRollout(put, 'search-2');
    assert.deepEqual(namesIn([left[0]!]), ['Rollout/other', 'Tool/search']);
    assert.deepEqual(withoutRollout(files, 'unknown'), files);
  });

  it('is read from a file that holds nothing else', () => {
    assert.throws(() => readRollout('r.yaml', tool), { reason: 'ROLLOUT_EXPECTED' });
    assert.throws(() => readRollout('r.yaml', `${rollout('a')}---\n${rollout('b')}`), { reason: 'ROLLOUT_EXPECTED' });
    assert.throws(() => readRollout('r.yaml', rollout('a').replace('percent: 5', 'percent: 500')), {
      reason: 'CATALOG_REFUSED',
    });
  });
});
