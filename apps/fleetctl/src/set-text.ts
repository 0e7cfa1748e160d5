/** Applied sets for people: what a change does, field by field, and who made which revision and why. */
import type { ManifestChange, SetOutcome, SetRevision } from '@toolfleet/contracts';
import pc from 'picocolors';
import { columns, plain } from './terminal-text.js';

const signs = { added: '+', changed: '~', removed: '-' } as const;

export function changesText({ changes, changesTotal }: SetOutcome, colours: boolean): string {
  const { green, yellow, red, dim } = pc.createColors(colours);
  const paint = { added: green, changed: yellow, removed: red };
  const lines = changes.flatMap((change) => [
    paint[change.action](`${signs[change.action]} ${change.kind}/${plain(change.name)}`),
    ...fieldsText(change).map((line) => `    ${line}`),
  ]);
  const more = changesTotal - changes.length;
  return [...lines, ...(more > 0 ? [dim(`and ${more} more`)] : [])].join('\n');
}

function fieldsText({ action, fields }: ManifestChange): string[] {
  if (action !== 'changed') return [];
  if (fields.length === 0) return ['where it comes from, or too much to show'];
  return fields.map(({ path, before, after }) => `${plain(path)}: ${value(before)} → ${value(after)}`);
}

export const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;

const value = (text: string) => (text === '' ? 'absent' : plain(text));

export function outcomeText(outcome: SetOutcome): string {
  const { set, revision, stored, live, catalogueRevision, changesTotal } = outcome;
  const what = stored ? `${set} is at revision ${revision}` : `${set} stays at revision ${revision}: nothing differs`;
  const where = live ? `live as catalogue ${catalogueRevision}` : 'NOT LIVE YET: look at the log of the router';
  return `${what}, ${counted(changesTotal, 'manifest')} changed, ${where}.`;
}

export function historyText(revisions: readonly SetRevision[]): string {
  if (revisions.length === 0) return 'No set was ever applied.';
  const rows = revisions.map(({ set, revision, atMs, actor, reason, files, bytes, restoredRevision }) => [
    `${set}@${revision}`,
    new Date(atMs).toISOString(),
    actor,
    files === 0 ? 'removed' : `${counted(files, 'file')}, ${bytes} bytes`,
    [restoredRevision > 0 ? `back to ${restoredRevision}` : '', reason].filter((part) => part !== '').join(': '),
  ]);
  return columns([['REVISION', 'AT', 'BY', 'HAS', 'WHY'], ...rows]);
}
