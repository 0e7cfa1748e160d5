/** `fleetctl catalog apply`, `diff`, `history` and `rollback`: one team's manifests in a running fleet, as a whole. */
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import pc from 'picocolors';
import type { SetOutcome } from '@toolfleet/contracts';
import { invalid } from '@toolfleet/kernel';
import { refuse } from '../catalog-problems.js';
import { RouterApi } from '../router-api.js';
import { readSetSource, type SetSource } from '../set-source.js';
import { changesText, counted, historyText, outcomeText } from '../set-text.js';

interface SetFlags {
  readonly set: string;
  readonly router?: string;
  readonly json?: boolean;
}

interface ChangeFlags extends SetFlags {
  readonly reason: string;
  readonly ifRevision?: number;
  readonly dryRun?: boolean;
}

interface ApplyFlags extends ChangeFlags {
  readonly empty?: boolean;
}

interface RollbackFlags extends ChangeFlags {
  readonly to: number;
}

interface HistoryFlags {
  readonly set?: string;
  readonly limit: number;
  readonly router?: string;
  readonly json?: boolean;
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const noFiles: SetSource = { files: [], placeOf: (problem) => problem };

export function registerCatalogSets(catalog: Command): void {
  const add = (words: string, description: string) =>
    catalog
      .command(words)
      .description(description)
      .option('--router <host:port>', 'gRPC of a router (default: TOOLFLEET_ROUTER_ADDRESS, or the local fleet)')
      .option('--json', 'the result as JSON');
  const withChange = (words: string, description: string) =>
    add(words, description)
      .requiredOption('--set <name>', 'the set: the manifests of one team, replaced as a whole')
      .option('--if-revision <number>', 'only if the set is at this revision; 0: only if there is none', wholeNumber);
  const withAuthor = (words: string, description: string) =>
    withChange(words, description)
      .option('--reason <text>', 'why; kept with the revision', '')
      .option('--dry-run', 'check and compare, change nothing');
  withAuthor('apply', 'check manifests together with all else, and make them live')
    .argument('[dir-or-file...]', 'all of the set: what it had and these have not goes away')
    .addOption(new Option('--empty', 'remove the set'))
    .action(apply);
  withChange('diff', 'print what an apply would change; exits with 1 when it would change anything')
    .argument('[dir-or-file...]', 'all of the set')
    .addOption(new Option('--empty', 'compare with a set that is removed'))
    .action(diff);
  add('history', 'print the revisions of sets, newest first')
    .option('--set <name>', 'of this set only')
    .option('--limit <number>', 'at most so many', wholeNumber, 50)
    .action(history);
  withAuthor('rollback', 'make an older revision live again, as a new one')
    .requiredOption('--to <number>', 'the revision', wholeNumber)
    .action(rollback);
}

async function apply(names: readonly string[], flags: ApplyFlags): Promise<void> {
  const source = await sourceOf(names, flags);
  const outcome = await (await RouterApi.here(flags.router)).apply(changeOf(flags, flags.dryRun), source.files);
  report(outcome, source, flags);
}

async function diff(names: readonly string[], flags: ApplyFlags): Promise<void> {
  const source = await sourceOf(names, flags);
  const change = changeOf({ ...flags, reason: '' }, true);
  const outcome = await (await RouterApi.here(flags.router)).apply(change, source.files);
  refuse(outcome.problems.map(source.placeOf), flags.json);
  const { set, revision, changes, changesTotal } = outcome;
  if (flags.json) print(JSON.stringify({ set, revision, changes, changesTotal }));
  else print(changesTotal === 0 ? 'Nothing would change.' : changesText(outcome, pc.isColorSupported));
  if (changesTotal > 0) process.exitCode = 1;
}

async function rollback(flags: RollbackFlags): Promise<void> {
  const router = await RouterApi.here(flags.router);
  report(await router.rollback(changeOf(flags, flags.dryRun), flags.to), noFiles, flags);
}

async function history({ set = '', limit, router, json }: HistoryFlags): Promise<void> {
  const revisions = await (await RouterApi.here(router)).revisions(set, limit);
  if (json) return revisions.forEach((revision) => print(JSON.stringify(revision)));
  print(historyText(revisions));
}

function report(outcome: SetOutcome, source: SetSource, { json, dryRun }: ChangeFlags): void {
  refuse(outcome.problems.map(source.placeOf), json);
  if (json) return print(JSON.stringify({ ...outcome, dryRun: dryRun ?? false }));
  const changes = changesText(outcome, pc.isColorSupported);
  const end = dryRun ? `${counted(outcome.changesTotal, 'manifest')} would change; nothing did.` : outcomeText(outcome);
  print(changes === '' ? end : `${changes}\n${end}`);
}

async function sourceOf(names: readonly string[], { empty }: ApplyFlags): Promise<SetSource> {
  if (empty && names.length > 0) throw invalid('EMPTY_WITH_FILES', 'A set that is removed has no files.');
  if (empty) return noFiles;
  if (names.length > 0) return readSetSource(names);
  throw invalid('FILES_MISSING', 'No directory or file is named.', { hint: 'Give --empty to remove the set.' });
}

/** Who changes it is whoever the token is of. */
function changeOf({ set, reason, ifRevision }: ChangeFlags, dryRun = false) {
  return { set, actor: '', reason, dryRun, ...(ifRevision === undefined ? {} : { ifRevision }) };
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It is a whole number.');
  return Number(text);
}
