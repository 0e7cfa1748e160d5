/** Patterns in RE2's syntax, whose time is linear in the text: they come from tenants and run in our processes. */
import { RE2JS } from 're2js';

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
