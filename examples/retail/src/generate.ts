/**
 * Writes the generated files of the package: `data/conversations.jsonl` and `openapi.json`. Specs fail when they drift
 * from what this writes.
 */
import { writeFile } from 'node:fs/promises';
import { conversationsFile, conversationsText } from './conversations-file.js';
import { loadTools, packageDirectory } from './data.js';
import { openApiOf } from './shop/openapi.js';

await writeFile(conversationsFile, await conversationsText());
await writeFile(
  new URL('openapi.json', packageDirectory),
  `${JSON.stringify(openApiOf(await loadTools()), undefined, 2)}\n`,
);
