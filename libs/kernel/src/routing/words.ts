/**
 * The words of a text, as a search compares them: without case, accents and English endings, and without the words that
 * every question has. Stop words give most of what this search gains over a plain one: a sentence to a model is half of them.
 */
import { stemmer } from 'stemmer';

/** Articles, pronouns, auxiliaries, prepositions, and how one asks politely. No noun or verb that could name a tool. */
const functionWords = new Set(
  [
    'a about above after again against all also am an and any are as at be because been before being below between both',
    'but by can cannot could did do does doing don down during each few for from further had has have having he her here',
    'hers herself him himself his how i if in into is it its itself just let like ll may me might more most must my myself',
    'need no nor not now of off on once only or other our ours ourselves out over own please re s same shall she should so',
    'some such t than that the their theirs them themselves then there these they this those through to too under until up',
    'us ve very want was we were what when where which while who whom whose why will with would you your yours yourself',
  ].flatMap((line) => line.split(' ')),
);

/** Scripts that put no spaces between words: each character is a word. */
const unspaced = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}`;
const word = new RegExp(String.raw`[${unspaced}]|(?:(?![${unspaced}])[\p{L}\p{M}\p{N}])+`, 'gu');
const ascii = /^[\0-\x7f]*$/;
const english = /^[a-z]+$/;

/** In their order, repeated ones again. Splits camelCase and snake_case, so that `getOrderDetails` meets "order details". */
export function wordsOf(text: string): string[] {
  const spaced = plain(text)
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2');
  const words: string[] = [];
  for (const [found] of spaced.toLowerCase().matchAll(word)) {
    if (!functionWords.has(found)) words.push(stemOf(found));
  }
  return words;
}

/** Full-width and other forms of one character are one, and Latin letters lose their accents. */
function plain(text: string): string {
  if (ascii.test(text)) return text;
  return text
    .normalize('NFKD')
    .replace(/(\p{Script=Latin})\p{Mn}+/gu, '$1')
    .normalize('NFC');
}

/** Words recur, and a stem costs some microseconds. Emptied when full, so that what users type cannot fill the memory. */
const stems = new Map<string, string>();
const stemsMax = 20_000;
/** Longer runs of letters are data; the stemmer would only take its time over them. */
const stemCharsMax = 32;

function stemOf(found: string): string {
  if (found.length > stemCharsMax || !english.test(found)) return found;
  let stem = stems.get(found);
  if (stem === undefined) {
    if (stems.size >= stemsMax) stems.clear();
    stems.set(found, (stem = stemmer(found)));
  }
  return stem;
}
