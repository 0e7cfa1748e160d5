/** What is wrong with manifests, for whoever wrote them: every place as a line, or as JSON on standard output. */
import { invalid } from '@toolfleet/kernel';
import type { Problem } from '@toolfleet/platform/catalog';
import { textOfProblem } from '@toolfleet/platform/catalog';
import { plain } from './terminal-text.js';

/** What a person reads of them; JSON has all. */
const linesMax = 100;

/** Throws `invalid` CATALOG_REFUSED when there are any. */
export function refuse(problems: readonly Problem[], json: boolean | undefined): void {
  if (problems.length === 0) return;
  if (json) process.stdout.write(`${JSON.stringify({ problems })}\n`);
  const lines = problems.slice(0, linesMax).map((one) => `\n  ${plain(textOfProblem(one))}`);
  const more = problems.length > linesMax ? `\n  and ${problems.length - linesMax} more` : '';
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  throw invalid('CATALOG_REFUSED', `The manifests are refused: ${count}${json ? '.' : `.${lines.join('')}${more}`}`);
}
