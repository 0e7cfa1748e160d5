/**
 * Text of manifests as Markdown that reads as that text and is nothing else: no markup, no HTML, no table cell or list that
 * its author did not mean, and no characters that turn the order of others around.
 */

/** Controls, and what changes the direction of text. */
const invisible = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]+/gu;
/** Those within a word are left as they are: names in snake case stay readable. */
const marks = /[\\`*[\]~$^]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;
/** What makes a heading, quote, list, rule or underline of the line that begins so. */
const lineStart = /^(?:[#>+=-]|\d{1,9}(?=[.)]))/;
const listItem = /^\s*(?:[-*+•]|\d{1,3}[.)])\s/;

/** On one line; fits into a table, too. */
export function plainText(text: string): string {
  const line = text.toWellFormed().replace(invisible, ' ').replaceAll(/\s+/g, ' ').trim();
  return line
    .replace(marks, String.raw`\$&`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('|', '&#124;')
    .replace(lineStart, (start) => (/\d/.test(start) ? `${start}\\` : `\\${start}`));
}

/** Keeps the author's paragraphs, and a line of its own for what looks like an entry of a list. */
export function paragraphs(text: string): string {
  const blocks = text.replaceAll(/\r\n?/g, '\n').split(/\n[\t ]*\n/);
  const rendered = blocks.map((block) => {
    const lines = block.split('\n').filter((line) => plainText(line) !== '');
    return lines.map((line, at) => (at > 0 ? (listItem.test(line) ? '\\\n' : '\n') : '') + plainText(line)).join('');
  });
  return rendered.filter((block) => block !== '').join('\n\n');
}

/** As typed; fits into a table, too. */
export function code(text: string): string {
  const line = text.toWellFormed().replace(invisible, ' ').replaceAll('\n', ' ');
  if (line !== '' && line.trim() === line && !/[`|\\]/.test(line)) return `\`${line}\``;
  return `<code>${[...line].map((sign) => (/[\p{L}\p{N} ]/u.test(sign) ? sign : `&#${sign.codePointAt(0)};`)).join('')}</code>`;
}

export function jsonBlock(value: unknown): string {
  const text = JSON.stringify(value, null, 2).replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return fenced(text, 'json');
}

/** Longer than any fence within. */
export function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}
