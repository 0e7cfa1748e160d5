/**
 * What may be applied, and what its files are called beside those of directories: `set:<name>/<path>`, a path that no
 * directory has, so that problems name the set and nothing in it counts as written by operators.
 */
import { isUtf8 } from 'node:buffer';
import type { SetFile } from '@toolfleet/contracts';
import { invalid, limits } from '@toolfleet/kernel';
import type { ManifestFile, Problem } from '@toolfleet/platform/catalog';
import { isDescriptorsPath, isManifestPath } from '@toolfleet/platform/catalog';

const setName = /^[a-z0-9][a-z0-9-]{0,62}$/;
const scheme = 'set:';
/** No step may lead out of the set, and none has a sign that a shell or a log line reads otherwise. */
const step = String.raw`(?!\.{1,2}(?:/|$))[A-Za-z0-9._ @+=,~()-]{1,100}`;
const relativePath = new RegExp(`^${step}(?:/${step}){0,9}$`);
const pathCharsMax = 500;
const reasonCharsMax = 1_000;

export const isSetFile = (path: string): boolean => path.startsWith(scheme);

/** Of the set that a file belongs to; empty for one of a directory. */
export const setOfFile = (path: string): string => (isSetFile(path) ? path.slice(scheme.length).split('/', 1)[0]! : '');

export function manifestFilesOf(set: string, files: readonly SetFile[]): ManifestFile[] {
  return files.map(({ path, content }) => {
    const at = `${scheme}${set}/${path}`;
    return isManifestPath(path)
      ? { path: at, text: Buffer.from(content).toString('utf8') }
      : { path: at, text: '', bytes: content };
  });
}

/** As whoever applies the set knows its files. */
export function problemFor(set: string, problem: Problem): Problem {
  const own = `${scheme}${set}/`;
  const reason = problem.reason.replaceAll(own, '');
  return {
    line: problem.line,
    reason: reason.slice(0, reasonCharsMax),
    file: problem.file.startsWith(own) ? problem.file.slice(own.length) : problem.file,
  };
}

export interface Author {
  readonly actor: string;
  readonly reason: string;
}

export function checkSetName(set: string): void {
  if (setName.test(set)) return;
  throw invalid('SET_NAME_INVALID', 'A set is named by 1 to 63 small letters, digits and hyphens.');
}

export function checkAuthor({ actor, reason }: Author): void {
  const fits = (text: string, charsMax: number) =>
    text.length <= charsMax && text.isWellFormed() && !/\p{Cc}/u.test(text);
  if (actor.trim() === '' || !fits(actor, 200))
    throw invalid('ACTOR_INVALID', 'Who applies is named by at most 200 characters on one line.');
  if (!fits(reason, 1_000)) throw invalid('REASON_INVALID', 'A reason has at most 1,000 characters on one line.');
}

export function checkSetFiles(files: readonly SetFile[]): void {
  if (files.length > limits.setFilesMax)
    throw invalid('SET_TOO_LARGE', `A set has at most ${limits.setFilesMax} files.`);
  const bytes = files.reduce((sum, { content }) => sum + content.length, 0);
  if (bytes > limits.setBytesMax) {
    throw invalid('SET_TOO_LARGE', `The files of a set have at most ${limits.setBytesMax} bytes, not ${bytes}.`, {
      hint: 'Split it into several sets.',
    });
  }
  const seen = new Set<string>();
  for (const { path, content } of files) checkFile(path, content, seen);
}

function checkFile(path: string, content: Uint8Array, seen: Set<string>): void {
  const details = { path: path.slice(0, pathCharsMax) };
  if (path.length > pathCharsMax || !relativePath.test(path))
    throw invalid('SET_PATH_INVALID', 'A path of a set is relative, without .. and special signs.', { details });
  if (!isManifestPath(path) && !isDescriptorsPath(path))
    throw invalid('SET_PATH_INVALID', `${path} is neither YAML nor a descriptor set.`, { details });
  if (seen.has(path)) throw invalid('SET_PATH_TWICE', `${path} comes twice.`, { details });
  seen.add(path);
  if (isManifestPath(path) && !isUtf8(content))
    throw invalid('SET_FILE_UNREADABLE', `${path} is not text in UTF-8.`, { details });
}
