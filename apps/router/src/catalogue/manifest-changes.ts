/** What a catalogue would change of another, field by field, for people who decide. Bounded: who changes all of it reads a part. */
import type { FieldChange, ManifestChange } from '@toolfleet/contracts';
import type { Catalogue, Manifest } from '@toolfleet/kernel';
import { entryNameOf } from '@toolfleet/kernel';
import type { CatalogueChange } from './catalogue-publisher.js';

/** What a terminal shows; at three bytes a sign all of it is half of what a gRPC message may have. */
const changesMax = 1_000;
const charsMax = 700_000;
const fieldsMax = 50;
const valueCharsMax = 500;

export function manifestChanges(
  present: Catalogue,
  { put, remove }: CatalogueChange,
): { readonly changes: readonly ManifestChange[]; readonly total: number } {
  const all = [
    ...put.map((manifest) => {
      const { kind, spec } = manifest;
      return { kind, name: entryNameOf(manifest), spec: spec as Manifest['spec'] | undefined };
    }),
    ...remove.map(({ kind, name }) => ({ kind, name, spec: undefined })),
  ].toSorted((a, b) => (`${a.kind}/${a.name}` < `${b.kind}/${b.name}` ? -1 : 1));
  let charsLeft = charsMax;
  const changes = all.slice(0, changesMax).map(({ kind, name, spec }): ManifestChange => {
    const before = present.get(kind, name);
    if (!before) return { kind, name, action: 'added', fields: [] };
    if (!spec) return { kind, name, action: 'removed', fields: [] };
    const fields = charsLeft > 0 ? fieldChanges(before, spec) : [];
    charsLeft -= fields.reduce((sum, { path, before, after }) => sum + path.length + before.length + after.length, 0);
    return { kind, name, action: 'changed', fields };
  });
  return { changes, total: all.length };
}

export function fieldChanges(before: unknown, after: unknown): FieldChange[] {
  const found: FieldChange[] = [];
  const walk = (old: unknown, now: unknown, path: string): void => {
    if (found.length >= fieldsMax || JSON.stringify(old) === JSON.stringify(now)) return;
    if (!sameForm(old, now)) return void found.push({ path, before: shortText(old), after: shortText(now) });
    const [olds, nows] = [old, now] as [Record<string, unknown>, Record<string, unknown>];
    const place = (key: string) => (Array.isArray(now) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`);
    for (const key of new Set([...Object.keys(olds), ...Object.keys(nows)])) walk(olds[key], nows[key], place(key));
  };
  walk(before, after, '');
  return found;
}

const sameForm = (a: unknown, b: unknown): boolean =>
  typeof a === 'object' && typeof b === 'object' && a !== null && b !== null && Array.isArray(a) === Array.isArray(b);

function shortText(value: unknown): string {
  const text = JSON.stringify(value) ?? '';
  return text.length > valueCharsMax ? `${text.slice(0, valueCharsMax)}…`.toWellFormed() : text;
}
