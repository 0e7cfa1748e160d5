/** Patterns in RE2's syntax, whose time is linear in the text: they come from tenants and run in our processes. */
import { RE2JS } from 're2js';
import { limits } from './limits.js';

/** Whether a pattern can be matched in linear time: look-arounds and back references cannot. */
export function isLinearPattern(pattern: string): boolean {
  try {
    RE2JS.compile(pattern);
    return true;
  } catch {
    return false;
  }
}

/** A pattern in RE2's syntax, found anywhere in a text. Throws the library's error, which says what is wrong with it. */
export function linearPattern(pattern: string): (text: string) => boolean {
  const compiled = RE2JS.compile(pattern);
  return (text) => compiled.matcher(text).find();
}

/** Compiling a pattern costs fifty times what a match does. Those of rules are few; a call may bring others, so not all stay. */
const kept = new Map<string, { test(text: string): boolean }>();

export function keptPattern(pattern: string): { test(text: string): boolean } {
  let known = kept.get(pattern);
  if (!known) {
    known = { test: linearPattern(pattern) };
    if (kept.size >= limits.conditionPatternsKept) kept.clear();
    kept.set(pattern, known);
  }
  return known;
}
