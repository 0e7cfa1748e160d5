/**
 * `fleetctl config reference`: every setting of every service, from the schemas that read them. It runs in a checkout that
 * is built: fleetctl itself depends on no service, so their schemas are found by where they lie.
 */
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Option } from 'commander';
import type { Command } from 'commander';
import { missing } from '@toolfleet/kernel';
import { environmentNameOf, fleetSettings } from '@toolfleet/platform/config';
import { identitySettings } from '@toolfleet/platform/identity';
import { z } from 'zod';
import { checkGenerated, markdownTable, writeGenerated } from '../generated-file.js';

const root = new URL('../../../../', import.meta.url);
const path = fileURLToPath(new URL('deploy/config-reference.md', root));
const roles = ['gateway', 'policy', 'router', 'orchestrator', 'executor'] as const;

export function registerConfig(program: Command): void {
  program
    .command('config')
    .description('what the services can be told')
    .command('reference')
    .description('print every setting of every service')
    .addOption(
      new Option('--check', 'fail when deploy/config-reference.md differs from the schemas').conflicts('write'),
    )
    .option('--write', 'write deploy/config-reference.md')
    .action(reference);
}

async function reference({ check, write }: { readonly check?: boolean; readonly write?: boolean }): Promise<void> {
  const page = { path, text: await referencePage(), command: 'config reference --write' };
  if (write) return writeGenerated(page);
  if (check) return checkGenerated(page);
  process.stdout.write(page.text);
}

async function referencePage(): Promise<string> {
  const sections = [
    section('Every service', fleetSettings),
    section('Services with callers: `gateway`, `policy`, `router`', identitySettings),
  ];
  for (const role of roles) {
    // oxlint-disable-next-line no-await-in-loop -- five small files, in one order
    const schema = await schemaOf(role);
    if (schema) sections.push(section(`\`${role}\``, schema));
  }
  return [
    '<!-- Written by `fleetctl config reference --write` from the schemas of the services. Do not edit. -->',
    '',
    '# Settings',
    '',
    'Environment variables, read once at start; all problems are reported together and end the process with code 78.',
    'Any of them may also come from a file that `<NAME>_FILE` names. A process that runs several services reads all of theirs.',
    '',
    ...sections,
    ...outsideSchemas,
  ].join('\n');
}

/** What is no setting of a schema: the class of an executor's process, and what manifests name by themselves. */
const outsideSchemas = [
  '## Named elsewhere',
  '',
  markdownTable(
    ['variable', 'read by', 'meaning'],
    [
      [
        '`TOOLFLEET_TOKEN`',
        '`fleetctl`',
        'Token that commands send to a gateway or router. Absent: at the fleet of `fleetctl up` one of its own.',
      ],
      ['`TOOL_CLASS`', '`executor`', 'Tool classes of this process, comma-separated. Default `read`.'],
      [
        '`TOOLFLEET_MODEL_BASE_URL`',
        '`router`',
        'Fills `${TOOLFLEET_MODEL_BASE_URL}` in a manifest; any `TOOLFLEET_*` name that is no secret can be used so.',
      ],
      [
        '`TOOLFLEET_MODEL_API_KEY`',
        '`orchestrator`',
        'The key of a ModelRoute whose `apiKeyEnv` names it; a route may name another.',
      ],
      [
        '`TOOLFLEET_CREDENTIAL_*`',
        '`executor`',
        'Credentials that an Upstream or GrpcService names as `{env:TOOLFLEET_CREDENTIAL_…}`, connection strings that a Database names.',
      ],
    ],
  ),
  '',
];

/** Undefined when the service has no settings of its own. */
async function schemaOf(role: string): Promise<z.ZodObject | undefined> {
  const folder = new URL(`apps/${role}/`, root);
  const sources = await readdir(new URL('src/', folder)).catch(() => undefined);
  if (!sources) throw notHere();
  if (!sources.includes(`${role}.config.ts`)) return undefined;
  try {
    const module = (await import(new URL(`dist/${role}.config.js`, folder).href)) as Record<string, unknown>;
    const schema = module[`${role}Settings`];
    if (schema instanceof z.ZodObject) return schema;
  } catch (cause) {
    throw notHere(cause);
  }
  throw missing('SETTINGS_UNKNOWN', `apps/${role} exports no ${role}Settings.`);
}

const notHere = (cause?: unknown) =>
  missing('CHECKOUT_NOT_BUILT', 'The services are not built here.', {
    cause,
    hint: 'Run it in a checkout of Toolfleet after `npm run build`.',
  });

interface FieldJson {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
}

function section(title: string, schema: z.ZodObject): string {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const rows = Object.entries(schema.shape).map(([field, setting]) => {
    const facts = (properties[field] ?? {}) as FieldJson;
    const optional = setting.safeParse(undefined).success;
    const standard =
      facts.default === undefined
        ? optional
          ? ''
          : 'required'
        : facts.default === ''
          ? 'none'
          : `\`${String(facts.default)}\``;
    return [`\`${environmentNameOf(field)}\``, valuesOf(facts), standard, setting.description ?? ''];
  });
  return `## ${title}\n\n${markdownTable(['variable', 'values', 'default', 'meaning'], rows)}\n`;
}

function valuesOf({ type, enum: words, pattern, minimum, maximum }: FieldJson): string {
  if (words) return words.join(', ');
  if (pattern) return `\`${pattern}\``;
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`;
  return type === 'string' ? 'text' : (type ?? 'text');
}
