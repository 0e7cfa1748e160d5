/**
 * Catalogues of the scenarios: the benchmark's own tools and rules, once for each shop with an upstream of its own, and as
 * many tenants and other tools as a scenario needs. What is not said here is the default of the manifests.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface ScenarioTenant {
  readonly name: string;
  readonly agents: readonly string[];
  readonly concurrentSessionsMax?: number;
  readonly waitingSessionsMax?: number;
  readonly budgets?: readonly object[];
}

export interface ScenarioAgent {
  readonly name: string;
  /** Globs. */
  readonly tools: readonly string[];
  readonly toolsOfferedMax?: number;
  /** Name of its model route, and of the stub that stands behind it. */
  readonly model: string;
}

export interface ScenarioCatalog {
  readonly shops: readonly string[];
  readonly agents: readonly ScenarioAgent[];
  readonly tenants: readonly ScenarioTenant[];
  /** In place of the benchmark's one rule. */
  readonly rules?: readonly object[];
}

/** Rules of the benchmark's catalogue are for tenants of this prefix. */
export const tenantPrefix = 'bench-';

const ownCatalog = fileURLToPath(new URL('../../catalog', import.meta.url));
const apiVersion = 'toolfleet.dev/v1';
const modelTimeoutMs = 60_000;
/** A file of a thousand tools is some 500 KB; the router reads files of 4 MB. */
const manifestsPerFileMax = 1_000;

/** An agent that has a shop's tools and nothing else. */
export function agentOf(shop: string, model: string): ScenarioAgent {
  return { name: `agent-${shop}`, tools: [`*_${shop}`], model };
}

export async function writeCatalog(directory: string, catalog: ScenarioCatalog): Promise<void> {
  await mkdir(directory, { recursive: true });
  const own = (name: string): Promise<string> => readFile(join(ownCatalog, name), 'utf8');
  const [tools, upstreams, policies] = await Promise.all(['tools.yaml', 'upstreams.yaml', 'policies.yaml'].map(own));
  const shops = catalog.shops.map((shop) => `${inShop(upstreams ?? '', shop)}\n---\n${inShop(tools ?? '', shop)}`);
  const models = [...new Set(catalog.agents.map(({ model }) => model))];
  await Promise.all([
    writeFile(join(directory, 'shops.yaml'), shops.join('\n---\n')),
    catalog.rules === undefined
      ? writeFile(join(directory, 'policies.yaml'), policies ?? '')
      : writeManifests(directory, 'policies', [manifest('Policy', 'bench', { rules: catalog.rules })]),
    writeManifests(directory, 'models', models.map(modelManifest)),
    writeManifests(directory, 'agents', catalog.agents.map(agentManifest)),
    writeTenants(directory, 'tenants', catalog.tenants),
  ]);
}

/** Into a catalogue that is in use: each file appears whole. */
export function writeTenants(directory: string, name: string, tenants: readonly ScenarioTenant[]): Promise<void> {
  return writeManifests(
    directory,
    name,
    tenants.map(({ name: tenant, ...spec }) => manifest('Tenant', tenant, spec)),
  );
}

/** Tools that no session asks for, about as different from each other as those of many teams. */
export function writeOtherTools(directory: string, name: string, shop: string, count: number): Promise<void> {
  return writeManifests(
    directory,
    name,
    Array.from({ length: count }, (_, index) => otherTool(shop, index)),
  );
}

async function writeManifests(directory: string, name: string, manifests: readonly object[]): Promise<void> {
  for (let from = 0; from < manifests.length; from += manifestsPerFileMax) {
    const file = join(directory, `${name}-${from / manifestsPerFileMax}.yaml`);
    const part = manifests.slice(from, from + manifestsPerFileMax);
    // JSON is YAML. The folder may be watched, and half a file would be refused; names with a dot in front are not read.
    const written = join(directory, `.${name}.writing`);
    // oxlint-disable-next-line no-await-in-loop -- few files, one after another
    await writeFile(written, `${part.map((each) => JSON.stringify(each)).join('\n---\n')}\n`);
    // oxlint-disable-next-line no-await-in-loop
    await rename(written, file);
  }
}

/** The benchmark's shop under another name, with tools of its own. */
function inShop(text: string, shop: string): string {
  return text
    .replaceAll('bench-shop', shop)
    .replaceAll(/name: (get_customer|get_order|update_order),/g, `name: $1_${shop},`)
    .replace('${TOOLFLEET_TOOLS_URL}', `\${TOOLFLEET_TOOLS_URL}/at/${shop}`);
}

function modelManifest(name: string): object {
  return manifest('ModelRoute', name, {
    ...{ provider: 'openai', model: 'bench', stream: false, apiKeyEnv: 'TOOLFLEET_MODEL_API_KEY' },
    ...{ baseUrl: `\${TOOLFLEET_MODEL_BASE_URL}/at/${name}`, timeoutMs: modelTimeoutMs, concurrencyMax: 2_048 },
  });
}

function agentManifest({ name, ...spec }: ScenarioAgent): object {
  // Room above the long plan's 20 turns.
  const limits = { stepsMax: 24, wallTimeMs: 300_000, tokensMax: 2_000_000 };
  const instructions = 'You help customers of a shop with their orders. Look at the order before you change anything.';
  return manifest('Agent', name, { ...spec, limits, instructions });
}

const subjects = ['invoice', 'shipment', 'contract', 'ticket', 'campaign', 'employee', 'vehicle', 'sensor'];
const verbs = ['Find', 'List', 'Summarise', 'Export', 'Compare', 'Validate', 'Archive', 'Estimate'];

function otherTool(shop: string, index: number): object {
  const subject = subjects[index % subjects.length] ?? '';
  const verb = verbs[Math.floor(index / subjects.length) % verbs.length] ?? '';
  const name = `${verb.toLowerCase()}_${subject}_${index}`;
  return manifest('Tool', name, {
    description: `${verb} the ${subject} records of department ${index}, newest first.`,
    parameters: {
      type: 'object',
      additionalProperties: false,
      required: ['id'],
      properties: { id: { type: 'string', description: `The ${subject} to look at.` } },
    },
    ...{ class: 'read', effect: 'read', http: { upstream: shop, method: 'GET', path: `/${subject}/{id}` } },
  });
}

function manifest(kind: string, name: string, spec: object): object {
  const metadata = kind === 'Tool' ? { name, owner: 'bench' } : { name };
  return { apiVersion, kind, metadata, spec };
}
