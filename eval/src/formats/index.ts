/** The formats that are known, and which of them a folder has. */
import { invalid } from '@toolfleet/kernel';
import type { Folder } from '../folder.js';
import { agentdojo } from './agentdojo.js';
import { bfcl } from './bfcl.js';
import type { Format } from './format.js';
import { llmProtocol } from './llm-protocol.js';
import { mcp } from './mcp.js';
import { nestful } from './nestful.js';
import { retrieval } from './retrieval.js';
import { sql } from './sql.js';
import { strings } from './strings.js';
import { tau2 } from './tau2.js';

/** The ones that ask for more come first: a list of strings may lie anywhere. */
export const formats: readonly Format[] = [retrieval, tau2, agentdojo, bfcl, nestful, mcp, llmProtocol, sql, strings];

/** Throws `invalid` FORMAT_UNKNOWN with what each format looks for. */
export function formatOf(folder: Folder): Format {
  const format = formats.find((each) => each.recognises(folder));
  if (format !== undefined) return format;
  const looked = formats.map(({ name, looksFor }) => `${name}: ${looksFor}`);
  const files = folder.files.slice(0, 10).join(', ') || 'none';
  throw invalid('FORMAT_UNKNOWN', `The folder ${folder.path} has no format that is known; its files: ${files}.`, {
    hint: `Looked for ${looked.join('; ')}.`,
    details: { looksFor: looked.join('; ') },
  });
}
