/** A dump of a database for the SQL class of tools. */
import type { Folder } from '../folder.js';
import type { Format } from './format.js';

/** A dump says so early: after comments and settings. */
const headChars = 200_000;

const isDump = (folder: Folder, file: string): boolean =>
  /\bcreate\s+table\b/i.test(folder.text(file).slice(0, headChars));

export const sql: Format = {
  name: 'sql',
  looksFor: 'a .sql file that creates tables',
  recognises: (folder) => folder.matching(/\.sql$/).some((file) => isDump(folder, file)),
  read: () => ({ type: 'skipped', reason: 'not supported yet: no driver runs SQL' }),
};
