/** What must hold of the manifests that tools depend on: templates that can be filled in, and programs that may run. */
import type { ManifestKind } from '@toolfleet/kernel';
import { reservedHeaders } from '@toolfleet/kernel';
import type { PlacedManifest, Problem } from './read-manifests.js';

type Placed<K extends ManifestKind> = PlacedManifest<K>;

export const operatorsOnly = 'belongs in a directory of TOOLFLEET_CATALOG_OPERATOR_DIR';

export const placeholders = (template: string) => [...template.matchAll(/\{([^{}]*)\}/g)].map((found) => found[1]!);

const credentialFields = ['session', 'tenant', 'user'];
/** What an executor fills in from its environment; its own settings have other names. */
const credentialVariable = /^env:TOOLFLEET_CREDENTIAL_[A-Z0-9_]{1,100}$/;

export function checkUpstreams(upstreams: readonly Placed<'Upstream'>[]): Problem[] {
  return upstreams.flatMap((placed) =>
    checkHeaders(placed, ['spec', 'credential', 'headers'], placed.manifest.spec.credential.headers),
  );
}

/** A team that could start programs in an executor could read what belongs to all the others. */
export function checkMcpServers(
  servers: readonly Placed<'McpServer'>[],
  { ofOperators }: { readonly ofOperators: (file: string) => boolean },
): Problem[] {
  return servers.flatMap((placed) => {
    const { http, stdio } = placed.manifest.spec;
    if (http) return checkHeaders(placed, ['spec', 'http', 'credential', 'headers'], http.credential.headers);
    const own = placed.problem(['spec', 'stdio'], operatorsOnly);
    return [...(ofOperators(own.file) ? [] : [own]), ...(stdio ? checkProcess(placed, stdio) : [])];
  });
}

/** Variables with which a process can be made to run something else before it runs itself. */
const loaderVariable = /^(LD_|DYLD_|NODE_OPTIONS$|NODE_PATH$|PYTHONPATH$|PYTHONSTARTUP$|BASH_ENV$|ENV$)/;
/** Of a deployment's own variables. */
const resolvedLater = /\$\{[^{}]*\}/g;
/** Users choose their names themselves: these have no place where a program reads its arguments. */
const processFields = ['tenant'];

function checkProcess(
  placed: Placed<'McpServer'>,
  { args, env }: NonNullable<Placed<'McpServer'>['manifest']['spec']['stdio']>,
): Problem[] {
  return [
    // Whatever runs on the machine can read arguments.
    ...args.flatMap((text, index) => {
      const path = ['spec', 'stdio', 'args', index];
      return checkTemplate(placed, path, text.replace(resolvedLater, ''), processFields, false);
    }),
    ...Object.entries(env).flatMap(([name, text]) => {
      const path = ['spec', 'stdio', 'env', name];
      if (loaderVariable.test(name)) return [placed.problem(path, 'would let the process load other code')];
      return checkTemplate(placed, path, text, processFields, true);
    }),
  ];
}

function checkHeaders(
  placed: Pick<PlacedManifest, 'problem'>,
  at: readonly PropertyKey[],
  headers: Readonly<Record<string, string>>,
): Problem[] {
  return Object.entries(headers).flatMap(([header, template]) => {
    const path = [...at, header];
    if (reservedHeaders.includes(header.toLowerCase())) return [placed.problem(path, 'is set by the fleet itself')];
    return checkTemplate(placed, path, template, credentialFields, true);
  });
}

function checkTemplate(
  placed: Pick<PlacedManifest, 'problem'>,
  path: readonly PropertyKey[],
  template: string,
  fields: readonly string[],
  variables: boolean,
): Problem[] {
  const known = [...fields.map((field) => `{${field}}`), ...(variables ? ['{env:TOOLFLEET_CREDENTIAL_...}'] : [])];
  return placeholders(template)
    .filter((field) => !fields.includes(field) && !(variables && credentialVariable.test(field)))
    .map((field) => placed.problem(path, `there is no {${field}}; there are ${known.join(', ')}`));
}

/** Breakers and quotas go by the name alone, whatever the kind. */
export function sharedNames(placed: readonly Placed<'Upstream' | 'McpServer'>[]): Problem[] {
  const kindOf = new Map<string, ManifestKind>();
  return placed.flatMap(({ manifest: { kind, spec }, problem }) => {
    const first = kindOf.get(spec.name) ?? kind;
    kindOf.set(spec.name, first);
    return first === kind ? [] : [problem(['metadata', 'name'], `is the name of an ${first} already`)];
  });
}
