/** `fleetctl blast-radius`: who would notice a change, from recorded traffic, before it is made. It changes nothing. */
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import type { CatalogEntry, SetOutcome } from '@toolfleet/contracts';
import { auditService, decodeSummarisedUsage, encodeSummariseUsage } from '@toolfleet/contracts';
import type { ManifestKind, ManifestTouch, RecordedTraffic } from '@toolfleet/kernel';
import { Catalogue, blastRadiusOf, entryNameOf, invalid, missing, nearNames, scopesOf } from '@toolfleet/kernel';
import { isManifestPath, readManifests } from '@toolfleet/platform/catalog';
import { blastRadiusText } from '../blast-radius-text.js';
import { refuse } from '../catalog-problems.js';
import { serviceClient } from '../grpc-here.js';
import { readLiveCatalogue } from '../live-catalogue.js';
import { policyService } from '../policy-service.js';
import { RouterApi } from '../router-api.js';
import type { SetSource } from '../set-source.js';
import { readSetSource } from '../set-source.js';

interface Flags {
  readonly set?: string;
  readonly change: readonly string[];
  readonly tenant: string;
  readonly days: number;
  readonly router?: string;
  readonly policy?: string;
  readonly json?: boolean;
}

const daysMax = 400;
/** A summary of 400 days over all tenants has the time of two statements. */
const answerWithinMs = 15_000;
const print = (text: string): void => void process.stdout.write(`${text}\n`);

export function registerBlastRadius(program: Command): void {
  program
    .command('blast-radius')
    .description('print who a change would touch: tenants, agents, sessions, calls, writes, upstreams')
    .argument('[dir-or-file...]', 'all of a set, as an apply of it would take it')
    .option('--set <name>', 'the set that these are to replace')
    .option(
      '--change <kind/name...>',
      'instead of files: what is to change, such as Tool/refund or ModelRoute/main',
      [],
    )
    .option('--tenant <name>', 'traffic of this tenant only (default: that of the token, or all for operators)', '')
    .option('--days <number>', 'recorded traffic of so many days', daysOf, 30)
    .option('--router <host:port>', 'gRPC of a router (default: TOOLFLEET_ROUTER_ADDRESS, or the local fleet)')
    .option('--policy <host:port>', 'gRPC of a policy service (default: TOOLFLEET_POLICY_ADDRESS, or the local fleet)')
    .option('--json', 'one JSON object')
    .action(blastRadius);
}

async function blastRadius(names: readonly string[], flags: Flags): Promise<void> {
  if (names.length === 0 && flags.change.length === 0) {
    throw invalid('CHANGE_MISSING', 'Nothing is named that is to change.', {
      hint: 'Name the files of a set with --set NAME, or what changes with --change KIND/NAME.',
    });
  }
  const live = await readLiveCatalogue();
  const catalogue = new Catalogue();
  for (const { manifest } of live) catalogue.put(manifest);
  const ofFiles = names.length > 0 ? await touchesOfFiles(names, flags, live) : [];
  const touches = [...ofFiles, ...flags.change.map((text) => touchOf(text, live))];
  const traffic = await recorded(flags);
  const known = {
    tools: new Set(
      [...catalogue.all('Tool'), ...traffic.tools.map(({ tool: name }) => ({ name }))].map(({ name }) => name),
    ),
    tenants: new Set(
      [...catalogue.all('Tenant'), ...traffic.sessions.map(({ tenant: name }) => ({ name }))].map(({ name }) => name),
    ),
  };
  const radius = blastRadiusOf(scopesOf(touches, catalogue, known), traffic, catalogue);
  print(flags.json ? JSON.stringify(radius) : blastRadiusText(radius));
}

/** The router says what differs, as for `catalog diff`; the files say how it is to be. */
async function touchesOfFiles(
  names: readonly string[],
  { set, router, json }: Flags,
  live: readonly CatalogEntry[],
): Promise<ManifestTouch[]> {
  if (set === undefined) throw invalid('SET_MISSING', 'Name the set that these files are to replace, with --set NAME.');
  const source = await readSetSource(names);
  const change = { set, actor: '', reason: '', dryRun: true };
  const outcome: SetOutcome = await (await RouterApi.here(router)).apply(change, source.files);
  refuse(outcome.problems.map(source.placeOf), json);
  if (outcome.changesTotal > outcome.changes.length) {
    throw invalid('CHANGE_TOO_LARGE', `More changes than the ${outcome.changes.length} that the router names.`, {
      hint: 'Look at it in parts, or with --change.',
    });
  }
  const after = manifestsOf(source);
  return outcome.changes.map(({ kind, name }) => ({
    ...liveTouch(kind, name, live),
    after: after.get(`${kind}/${name}`),
  }));
}

function manifestsOf({ files }: SetSource): Map<string, ManifestTouch['after']> {
  const texts = files.filter(({ path }) => isManifestPath(path));
  const { manifests } = readManifests(
    texts.map(({ path, content }) => ({ path, text: Buffer.from(content).toString('utf8') })),
  );
  return new Map(manifests.map(({ manifest }) => [`${manifest.kind}/${entryNameOf(manifest)}`, manifest.spec]));
}

function touchOf(text: string, live: readonly CatalogEntry[]): ManifestTouch {
  const [, kind = '', name = ''] = /^([A-Za-z]+)\/(.+)$/.exec(text) ?? [];
  const touch = liveTouch(kind as ManifestKind, name, live);
  if (touch.before) return touch;
  const all = live.map(({ manifest }) => `${manifest.kind}/${entryNameOf(manifest)}`);
  throw missing('MANIFEST_UNKNOWN', `${text} is not live.`, { alternatives: nearNames(text, all) });
}

function liveTouch(kind: ManifestKind, name: string, live: readonly CatalogEntry[]): ManifestTouch {
  const entry = live.find(({ manifest }) => manifest.kind === kind && entryNameOf(manifest) === name);
  return { kind, name, before: entry?.manifest.spec };
}

async function recorded({ policy, tenant, days }: Flags): Promise<RecordedTraffic> {
  const { address, authorization } = await policyService(policy);
  const client = serviceClient({ address, deadlineMs: answerWithinMs }, authorization);
  try {
    const answer = await client.unary(`${auditService}/SummariseUsage`, encodeSummariseUsage({ tenant, days }));
    return decodeSummarisedUsage(answer);
  } finally {
    client.close();
  }
}

function daysOf(text: string): number {
  const days = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (days >= 1 && days <= daysMax) return days;
  throw new InvalidArgumentError(`It is a whole number from 1 to ${daysMax}.`);
}
