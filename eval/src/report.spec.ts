import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { tallyOf } from './call-verdict.js';
import { figureLines, isRight, problemLines, tableOf, type FolderReport } from './report.js';
import { EvalScreen } from './screen.js';

const plain = stripVTControlCharacters;
const report = (more: Partial<FolderReport> = {}): FolderReport => ({
  ...{ folder: 'f', path: '/f', format: 'tau2', status: 'scored', notes: [], figures: {}, mismatches: [] },
  sessionsNotCompleted: [],
  tally: { ...tallyOf([]), sessions: 2, completed: 2 },
  ...more,
});
const mismatch = {
  session: 's',
  tool: 't',
  arguments: {},
  expected: 'answered: x',
  got: 'failed',
  disagreement: false,
};

test('a run is right only when nothing is stuck, unfinished, stray or otherwise than recorded', () => {
  const tally = report().tally!;
  assert.equal(isRight([report(), report({ status: 'skipped' })]), true);
  assert.equal(isRight([report({ mismatches: [{ ...mismatch, disagreement: true }] })]), true);
  const wrong: Partial<FolderReport>[] = [
    { status: 'failed' },
    { tally: { ...tally, stuck: 1, completed: 1 } },
    { tally: { ...tally, completed: 1 } },
    { tally: { ...tally, strays: 1 } },
    { mismatches: [mismatch] },
  ];
  for (const more of wrong) assert.equal(isRight([report(more)]), false, JSON.stringify(more));
});

test('the table shows parts of what there was, and the lines below it what went wrong', () => {
  const tally = { ...tallyOf([]), sessions: 2, completed: 1, stuck: 1, calls: 3, validated: 3, toRoute: 3, routed: 2 };
  const stuck = report({ tally, sessionsNotCompleted: [{ id: 's9', status: 'stuck' }], mismatches: [mismatch] });
  const [head, row] = tableOf([stuck]).map((line) => plain(line));
  assert.match(head!, /^set\s+sessions\s+stuck\s+validated\s+routed\s+executed\s+exact\s+refused\s+disagree$/);
  assert.match(row!, /^f\s+1 of 2\s+1\s+3\s+2 of 3\s+–\s+–\s+–\s+0$/);
  assert.deepEqual(problemLines(stuck), ['f s9: stuck ', 'f s: t: expected answered: x; got failed']);
});

test('a folder that was skipped or could not be read says why', () => {
  const skipped = figureLines(report({ status: 'skipped', reason: 'no driver' })).map((line) => plain(line));
  assert.deepEqual(skipped, ['f (tau2)', '  skipped: no driver']);
  const failed = figureLines(report({ status: 'failed', reason: 'FORMAT_UNKNOWN: what', hint: 'Looked for x.' })).map(
    plain,
  );
  assert.deepEqual(failed, ['f (tau2)', '  FORMAT_UNKNOWN: what', '  Looked for x.']);
  assert.deepEqual(
    figureLines(report({ figures: { a: 1, bc: 0.25 } })).map((line) => plain(line)),
    ['f (tau2)', '  a   1', '  bc  0.2500'],
  );
});

test('without a terminal progress is a few plain lines', () => {
  const texts: string[] = [];
  const screen = new EvalScreen({ isTTY: false, write: (text: string) => texts.push(text) });
  for (let done = 1; done <= 95; done += 1) screen.sessions(done, 95);
  assert.equal(texts.length, 10);
  assert.equal(texts.at(-1), '95 of 95 sessions\n');
});
