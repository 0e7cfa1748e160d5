/**
 * From the text of manifest files to manifests that fit their schema, each with the place of everything in it, so that a
 * problem names its file and line. Pure: reading files is done elsewhere.
 */
import type { Manifest, ManifestKind } from '@toolfleet/kernel';
import type { Document } from 'yaml';
import { LineCounter, isMap, isNode, isPair, isScalar, isSeq, parseAllDocuments } from 'yaml';
import { parseEnvelope, parseSpec } from './manifest-schemas.js';

export interface ManifestFile {
  readonly path: string;
  /** Empty where `bytes` are there. */
  readonly text: string;
  /** Of a file that is no manifest and that manifests name: a descriptor set. */
  readonly bytes?: Uint8Array | undefined;
}

export interface Problem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly reason: string;
}

/** Takes a problem that something under `path` has. */
export type Report = (path: readonly PropertyKey[], reason: string) => void;

type ManifestOf<K extends ManifestKind> = Extract<Manifest, { kind: K }>;

/** A manifest and where it stands. */
export interface PlacedManifest<K extends ManifestKind = ManifestKind> {
  readonly manifest: ManifestOf<K>;
  /** Path of its file. */
  readonly file: string;
  /** The problem that something under `path` (from the root of the manifest) has. */
  problem(path: readonly PropertyKey[], reason: string): Problem;
}

export interface ReadManifests {
  readonly manifests: readonly PlacedManifest[];
  readonly problems: readonly Problem[];
}

export function readManifests(files: readonly ManifestFile[]): ReadManifests {
  return new ManifestReader().read(files);
}

/**
 * Reads files again and again: one that has not changed is not parsed a second time, and its manifests are the same objects.
 * Of ten thousand tools in a hundred files a change of one takes a hundredth of the time.
 */
export class ManifestReader {
  #known: ReadonlyMap<string, ManifestFile & ReadManifests> = new Map();

  read(files: readonly ManifestFile[]): ReadManifests {
    const read = files
      .filter(({ bytes }) => bytes === undefined)
      .map((file) => {
        const before = this.#known.get(file.path);
        return before?.text === file.text ? before : { path: file.path, text: file.text, ...readFile(file) };
      });
    this.#known = new Map(read.map((one) => [one.path, one]));
    return { manifests: read.flatMap((one) => one.manifests), problems: read.flatMap((one) => one.problems) };
  }
}

function readFile(file: ManifestFile): ReadManifests {
  const manifests: PlacedManifest[] = [];
  const problems: Problem[] = [];
  const again = placesAgain(file);
  for (const [index, place] of placesIn(file).entries()) {
    if (place.errors.length > 0) {
      problems.push(...place.errors);
      continue;
    }
    const content = place.content();
    if (content === null) continue;
    const read = manifestOf(content, place);
    if (Array.isArray(read)) problems.push(...read);
    else {
      const problem: PlacedManifest['problem'] = (path, reason) =>
        again()[index]!.named(subjectOf(read)).problem(path, reason);
      manifests.push({ manifest: read, file: file.path, problem });
    }
  }
  return { manifests, problems };
}

/** The documents of a file of any kind. */
export function placesIn({ path, text }: Pick<ManifestFile, 'path' | 'text'>): Place[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  return (Array.isArray(documents) ? documents : []).map((document) => new Place(path, document, lines));
}

/** Parsed documents are a hundred times their text, so they are not kept for a problem that hardly ever comes. */
function placesAgain(file: ManifestFile): () => Place[] {
  let places: Place[] | undefined;
  return () => (places ??= placesIn(file));
}

const subjectOf = ({ kind, spec }: Manifest): string => `${kind}/${spec.name}`;

function manifestOf(content: unknown, place: Place): Manifest | Problem[] {
  const envelope = parseEnvelope(content);
  if (!envelope.ok) return envelope.problems.map(({ path, reason }) => place.problem(path, reason));
  const { kind, metadata } = envelope.value;
  const named = place.named(`${kind}/${metadata.name}`);
  const parsed = parseSpec(envelope.value);
  return parsed.ok ? parsed.value : parsed.problems.map(({ path, reason }) => named.problem(path, reason));
}

/** One document, and where everything in it stands. */
export class Place {
  constructor(
    private readonly file: string,
    private readonly document: Document.Parsed,
    private readonly lines: LineCounter,
    private readonly subject = '',
  ) {}

  named(subject: string): Place {
    return new Place(this.file, this.document, this.lines, subject);
  }

  get errors(): Problem[] {
    return this.document.errors.map((error) => this.at(error.pos[0], error.message));
  }

  /** Aliases that expand into millions of nodes make `toJS` throw; such a document counts as one that fits no schema. */
  content(): unknown {
    try {
      return this.document.toJS({ maxAliasCount: 100 });
    } catch {
      return undefined;
    }
  }

  at(offset: number, reason: string): Problem {
    return { file: this.file, line: this.lines.linePos(offset).line, reason };
  }

  problem(path: readonly PropertyKey[], reason: string): Problem {
    const where = [this.subject, path.map(String).join('.')].filter((part) => part !== '').join(' ');
    return this.at(this.#offsetOf(path), where ? `${where}: ${reason}` : reason);
  }

  /** Of the deepest part of the path that is there: something that is missing is reported where it should be. */
  #offsetOf(path: readonly PropertyKey[]): number {
    let node: unknown = this.document.contents;
    let offset = this.document.contents?.range[0] ?? 0;
    for (const step of path) {
      const next = childOf(node, step);
      if (!next) break;
      offset = next.offset ?? offset;
      node = next.value;
    }
    return offset;
  }
}

function childOf(node: unknown, step: PropertyKey): { value: unknown; offset: number | undefined } | undefined {
  if (isMap(node)) {
    const pair = node.items.find(
      (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step),
    );
    return pair && { value: pair.value, offset: isScalar(pair.key) ? pair.key.range?.[0] : undefined };
  }
  if (isSeq(node)) {
    const value = node.items[Number(step)];
    return value === undefined ? undefined : { value, offset: isNode(value) ? value.range?.[0] : undefined };
  }
  return undefined;
}
