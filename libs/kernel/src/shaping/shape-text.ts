/** Texts that are too long: of prose the beginning and the end, of a log the newest lines. */
import { charactersFor, fits, type Budget } from './budget.js';

const triesMax = 12;
/** Below it a mark in the middle would cost more than the end is worth. */
const endCharactersMin = 200;
const headPart = 2 / 3;

/** The first part and the last, and between them how much is left out. */
export function headAndTail(text: string, budget: Budget): string {
  return shrunk(text, budget, (characters) => {
    if (characters < endCharactersMin) return whole(text.slice(0, characters));
    const head = whole(text.slice(0, Math.ceil(characters * headPart)));
    const tail = whole(text.slice(head.length - characters));
    return `${head}\n[... ${text.length - head.length - tail.length} characters left out ...]\n${tail}`;
  });
}

/** The last lines, whole where at least one fits. */
export function tailOf(text: string, budget: Budget): string {
  const log = text.trimEnd();
  return shrunk(log, budget, (characters) => {
    if (characters === 0) return '';
    const end = log.slice(-characters);
    const lineBreak = end.indexOf('\n');
    const lines = lineBreak < 0 ? whole(end) : end.slice(lineBreak + 1);
    if (characters < endCharactersMin) return lines;
    const before = log.slice(0, log.length - lines.length);
    return `[${before.split('\n').length - 1} earlier lines left out]\n${lines}`;
  });
}

/** Tries fewer and fewer characters, first as many as the budget should bear, until what is made of them fits. */
function shrunk(text: string, budget: Budget, make: (characters: number) => string): string {
  if (fits(text, budget)) return text;
  let characters = Math.min(text.length, charactersFor(text, budget));
  for (let tries = 0; tries < triesMax; tries += 1) {
    const made = make(characters);
    if (fits(made, budget)) return made;
    characters = Math.floor(characters * 0.8);
  }
  return '';
}

/** Without half of a character at its ends. */
function whole(text: string): string {
  const from = isLowSurrogate(text.charCodeAt(0)) ? 1 : 0;
  const to = isHighSurrogate(text.charCodeAt(text.length - 1)) ? text.length - 1 : text.length;
  return text.slice(from, to);
}

const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;
const isLowSurrogate = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff;
