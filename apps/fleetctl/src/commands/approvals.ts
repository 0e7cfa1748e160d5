/** `fleetctl approvals …`: the calls that wait for a person, and the person's word. */
import type { Command } from 'commander';
import { invalid } from '@toolfleet/kernel';
import { GatewayApi, defaultUrl } from '../gateway-api.js';

interface Common {
  readonly url: string;
  readonly tenant: string;
  readonly json?: boolean;
}

interface DecideFlags extends Common {
  readonly by?: string;
  readonly comment: string;
}

interface ApprovalJson {
  readonly callId: string;
  readonly tool?: string;
  readonly arguments?: string;
  readonly state: string;
  readonly reason?: string;
  readonly requestedBy?: string;
  readonly approvedBy?: readonly string[];
  readonly approversNeeded?: number;
  readonly expiresAtMs?: string;
}

const argumentsCharsMax = 400;
const print = (text: string): void => void process.stdout.write(`${text}\n`);

export function registerApprovals(program: Command): void {
  const approvals = program.command('approvals').description('calls that wait for a person');
  const add = (words: string, description: string) =>
    approvals
      .command(words)
      .description(description)
      .requiredOption('--tenant <name>', 'whose calls (default: TOOLFLEET_TENANT)', process.env['TOOLFLEET_TENANT'])
      .option('--url <url>', 'the gateway', process.env['TOOLFLEET_URL'] ?? defaultUrl)
      .option('--json', 'JSON, one object per line');
  add('list', 'print the calls that wait').action(list);
  for (const [word, approve] of [['approve', true] as const, ['refuse', false] as const]) {
    add(`${word} <callId>`, `${word} one call; the first decision that completes it counts`)
      .option('--by <name>', 'who decides (default: USER)', process.env['USER'])
      .option('--comment <text>', 'kept with the decision', '')
      .action((callId: string, flags: DecideFlags) => decide(callId, approve, flags));
  }
}

async function list({ url, tenant, json }: Common): Promise<void> {
  const answer = (await new GatewayApi(url).get('v1/approvals', { tenant })) as { approvals?: ApprovalJson[] };
  const { approvals = [] } = answer;
  if (json) return approvals.forEach((approval) => print(JSON.stringify(approval)));
  print(approvals.length === 0 ? 'No call waits for a person.' : approvals.map(describeApproval).join('\n'));
}

async function decide(callId: string, approve: boolean, flags: DecideFlags): Promise<void> {
  const { url, tenant, by: decidedBy, comment, json } = flags;
  if (!decidedBy)
    throw invalid('DECIDER_MISSING', 'Nobody is named who decides.', { hint: 'Name yourself with --by.' });
  const path = `v1/approvals/${encodeURIComponent(callId)}/decision`;
  const answer = (await new GatewayApi(url).post(path, { tenant }, { approve, decidedBy, comment })) as {
    approval: ApprovalJson;
  };
  print(json ? JSON.stringify(answer.approval) : describeApproval(answer.approval));
}

function describeApproval(approval: ApprovalJson): string {
  const { callId, tool = '', state, reason = '', requestedBy = '', approvedBy = [], approversNeeded = 1 } = approval;
  const until = new Date(Number(approval.expiresAtMs ?? 0)).toISOString();
  // Bytes are base64 in ProtoJSON; here they are the JSON text of the arguments.
  const args = Buffer.from(approval.arguments ?? '', 'base64')
    .toString('utf8')
    .replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ');
  const status = state.replace('APPROVAL_STATE_', '').toLowerCase();
  return [
    `${callId} ${tool} ${status}, ${approvedBy.length} of ${approversNeeded} agree, until ${until}`,
    `  ${args.slice(0, argumentsCharsMax)}`,
    `  asked for by ${requestedBy}${reason && `: ${reason}`}`,
  ].join('\n');
}
