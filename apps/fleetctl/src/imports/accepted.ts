/** A manifest that the router refuses would keep the whole catalogue out, so an import never writes one. */
import { broken, faultOf } from '@toolfleet/kernel';
import type { ManifestFile } from '@toolfleet/platform/catalog';
import { loadCatalogue, textOfProblem } from '@toolfleet/platform/catalog';

/** `place` is what a reader may say in the end that it is at. Throws `broken` IMPORT_NOT_ACCEPTED. */
export function assertAccepted(files: readonly ManifestFile[], place = 'http://127.0.0.1'): void {
  const result = loadCatalogue(files, {
    toolClasses: ['read', 'write'],
    variable: () => place,
    variablesAllowed: [],
    // Where the files are put is the reader's to decide.
    ofOperators: () => true,
  });
  if (result.ok) return;
  const cause = faultOf(new Error(result.problems.map(textOfProblem).slice(0, 5).join('; ')));
  throw broken('IMPORT_NOT_ACCEPTED', 'The catalogue does not accept what was imported.', { cause });
}
