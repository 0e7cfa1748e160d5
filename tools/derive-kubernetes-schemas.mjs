// Derives tools/kubernetes-schemas.json from the typings of the npm package kubernetes-models, for the kinds that k8s/ uses.
// Run by hand when a kind is added or Kubernetes moves on; the result is committed, so verifying needs no 18 MB package:
//   node tools/derive-kubernetes-schemas.mjs FOLDER/kubernetes-models FOLDER/@kubernetes-models/apimachinery
// Every object refuses unknown fields, and `status` is left out: a manifest states wishes, the cluster states facts.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './command.mjs';

const kinds = [
  ['v1', 'Namespace'],
  ['v1', 'Service'],
  ['v1', 'ServiceAccount'],
  ['v1', 'ConfigMap'],
  ['v1', 'Secret'],
  ['apps/v1', 'Deployment'],
  ['batch/v1', 'Job'],
  ['policy/v1', 'PodDisruptionBudget'],
  ['networking.k8s.io/v1', 'NetworkPolicy'],
  ['autoscaling/v2', 'HorizontalPodAutoscaler'],
];

const folders = process.argv.slice(2);
if (folders.length !== 2) throw new Error('give the folders of kubernetes-models and @kubernetes-models/apimachinery');

/** Long name (IIoK8sApiCoreV1Probe) -> the text of the interface or alias that it exports. */
function readTypings() {
  const typings = new Map();
  for (const folder of folders) {
    for (const name of readdirSync(folder, { recursive: true })) {
      if (!name.endsWith('.d.ts') || name.includes('_schemas')) continue;
      const text = readFileSync(join(folder, name), 'utf8');
      const alias = /export type \{ (\w+) as (IIo\w+)/.exec(text);
      if (alias) typings.set(alias[2], declarationOf(alias[1], text));
    }
  }
  return typings;
}

function declarationOf(name, text) {
  const body = new RegExp(`export interface ${name}\\b[^{]*\\{\\n([\\s\\S]*?)\\n\\}`).exec(text);
  if (body) return { body: body[1].replaceAll(/\/\*\*[\s\S]*?\*\//g, '') };
  const type = new RegExp(`export type ${name} = ([^;]+);`).exec(text);
  return { type: type?.[1] ?? 'unknown' };
}

const typings = readTypings();
const definitions = {};

function schemaOfType(type) {
  const text = type.trim();
  const list = /^Array<([\s\S]+)>$/.exec(text);
  if (list) return { type: 'array', items: schemaOfType(list[1]) };
  const map = /^\{\s*\[key: string\]: ([\s\S]+?);\s*\}$/.exec(text);
  if (map) return { type: 'object', additionalProperties: schemaOfType(map[1]) };
  if (text.startsWith('{')) return schemaOfBody(text.slice(1, -1));
  if (/^"[^"]*"( \| "[^"]*")*$/.test(text)) return { enum: [...text.matchAll(/"([^"]*)"/g)].map((match) => match[1]) };
  if (text.includes(' | ')) return { anyOf: text.split(' | ').map((part) => schemaOfType(part)) };
  if (text.startsWith('IIo')) return referenceTo(text);
  if (['string', 'number', 'boolean'].includes(text)) return { type: text };
  if (['unknown', 'any', '{}', 'null'].includes(text)) return text === 'null' ? { type: 'null' } : {};
  throw new Error(`cannot read the type '${text}'`);
}

function schemaOfBody(body) {
  const properties = {};
  const required = [];
  for (const [, name, optional, type] of body.matchAll(/"([^"]+)"(\??):\s*((?:[^;{]|\{[\s\S]*?\n\s*\})+);/g)) {
    properties[name] = schemaOfType(type);
    if (!optional) required.push(name);
  }
  return { type: 'object', properties, required, additionalProperties: false };
}

function referenceTo(longName) {
  const key = longName.replace(/^IIoK8s(ApimachineryPkg(Apis|Api|Util)?|Api)/, '');
  if (!(key in definitions)) {
    const declaration = typings.get(longName);
    if (!declaration) throw new Error(`no typing for ${longName}`);
    definitions[key] = {};
    definitions[key] = declaration.body === undefined ? schemaOfType(declaration.type) : schemaOfBody(declaration.body);
  }
  return { $ref: `#/$defs/${key}` };
}

function longNameOf(apiVersion, kind) {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['core', apiVersion];
  const capital = (word) => word[0].toUpperCase() + word.slice(1);
  return `IIoK8sApi${capital(group.split('.')[0])}${capital(version)}${kind}`;
}

const roots = {};
for (const [apiVersion, kind] of kinds) {
  const { body } = typings.get(longNameOf(apiVersion, kind));
  const { properties, required } = schemaOfBody(body.replace(/"status"\?:[^;]+;/, ''));
  roots[`${apiVersion}/${kind}`] = { type: 'object', properties, required, additionalProperties: false };
}
const { version } = JSON.parse(readFileSync(join(folders[0], 'package.json'), 'utf8'));
const sorted = Object.fromEntries(Object.entries(definitions).toSorted(([a], [b]) => (a < b ? -1 : 1)));
const result = {
  $comment: `derived from kubernetes-models ${version}; see derive-kubernetes-schemas.mjs`,
  kinds: roots,
  $defs: sorted,
};
writeFileSync(join(root, 'tools', 'kubernetes-schemas.json'), `${JSON.stringify(result)}\n`);
console.log(`${kinds.length} kinds, ${Object.keys(sorted).length} definitions`);
