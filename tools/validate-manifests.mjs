// Renders every Kustomize folder and checks the result offline: strict schemas (an unknown field is an error, as the API
// server would silently drop it), then our own rules for pods, and that every reference finds what it names.
// `--without-render` checks the files of k8s/base one by one, for machines without kubectl: less, and it says so.
import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { parseAllDocuments } from 'yaml';
import { checkReferences } from './manifest-references.mjs';
import { checkPods } from './manifest-pods.mjs';
import { root, run } from './command.mjs';

const { kinds, $defs } = JSON.parse(readFileSync(join(root, 'tools', 'kubernetes-schemas.json'), 'utf8'));
const ajv = new Ajv({ allErrors: true, strict: false });
const validators = new Map();

function validatorOf(kind) {
  if (!(kind in kinds)) return undefined;
  if (!validators.has(kind)) validators.set(kind, ajv.compile({ ...kinds[kind], $defs }));
  return validators.get(kind);
}

function documentsOf(text) {
  const documents = parseAllDocuments(text, { uniqueKeys: true });
  return documents.flatMap((document) => {
    if (document.errors.length > 0) throw new Error(document.errors[0].message);
    return document.contents === null ? [] : [document.toJS()];
  });
}

function describe({ instancePath, message, params }) {
  const detail = params.additionalProperty ?? params.allowedValues?.join(', ');
  return `${instancePath || '/'} ${message}${detail === undefined ? '' : `: ${detail}`}`;
}

function checkSchema(resource) {
  const validate = validatorOf(`${resource.apiVersion}/${resource.kind}`);
  if (!validate) return [`no schema: add the kind to tools/derive-kubernetes-schemas.mjs`];
  return validate(resource) ? [] : validate.errors.map((error) => describe(error));
}

const nameOf = (resource) => `${resource.kind} ${resource.metadata?.name}`;

/** Every problem of one rendered set, each with the resource it is in. */
function problemsOf(resources, { secretsInside }) {
  const problems = [];
  const seen = new Set();
  for (const resource of resources) {
    const report = (what) => problems.push(`${nameOf(resource)}: ${what}`);
    for (const what of checkSchema(resource)) report(what);
    if (seen.has(nameOf(resource))) report('is there twice');
    seen.add(nameOf(resource));
    if (resource.kind === 'Secret' && !secretsInside) report('secrets are referred to, never carried');
    checkPods(resource, report);
  }
  checkReferences(resources, (resource, what) => problems.push(`${nameOf(resource)}: ${what}`), { secretsInside });
  return problems;
}

async function renderAndCheck() {
  const overlays = (await readdir(join(root, 'k8s', 'overlays'))).toSorted().map((name) => `overlays/${name}`);
  let count = 0;
  const problems = [];
  for (const folder of ['base', ...overlays]) {
    const { code, output } = await run('kubectl', ['kustomize', `k8s/${folder}`], { timeoutMs: 60_000 });
    if (code !== 0) {
      problems.push(`k8s/${folder} does not render: ${output}`);
      continue;
    }
    const resources = documentsOf(output);
    count += resources.length;
    const found = problemsOf(resources, { secretsInside: folder === 'overlays/local' });
    problems.push(...found.map((problem) => `k8s/${folder}: ${problem}`));
  }
  return { count, problems };
}

async function checkFiles() {
  const problems = [];
  let count = 0;
  for (const name of (await readdir(join(root, 'k8s', 'base'))).toSorted()) {
    if (!name.endsWith('.yaml') || name === 'kustomization.yaml') continue;
    const resources = documentsOf(readFileSync(join(root, 'k8s', 'base', name), 'utf8'));
    count += resources.length;
    // A patch is half a resource: only its fields can be judged, not what it leaves out.
    const isPatch = name === 'pod-defaults.yaml';
    for (const resource of resources) {
      const found = checkSchema(resource).filter((what) => !(isPatch && what.includes('required property')));
      problems.push(...found.map((what) => `k8s/base/${name}: ${nameOf(resource)}: ${what}`));
    }
  }
  return { count, problems };
}

if (!existsSync(join(root, 'k8s', 'base'))) throw new Error('there is no k8s/base');
const { count, problems } = process.argv.includes('--without-render') ? await checkFiles() : await renderAndCheck();
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(`${count} resources are valid`);
