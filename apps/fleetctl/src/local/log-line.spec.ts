import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatLogLine } from './log-line.js';

test('without colours a line holds no escape sequence', () => {
  assert.equal(formatLogLine({ source: 'policy', text: 'ready' }, false), 'policy          | ready');
});

test('a process keeps its colour from line to line', () => {
  const paint = (source: string): string | undefined => formatLogLine({ source, text: '' }, true).split(source)[0];
  assert.equal(paint('router'), paint('router'));
  assert.notEqual(paint('router'), paint('policy'));
});
