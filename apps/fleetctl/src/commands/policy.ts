/** `fleetctl policy …`: why a call is decided as it is, and what other rules would have decided. */
import type { Command } from 'commander';
import type { SessionEvent } from '@toolfleet/kernel';
import { invalid, redecide } from '@toolfleet/kernel';
import { durationMsOf } from '../duration.js';
import { GatewayApi, defaultUrl } from '../gateway-api.js';
import { changedContext } from '../policy/changed-catalogue.js';
import type { ExplanationJson, ReplayTotals } from '../policy/policy-text.js';
import { changeOf, explanationText, redecisionText, totalsText } from '../policy/policy-text.js';
import { sessionsInFile, sessionsOfFleet } from '../policy/recorded-sessions.js';

interface Common {
  readonly url: string;
  readonly tenant?: string;
  readonly json?: boolean;
}

interface ExplainFlags extends Common {
  readonly tool?: string;
  readonly args: string;
  readonly user: string;
  readonly role: readonly string[];
  readonly label: readonly string[];
}

interface ReplayFlags extends Common {
  readonly policy?: string;
  readonly catalog?: string;
  readonly events?: string;
  readonly session: readonly string[];
  readonly since: string;
  readonly limit: string;
  readonly failOnChange?: boolean;
}

/** A shell's own for "something was found": the codes of failures begin above. */
const changedExitCode = 1;

const collect = (value: string, all: readonly string[]): string[] => [...all, value];
const print = (text: string): void => void process.stdout.write(`${text}\n`);

export function registerPolicy(program: Command): void {
  const policy = program.command('policy').description('what the rules say to calls, and what others would say');
  const add = (words: string, description: string) =>
    policy
      .command(words)
      .description(description)
      .option('--tenant <name>', 'whose sessions (default: TOOLFLEET_TENANT)', process.env['TOOLFLEET_TENANT'])
      .option('--url <url>', 'the gateway', process.env['TOOLFLEET_URL'] ?? defaultUrl)
      .option('--json', 'JSON, one object per line');
  add('explain [session] [call]', 'print which rule decides a call, what it read, and what would change that')
    .option('--tool <name>', 'a call that nobody proposed; with a session, after what that session did')
    .option('--args <json>', 'its arguments', '{}')
    .option('--user <name>', 'on whose behalf, without a session', process.env['USER'] ?? 'operator')
    .option('--role <name>', 'a role of the user; repeatable', collect, [])
    .option('--label <name=value>', 'a label of the session; repeatable', collect, [])
    .action(explain);
  add('replay', 'judge recorded calls again under other rules or another catalogue; nothing is run')
    .option('--policy <path>', 'a file or directory whose policies take the place of all others')
    .option('--catalog <dir>', 'a catalogue in place of the live one')
    .option('--events <file>', 'sessions as `fleetctl session watch --json` writes them, in place of the fleet’s')
    .option('--session <id>', 'this session; repeatable', collect, [])
    .option('--since <duration>', 'sessions that began within, as 90s, 30m or 4h', '24h')
    .option('--limit <number>', 'of at most so many sessions, the newest', '1000')
    .option('--fail-on-change', `exit with ${changedExitCode} when a call would be decided otherwise`)
    .action(replay);
}

async function explain(session: string | undefined, call: string | undefined, flags: ExplainFlags): Promise<void> {
  const { url, tool = '', args, user, role: roles, label, json } = flags;
  const tenant = tenantOf(flags);
  if (call === undefined && tool === '') {
    throw invalid('CALL_MISSING', 'No call is named.', {
      hint: 'Name a session and its call, as s:turn:index, or a call that nobody made by --tool and --args.',
    });
  }
  const labels = Object.fromEntries(label.map((pair) => [pair.split('=')[0]!, pair.slice(pair.indexOf('=') + 1)]));
  const hypothetical = { user, roles, labels, tool, arguments: Buffer.from(args).toString('base64') };
  const named = { ...(session !== undefined && { sessionId: session }), ...(call !== undefined && { callId: call }) };
  const body = { ...(call === undefined ? hypothetical : {}), ...named };
  const answer = (await new GatewayApi(url).post('v1/policy/explain', { tenant }, body)) as ExplanationJson;
  print(json ? JSON.stringify(answer) : explanationText(answer));
}

async function replay(flags: ReplayFlags): Promise<void> {
  const { policy, catalog, json, failOnChange } = flags;
  if (policy === undefined && catalog === undefined) {
    throw invalid('CHANGE_MISSING', 'Nothing is named to judge by.', { hint: 'Give --policy, --catalog or both.' });
  }
  const context = await changedContext({ policy, catalog, json });
  const byChange: Record<string, number> = {};
  let [sessions, calls, changed] = [0, 0, 0];
  for await (const events of sessionsOf(flags)) {
    sessions += 1;
    for (const decided of redecide(events, context)) {
      calls += 1;
      if (!decided.changed) continue;
      changed += 1;
      byChange[changeOf(decided)] = (byChange[changeOf(decided)] ?? 0) + 1;
      print(json ? JSON.stringify(decided) : redecisionText(decided));
    }
  }
  const totals: ReplayTotals = { sessions, calls, changed, byChange };
  print(json ? JSON.stringify({ totals }) : totalsText(totals));
  if (failOnChange && changed > 0) process.exitCode = changedExitCode;
}

function sessionsOf(flags: ReplayFlags): AsyncGenerator<SessionEvent[]> {
  if (flags.events !== undefined) return sessionsInFile(flags.events);
  const withinMs = durationMsOf(flags.since);
  if (withinMs === undefined)
    throw invalid('SINCE_INVALID', `${flags.since} is not a duration such as 90s, 30m or 4h.`);
  if (!/^[1-9]\d{0,5}$/.test(flags.limit))
    throw invalid('LIMIT_INVALID', `${flags.limit} is not a number of sessions.`);
  return sessionsOfFleet(new GatewayApi(flags.url), {
    tenant: tenantOf(flags),
    sessions: flags.session,
    sinceMs: Date.now() - withinMs,
    limit: Number(flags.limit),
  });
}

function tenantOf({ tenant }: Common): string {
  if (tenant) return tenant;
  throw invalid('TENANT_MISSING', 'No tenant is named.', { hint: 'Name it with --tenant or TOOLFLEET_TENANT.' });
}
