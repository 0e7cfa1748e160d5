/** Files that are written from the code and checked against it: one source, and drift is a failure with the way on. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { conflict } from '@toolfleet/kernel';

export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
  /** The words after `fleetctl` that write it. */
  readonly command: string;
}

export async function writeGenerated({ path, text }: GeneratedFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

/** Throws `conflict` GENERATED_FILE_DRIFTED. */
export async function checkGenerated({ path, text, command }: GeneratedFile): Promise<void> {
  const found = await readFile(path, 'utf8').catch(() => undefined);
  if (found === text) return;
  const name = relative(process.cwd(), path);
  throw conflict(
    'GENERATED_FILE_DRIFTED',
    found === undefined ? `${name} is missing.` : `${name} differs from what the code says.`,
    { hint: `Run \`npx fleetctl ${command}\` and commit what changed.` },
  );
}

/** The table with columns as wide as their longest cell, as prettier would write it. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [header, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = header.map((_, at) => Math.max(3, ...cells.map((row) => [...row[at]!].length)));
  const pad = (cell: string, at: number) => cell + ' '.repeat(widths[at]! - [...cell].length);
  const line = (row: readonly string[]) => `| ${row.map(pad).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(cells[0]!), rule, ...cells.slice(1).map(line)].join('\n');
}
