/** `fleetctl session …`: starts, watches, reads and steers sessions through the gateway's HTTP API. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Option } from 'commander';
import type { Command } from 'commander';
import pc from 'picocolors';
import { isFault, sessionPriorities, unreachable } from '@toolfleet/kernel';
import { GatewayApi, defaultUrl, problemIn } from '../gateway-api.js';
import { describeEvent, describeSession, sessionTable } from '../session-text.js';
import type { SessionEventJson, SessionJson } from '../session-text.js';

interface Common {
  readonly url: string;
  readonly tenant: string;
  readonly json?: boolean;
}

interface StartFlags extends Common {
  readonly user: string;
  readonly agent: string;
  readonly requestId?: string;
  readonly role: readonly string[];
  readonly label: readonly string[];
  readonly priority?: string;
  readonly dryRun?: boolean;
  readonly watch?: boolean;
}

/** A watch that is cut (a gateway restarts) goes on from its last seq this often before it gives up. */
const reconnectsMax = 20;
const reconnectPauseMs = 500;

export function registerSession(program: Command): void {
  const session = program.command('session').description('start, watch and steer sessions');
  const add = (words: string, description: string) =>
    session
      .command(words)
      .description(description)
      .option(
        '--tenant <name>',
        'whose session (default: TOOLFLEET_TENANT, or the tenant of the token)',
        process.env['TOOLFLEET_TENANT'] ?? '',
      )
      .option('--url <url>', 'the gateway', process.env['TOOLFLEET_URL'] ?? defaultUrl)
      .option('--json', 'JSON, one object per line');
  add('start <input>', 'start a session with the first message of a user')
    .requiredOption('--agent <name>', 'which agent of the catalogue answers')
    .option('--user <name>', 'on whose behalf tools are called (default: the user of the token)', '')
    .option('--request-id <id>', 'the same id gives the same session back (default: a new one)')
    .option('--role <name>', 'a role of the user; repeatable', collect, [])
    .option('--label <name=value>', 'copied to the outcome; repeatable', collect, [])
    .addOption(
      new Option('--priority <level>', "its place among the tenant's own waiting sessions").choices(sessionPriorities),
    )
    .option('--dry-run', 'make writes ready and send none; the outcome lists what would have been done')
    .option('--watch', 'follow the session until it finishes')
    .action(start);
  add('watch <id>', 'print what happened and what happens, until the session finishes')
    .option('--after <seq>', 'only events after this one', '0')
    .action((id: string, flags: Common & { after: string }) => watch(id, flags, flags.after));
  add('get <id>', 'print one session with its answer').action(get);
  add('list', "print a tenant's sessions, newest first")
    .option('--status <status>', 'only these, e.g. active')
    .option('--agent <name>', 'only of this agent')
    .option('--limit <number>', 'at most so many, 1 to 500', '50')
    .option('--page <token>', 'the token that the page before ended with')
    .action(list);
  add('cancel <id>', 'stop a session and the calls it has under way')
    .option('--reason <text>', 'told to the session', 'cancelled by an operator')
    .action(cancel);
  add('send <id> <text>', 'send a message of the user; continues a finished session')
    .option('--message-id <id>', 'the same id is taken once (default: a new one)')
    .action(send);
}

const collect = (value: string, all: readonly string[]): string[] => [...all, value];
const pathOf = (id: string, rest = ''): string => `v1/sessions/${encodeURIComponent(id)}${rest}`;
const print = (text: string): void => void process.stdout.write(`${text}\n`);

async function start(input: string, flags: StartFlags): Promise<void> {
  const { tenant, user, agent, role: roles, label, priority, dryRun, requestId = randomUUID() } = flags;
  const labels = Object.fromEntries(label.map((pair) => [pair.split('=')[0]!, pair.slice(pair.indexOf('=') + 1)]));
  const named = priority && { priority: `SESSION_PRIORITY_${priority.toUpperCase()}` };
  const body = { tenant, user, requestId, agent, input, roles, labels, ...named, ...(dryRun && { dryRun }) };
  const answer = (await new GatewayApi(flags.url).post('v1/sessions', {}, body)) as {
    session: SessionJson;
    existing?: boolean;
  };
  const { session, existing = false } = answer;
  print(flags.json ? JSON.stringify({ session, existing }) : describeSession(session, pc.isColorSupported));
  if (flags.watch) return watch(session.sessionId, flags, '0');
  if (!flags.json) print(pc.dim(`follow it: fleetctl session watch --tenant ${session.tenant} ${session.sessionId}`));
}

async function watch(id: string, { url, tenant, json }: Common, after: string): Promise<void> {
  const api = new GatewayApi(url);
  let afterSeq = after;
  for (let cut = 0; ;) {
    try {
      for await (const { id: seq, event, data } of api.events(pathOf(id, '/events'), { tenant, afterSeq })) {
        if (event === 'end') return;
        if (event === 'fault') throw problemIn(data) ?? unreachable('WATCH_CUT', 'The watch was cut.');
        print(json ? data : describeEvent(JSON.parse(data) as SessionEventJson, pc.isColorSupported));
        afterSeq = seq;
        cut = 0;
      }
      throw unreachable('WATCH_CUT', 'The stream ended before the session did.');
    } catch (error) {
      const again = isFault(error) && error.kind === 'unreachable' && ++cut <= reconnectsMax;
      // A gateway that was never there is told at once; one that went away comes back.
      if (!again || afterSeq === after) throw error;
      await sleep(reconnectPauseMs);
    }
  }
}

async function get(id: string, { url, tenant, json }: Common): Promise<void> {
  const { session } = (await new GatewayApi(url).get(pathOf(id), { tenant })) as { session: SessionJson };
  print(json ? JSON.stringify(session) : describeSession(session, pc.isColorSupported));
}

async function list(flags: Common & { status?: string; agent?: string; limit: string; page?: string }): Promise<void> {
  const { url, tenant, status = '', agent = '', limit: pageSize, page: pageToken = '' } = flags;
  const query = { tenant, status, agent, pageSize, pageToken };
  const answer = (await new GatewayApi(url).get('v1/sessions', query)) as {
    sessions?: SessionJson[];
    nextPageToken?: string;
  };
  const { sessions = [], nextPageToken } = answer;
  if (flags.json) return sessions.forEach((session) => print(JSON.stringify(session)));
  print(sessions.length === 0 ? 'No sessions.' : sessionTable(sessions, pc.isColorSupported));
  if (nextPageToken) print(pc.dim(`more: --page ${nextPageToken}`));
}

async function cancel(id: string, { url, tenant, json, reason }: Common & { reason: string }): Promise<void> {
  await new GatewayApi(url).post(pathOf(id, '/cancel'), { tenant }, { reason });
  print(json ? '{}' : `The cancel is on its way to ${id}.`);
}

async function send(id: string, text: string, flags: Common & { messageId?: string }): Promise<void> {
  const { url, tenant, json, messageId = randomUUID() } = flags;
  await new GatewayApi(url).post(pathOf(id, '/messages'), { tenant }, { messageId, text });
  print(json ? JSON.stringify({ messageId }) : `The message is on its way to ${id}.`);
}
