// Lays out what one app's image carries: the built code of the app and of the workspaces it depends on, exactly the locked
// packages that these need at run time, their data files (migrations), and a fixed entry, since an image without a shell
// cannot compute a path. Run by deploy/Dockerfile after install and build:  node tools/image-tree.mjs APP FOLDER
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { root } from './command.mjs';

const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));

/** Where `name` comes from for the package at `place`: the nearest node_modules on the way up, as Node looks it up. */
function locate(name, place) {
  for (let folder = place; ; folder = dirname(folder)) {
    const path = join(folder, 'node_modules', name);
    if (path in packages) return path;
    if (folder === '.') return undefined;
  }
}

function neededBy({ dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta = {} }) {
  const peers = Object.keys(peerDependencies ?? {}).filter((name) => !peerDependenciesMeta[name]?.optional);
  return [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers];
}

/** Every locked path that `place` needs at run time; devDependencies are not followed, so tests and builds stay behind. */
function closureOf(place, found = new Set()) {
  if (found.has(place)) return found;
  found.add(place);
  const entry = packages[place];
  if (entry.link) return closureOf(entry.resolved, found);
  for (const name of neededBy(entry)) {
    const path = locate(name, place);
    const isOptional = name in (entry.optionalDependencies ?? {}) || packages[path]?.optional;
    if (path && existsSync(join(root, path))) closureOf(path, found);
    else if (!isOptional) throw new Error(`${place} needs ${name}, which is not installed`);
  }
  return found;
}

// Sources, tests and typings are of no use at run time; source maps are, for stack traces.
const leftOut = /\.spec\.js(\.map)?$|\.d\.[cm]?ts(\.map)?$|\.tsbuildinfo$|(^|\/)tsconfig\.json$/;
const isCarried = (path) => !leftOut.test(path) && !['node_modules', '.toolfleet'].includes(basename(path));
const isOurs = (place) => !place.includes('node_modules');

function place(path, target) {
  const to = join(target, path);
  mkdirSync(dirname(to), { recursive: true });
  const { link, resolved } = packages[path];
  if (link) symlinkSync(relative(dirname(path), resolved), to);
  else {
    const start = join(root, path);
    const filter = (each) => each === start || (isCarried(each) && !(isOurs(path) && each === join(start, 'src')));
    cpSync(start, to, { recursive: true, filter });
  }
}

const [app, target] = process.argv.slice(2);
if (!app || !target || !existsSync(join(root, 'apps', app, 'dist', 'main.js'))) {
  throw new Error(`'${app ?? ''}' is not a built app: give the name of a folder in apps/ whose dist/main.js is there`);
}
if (existsSync(target)) throw new Error(`${target} is there already`);
const closure = [...closureOf(join('apps', app))].toSorted();
for (const path of closure) place(path, target);
writeFileSync(
  join(target, 'package.json'),
  `${JSON.stringify({ name: 'toolfleet', private: true, type: 'module' })}\n`,
);
writeFileSync(join(target, 'main.js'), `import './apps/${app}/dist/main.js';\n`);
console.log(
  `${closure.filter((path) => isOurs(path)).join(', ')} and ${closure.filter((path) => !isOurs(path)).length} packages`,
);
