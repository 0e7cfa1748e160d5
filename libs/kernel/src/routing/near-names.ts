/** Names close to one that does not exist, for hints: by edit distance, cheap enough for a few hundred names. */

const alternativesMax = 3;
const nameCharsMax = 128;

export function nearNames(wanted: string, names: readonly string[]): string[] {
  const needle = normalised(wanted);
  const scored = names.map((name) => ({ name, distance: editDistance(needle, normalised(name)) }));
  const near = scored.filter(({ name, distance }) => distance <= Math.max(2, Math.ceil(name.length / 2)));
  return near
    .toSorted((a, b) => a.distance - b.distance || a.name.localeCompare(b.name))
    .slice(0, alternativesMax)
    .map(({ name }) => name);
}

/** Models vary case, separators and prefixes such as `functions.` more than letters. */
function normalised(name: string): string {
  const last = name.slice(0, nameCharsMax).split('.').at(-1) ?? name;
  return last.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** Levenshtein, one row at a time. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substitute, previous[j]! + 1, row[j - 1]! + 1));
    }
    previous = row;
  }
  return previous[b.length]!;
}
