/** `fleetctl effects …`: the writes whose end nobody knows, and the word of who found it out. */
import type { Command } from 'commander';
import { Option } from 'commander';
import { GatewayApi, defaultUrl } from '../gateway-api.js';
import { plain } from '../terminal-text.js';

interface Common {
  readonly url: string;
  readonly tenant: string;
  readonly json?: boolean;
}

interface EffectJson {
  readonly callId: string;
  readonly tool: string;
  readonly arguments?: string;
  readonly idempotencyKey?: string;
  readonly requestedBy?: string;
  readonly openedAtMs?: string;
  readonly tries?: number;
  readonly nextTryAtMs?: string;
}

const argumentsCharsMax = 200;
const print = (text: string): void => void process.stdout.write(`${text}\n`);

export function registerEffects(program: Command): void {
  const effects = program.command('effects').description('writes whose end nobody knows');
  const add = (words: string, description: string) =>
    effects
      .command(words)
      .description(description)
      .option(
        '--tenant <name>',
        'whose writes (default: TOOLFLEET_TENANT, or the tenant of the token)',
        process.env['TOOLFLEET_TENANT'] ?? '',
      )
      .option('--url <url>', 'the gateway', process.env['TOOLFLEET_URL'] ?? defaultUrl)
      .option('--json', 'JSON, one object per line');
  add('list', 'print the writes of unknown end, oldest first')
    .addOption(new Option('--state <state>', 'of this state').choices(['unknown']).default('unknown'))
    .action(list);
  add('settle <callId>', 'give one its end, once: outcome and audit are corrected')
    .addOption(new Option('--as <end>', 'what became of it').choices(['done', 'failed']).makeOptionMandatory())
    .requiredOption('--reason <text>', 'how that was found out; kept in the audit')
    .option('--actor <name>', 'who says so; the user of the token, whom it must name', '')
    .action(settle);
}

async function list({ url, tenant, json }: Common): Promise<void> {
  const { effects = [] } = (await new GatewayApi(url).get('v1/effects', { tenant })) as { effects?: EffectJson[] };
  if (json) return effects.forEach((effect) => print(JSON.stringify(effect)));
  print(effects.length === 0 ? 'No write is of unknown end.' : effects.map(describe).join('\n'));
}

async function settle(
  callId: string,
  { url, tenant, json, as, reason, actor }: Common & { as: string; reason: string; actor: string },
): Promise<void> {
  const body = { end: `EFFECT_END_${as.toUpperCase()}`, reason, actor };
  const path = `v1/effects/${encodeURIComponent(callId)}/settlement`;
  const answer = await new GatewayApi(url).post(path, { tenant }, body);
  print(json ? JSON.stringify(answer) : `${callId} is settled as ${as}; its session is told.`);
}

function describe(effect: EffectJson): string {
  const { callId, tool, requestedBy = '', idempotencyKey = '', openedAtMs = '0', tries = 0, nextTryAtMs } = effect;
  const args = Buffer.from(effect.arguments ?? '', 'base64')
    .toString('utf8')
    .slice(0, argumentsCharsMax);
  const next = nextTryAtMs === undefined ? 'only a person can settle it' : `next at ${timeOf(nextTryAtMs)}`;
  return [
    plain(`${callId} ${tool}(${args})`),
    plain(`  for ${requestedBy} since ${timeOf(openedAtMs)}, key ${idempotencyKey}, asked ${tries} times, ${next}`),
  ].join('\n');
}

const timeOf = (ms: string): string => new Date(Number(ms)).toISOString();
