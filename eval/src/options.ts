/** The evaluation's command line. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { invalid } from '@toolfleet/kernel';

export interface EvalOptions {
  readonly help: boolean;
  readonly verbose: boolean;
  readonly folders: readonly string[];
  readonly json?: string | undefined;
  /** Most sessions or questions of each file group of a folder. */
  readonly limit: number;
}

export const usage = `Usage: npm run eval -- --data FOLDER [FOLDER ...] [options]

Runs recorded sets through a fleet on this machine: every recorded call is offered, checked, run
or refused as recorded, and every answer compared byte for byte. The format of a folder is told
by its files; eval/README.md names them.

  --data FOLDER ...  folders of recordings
  --json FILE        figures, and every call that did not end as recorded, as JSON
  --limit N          at most N sessions or questions of a folder's set, evenly from all of it
  --verbose          the fleet's own log lines as well
  --help             this text
`;

const foldersMax = 100;
const limitMax = 1_000_000;

export function evalOptionsOf(argv: readonly string[]): EvalOptions {
  const { values, tokens } = parsed(argv);
  const folders = tokens.flatMap((token) => {
    if (token.kind === 'positional') return [resolve(token.value)];
    return token.kind === 'option' && token.name === 'data' ? [resolve(token.value ?? '')] : [];
  });
  const help = values.help ?? false;
  if (!help && (folders.length === 0 || folders.length > foldersMax)) {
    throw invalid('OPTION_INVALID', `--data takes 1 to ${foldersMax} folders.`, { hint: usage });
  }
  const limit = Number(values.limit ?? limitMax);
  if (!Number.isInteger(limit) || limit < 1 || limit > limitMax) {
    throw invalid('OPTION_INVALID', `--limit takes whole numbers from 1 to ${limitMax}.`);
  }
  const json = values.json === undefined ? undefined : resolve(values.json);
  return { help, verbose: values.verbose ?? false, folders, json, limit };
}

function parsed(argv: readonly string[]) {
  const flag = { type: 'boolean' } as const;
  const options = {
    data: { type: 'string', multiple: true },
    json: { type: 'string' },
    limit: { type: 'string' },
    verbose: flag,
    help: flag,
  } as const;
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, tokens: true });
  } catch (cause) {
    throw invalid('OPTION_INVALID', 'Unknown or malformed option.', { cause, hint: usage });
  }
}
