import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatLogLine, readableText } from './log-line.js';

test('without colours a line holds no escape sequence', () => {
  assert.equal(formatLogLine({ source: 'policy', text: 'ready' }, false), 'policy          | ready');
});

test('a process keeps its colour from line to line', () => {
  const paint = (source: string): string | undefined => formatLogLine({ source, text: '' }, true).split(source)[0];
  assert.equal(paint('router'), paint('router'));
  assert.notEqual(paint('router'), paint('policy'));
});

test('a structured line reads as level, message and fields, and any other text stays as it is', () => {
  const line = '{"level":40,"time":1,"roles":"policy","instance":"x","tenant":"acme","left":{"n":2},"msg":"quota low"}';
  assert.equal(readableText(line), 'warn quota low tenant=acme left={"n":2}');
  for (const text of ['plain', '{"half":', '{"no":"level"}', '']) assert.equal(readableText(text), text);
});
